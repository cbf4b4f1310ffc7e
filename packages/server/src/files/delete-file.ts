import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { type FileKey, getHeldFile, noSuchFile } from './get-file.ts'
import { releaseFiles } from './release-file.ts'

/** Ends a file of the account; what it held stays as long as something else holds it. Throws `not_found`. */
export async function deleteFile(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: FileKey,
): Promise<void> {
  const at = clock.now()
  const id = newId()
  await db.write(async (tx) => {
    const file = await getHeldFile(tx, caller, key, at)
    const [released] = await releaseFiles(tx, [file], at)
    if (released === undefined) throw noSuchFile()
    await recordAudit(tx, {
      id,
      at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'file.deleted',
      target: file.id,
      origin: caller.origin,
      detail: { cid: file.cid, network: key.network },
    })
  })
}
