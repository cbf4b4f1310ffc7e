import { actorOf, recordAudit } from '../accounts/audit.ts'
import { errnoOf } from '../blobs/file-ops.ts'
import { storageFault } from '../blobs/storage-fault.ts'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'

/**
 * Signs JWTs with a new key from now on; those given before stay good. Throws `storage_full` or `storage_failed` where the
 * data directory takes no file; then the key of before signs on.
 */
export async function rotateSigningKey(
  { db, clock, newId, signingKeys }: Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys'>,
  caller: Caller,
): Promise<{ kid: string; previous: string }> {
  const rotated = await signingKeys.rotate(clock.now()).catch((error: unknown) => {
    throw errnoOf(error) === undefined ? error : storageFault(error)
  })
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
