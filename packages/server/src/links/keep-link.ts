import type { Granted } from '@pinyon/contract/permissions.ts'
import { allows, type Asked, describeAsked } from '@pinyon/contract/permissions.ts'
import { actorOf } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { writeSignedQuery } from './link-signature.ts'
import type { LinkRow } from './queries.ts'

/** How long what ended can still be seen in the list, at least and at most; in between, as long as it lived. */
const rememberedMs = { least: 3_600_000, most: 30 * 86_400_000 } as const
/** Links that live longer stand in the audit log; programs sign shorter ones for every view, and would drown it. */
const auditedMs = 3_600_000

/** When a link holds, in milliseconds. */
export interface LinkTimes {
  readonly startsAt: number
  readonly expiresAt: number
}

/** Reads `date` (milliseconds) and `expires` (seconds) of a signing; a life beyond the most there may be is cut. */
export function readLinkTimes(
  { date, expires }: { date: number | null | undefined; expires: number },
  { now, maxDays }: { now: number; maxDays: number },
): LinkTimes {
  const startsAt = Math.floor((date ?? now) / 1_000) * 1_000
  return { startsAt, expiresAt: startsAt + Math.min(Math.floor(expires), maxDays * 86_400) * 1_000 }
}

/** Throws `scope_missing` unless the caller may do by itself what the link will do. */
export function requirePower(granted: Granted, asked: Asked, what: string): void {
  if (allows(granted, asked)) return
  throw new AppError(
    'scope_missing',
    `This key does not have the required scopes: a link can do no more than the key that signs it, and a link ${what} needs ${describeAsked(asked)} beside links.sign.`,
  )
}

/** Keeps a link, durably, and gives back the query that makes an address this link. */
export async function keepLink(
  { linkBatch, clock, newId, signingKeys }: Pick<Services, 'linkBatch' | 'clock' | 'newId' | 'signingKeys'>,
  caller: Caller,
  times: LinkTimes,
  link: Pick<LinkRow, 'network' | 'method' | 'file_id' | 'cid' | 'path' | 'query' | 'bounds' | 'max_uses'> & {
    readonly kind: 'upload' | 'download'
  },
): Promise<{ id: string; query: string }> {
  const id = newId()
  const at = clock.now()
  const { startsAt, expiresAt } = times
  const lifeMs = expiresAt - startsAt
  const row: LinkRow = {
    ...link,
    id,
    account_id: caller.accountId,
    uses: 0,
    used_at: null,
    starts_at: startsAt,
    expires_at: expiresAt,
    forget_at: Math.max(at, expiresAt) + Math.max(rememberedMs.least, Math.min(lifeMs, rememberedMs.most)),
    created_at: at,
    created_by_key: caller.key?.id ?? null,
    created_by_user: caller.user?.id ?? null,
    revoked_at: null,
  }
  const line = {
    id: newId(),
    at,
    accountId: caller.accountId,
    actor: actorOf(caller),
    action: 'link.signed',
    target: id,
    origin: caller.origin,
    detail: { kind: link.kind, cid: link.cid, path: link.path, expiresAt, maxUses: link.max_uses },
  }
  await linkBatch.add(row, lifeMs > auditedMs ? line : undefined)
  const [secret] = signingKeys.linkSecrets()
  if (secret === undefined) throw new Error('There is always a key that signs')
  const parts = { kind: link.kind, id, date: startsAt / 1_000, expires: lifeMs / 1_000, method: link.method }
  return { id, query: writeSignedQuery(secret, parts) }
}
