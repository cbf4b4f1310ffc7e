import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { getCoveredKey } from './list-keys.ts'
import { markKeyRevoked } from './queries.ts'

/** Ends a key for good, from the next request on. Revoking it again changes nothing. Throws `not_found`. */
export async function revokeKey(
  { db, clock, newId, keyCache }: Pick<Services, 'db' | 'clock' | 'newId' | 'keyCache'>,
  caller: Caller,
  publicPart: string,
): Promise<void> {
  const key = await getCoveredKey({ db }, caller, { publicPart })
  await db.write(async (tx) => {
    const at = clock.now()
    if (!(await markKeyRevoked(tx, key.id, at))) return
    await recordAudit(tx, {
      id: newId(),
      at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'key.revoked',
      target: key.id,
      origin: caller.origin,
      detail: { name: key.name },
    })
  })
  keyCache.forget(key.public_part)
}
