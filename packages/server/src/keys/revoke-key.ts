import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { recordEvent } from '../events/record-event.ts'
import type { Services } from '../services.ts'
import { keyEvent } from './key-event.ts'
import { getCoveredKey } from './list-keys.ts'
import { markKeyRevoked, markTreeRevoked, type KeyRow } from './queries.ts'

/** Ends a key and all keys below it for good, from the next request on. Revoking it again changes nothing. Throws `not_found`. */
export async function revokeKey(
  { db, clock, newId, keyCache }: Pick<Services, 'db' | 'clock' | 'newId' | 'keyCache'>,
  caller: Caller,
  publicPart: string,
): Promise<void> {
  const key = await getCoveredKey({ db }, caller, { publicPart })
  await db.write((tx) => markRevoked({ clock, newId }, tx, caller, key))
  keyCache.forget(key.public_part)
}

/**
 * Ends a key and those below it, and says so in the audit log; nothing when it was ended before. Have the cache forget it
 * after the commit.
 */
export async function markRevoked(
  { clock, newId }: Pick<Services, 'clock' | 'newId'>,
  tx: Db,
  caller: Caller,
  key: KeyRow,
): Promise<void> {
  const at = clock.now()
  if (!(await markKeyRevoked(tx, key.id, at))) return
  // After the key itself, which nobody makes children with any more (`holdKeysAbove`).
  const children = await markTreeRevoked(tx, key, at)
  await recordEvent(tx, keyEvent(key, 'key.revoked', at))
  await recordAudit(tx, {
    id: newId(),
    at,
    accountId: caller.accountId,
    actor: actorOf(caller),
    action: 'key.revoked',
    target: key.id,
    origin: caller.origin,
    detail: { name: key.name, ...(children === 0 ? {} : { children }) },
  })
}
