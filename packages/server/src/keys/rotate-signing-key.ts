import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'

/** Signs JWTs with a new key from now on; those given before stay good. */
export async function rotateSigningKey(
  { db, clock, newId, signingKeys }: Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys'>,
  caller: Caller,
): Promise<{ kid: string; previous: string }> {
  const rotated = await signingKeys.rotate(clock.now())
  await db.write((tx) =>
    recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: caller.accountId,
      actor: { kind: 'operator', id: actorOf(caller).id },
      action: 'signing_key.rotated',
      target: rotated.kid,
      origin: caller.origin,
      detail: { previous: rotated.previous },
    }),
  )
  return rotated
}
