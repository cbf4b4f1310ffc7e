import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { actorOf, recordAudit } from './audit.ts'
import { updateAccount } from './queries.ts'

/** Keeps the regions (JSON; null is none) that public files of the account carry from now on. */
export async function changePinPolicy(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  policy: string | null,
): Promise<void> {
  const id = newId()
  const at = clock.now()
  const { accountId } = caller
  await db.write(async (tx) => {
    await updateAccount(tx, accountId, { pin_policy: policy })
    await recordAudit(tx, {
      id,
      at,
      accountId,
      actor: actorOf(caller),
      action: 'account.pin_policy_changed',
      target: accountId,
      origin: caller.origin,
      detail: { regions: policy === null ? [] : JSON.parse(policy) },
    })
  })
}
