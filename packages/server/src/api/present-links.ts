import { type Link, UploadBounds } from '@pinyon/contract/schemas/links.ts'
import type { z } from 'zod'
import type { ListedLink } from '../links/list-links.ts'
import { presentTime } from './present-time.ts'

/** A link as its account sees it. */
export function presentLink({ link, state }: ListedLink): z.infer<typeof Link> {
  return {
    id: link.id,
    kind: link.kind === 'upload' ? 'upload' : 'download',
    state,
    network: link.network === 1 ? 'public' : 'private',
    method: link.method,
    file: link.file_id === null ? null : { id: link.file_id, name: link.file_name },
    cid: link.cid,
    path: link.path,
    bounds: link.bounds === null ? null : UploadBounds.parse(JSON.parse(link.bounds)),
    uses: link.uses,
    maxUses: link.max_uses,
    lastUsedAt: presentTime(link.used_at),
    startsAt: presentTime(link.starts_at),
    expiresAt: presentTime(link.expires_at),
    createdAt: presentTime(link.created_at),
    createdBy: { userId: link.created_by_user, keyId: link.created_by_key },
    revokedAt: presentTime(link.revoked_at),
  }
}
