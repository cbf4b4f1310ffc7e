import type { Link, LinkPageQuery } from '@pinyon/contract/schemas/links.ts'
import type { z } from 'zod'
import type { Caller } from '../caller.ts'
import { madeWithinReach } from '../keys/reach.ts'
import type { Services } from '../services.ts'
import { type LinkWithNeeds, listLinks } from './queries.ts'

/** What has become of a link. */
type LinkState = z.infer<typeof Link>['state']

/** A link and what has become of it. */
export interface ListedLink {
  readonly link: LinkWithNeeds
  readonly state: LinkState
}

/** A page of the links of the account that the caller made or sees, newest first. */
export async function pageLinks(
  { db, clock, linkUses }: Pick<Services, 'db' | 'clock' | 'linkUses'>,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach'>,
  query: z.infer<typeof LinkPageQuery>,
): Promise<{ links: ListedLink[]; nextPageToken: string | null }> {
  await linkUses.flush()
  const now = clock.now()
  const limit = query.limit ?? 100
  const rows = await listLinks(db.read, {
    accountId: caller.accountId,
    made: madeWithinReach(caller),
    kind: query.kind,
    fileId: query.fileId,
    activeAt: query.active === true ? now : undefined,
    before: query.pageToken,
    limit: limit + 1,
  })
  const links = rows.slice(0, limit).map((link) => ({ link, state: stateOf(link, now) }))
  return { links, nextPageToken: rows.length > limit ? (links.at(-1)?.link.id ?? null) : null }
}

/** What ended it first in the eyes of its owner. */
function stateOf(link: LinkWithNeeds, now: number): LinkState {
  if (link.revoked_at !== null || link.key_revoked_at !== null) return 'revoked'
  if (link.max_uses !== null && link.uses >= link.max_uses) return 'used'
  if (now >= Math.min(link.expires_at, link.key_expires_at ?? Infinity)) return 'expired'
  if (link.kind === 'download' && (link.file_state !== 'held' || (link.file_expires_at ?? Infinity) <= now))
    return 'gone'
  return 'active'
}
