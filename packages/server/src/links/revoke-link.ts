import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { madeWithinReach } from '../keys/reach.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { hasLink, markLinkRevoked } from './queries.ts'

/**
 * Ends a link of the account that the caller made or sees, from the next request on. Revoking it again changes nothing.
 * Throws `not_found`.
 */
export async function revokeLink(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<void> {
  const at = clock.now()
  const { accountId } = caller
  const lineId = newId()
  await db.write(async (tx) => {
    if (!(await hasLink(tx, { id, accountId, made: madeWithinReach(caller) }))) {
      throw new AppError('not_found', 'There is no such link in this account')
    }
    const link = await markLinkRevoked(tx, { id, at })
    if (link === undefined) return
    await recordAudit(tx, {
      id: lineId,
      at,
      accountId,
      actor: actorOf(caller),
      action: 'link.revoked',
      target: id,
      origin: caller.origin,
      detail: { kind: link.kind, cid: link.cid, path: link.path },
    })
  })
}
