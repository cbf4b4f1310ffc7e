import { type Key, type KeyDetail } from '@pinyon/contract/schemas/keys.ts'
import { presentPermissions } from '@pinyon/contract/permissions.ts'
import type { z } from 'zod'
import { idsAbove, readBounds, readGranted } from '../keys/key-cache.ts'
import { stateOf } from '../keys/list-keys.ts'
import type { KeyRow } from '../keys/queries.ts'
import { presentTime } from './present-time.ts'

/** A key as Pinata's lists show it. */
export function presentKey(key: KeyRow): z.infer<typeof Key> {
  return {
    id: key.id,
    name: key.name,
    key: key.public_part,
    secret: '',
    max_uses: key.max_uses,
    uses: key.uses,
    user_id: key.account_id,
    scopes: presentPermissions(readGranted(key.permissions)),
    revoked: key.revoked_at !== null,
    createdAt: presentTime(key.created_at),
    updatedAt: presentTime(key.updated_at),
    expires_at: presentTime(key.expires_at),
    last_used_at: presentTime(key.last_used_at),
  }
}

/** A key with everything we know of it. */
export function presentKeyDetail(key: KeyRow, now: number): z.infer<typeof KeyDetail> {
  return {
    id: key.id,
    name: key.name,
    publicPart: key.public_part,
    permissions: presentPermissions(readGranted(key.permissions)),
    state: stateOf(key, now),
    maxUses: key.max_uses,
    uses: key.uses,
    createdAt: presentTime(key.created_at),
    createdBy: { userId: key.created_by_user, keyId: key.created_by_key },
    expiresAt: presentTime(key.expires_at),
    parentId: key.parent_id,
    depth: idsAbove(key.ancestors).length,
    bounds: readBounds(key).bounds ?? null,
    uploadedBytes: key.uploaded_bytes,
    lastUsed:
      key.last_used_at === null
        ? null
        : { at: presentTime(key.last_used_at), route: key.last_used_route, address: key.last_used_address },
    revokedAt: presentTime(key.revoked_at),
    regeneratedAt: presentTime(key.regenerated_at),
    previousSecretUntil:
      key.previous_until !== null && key.previous_until > now ? presentTime(key.previous_until) : null,
  }
}
