import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import type { Services } from '../services.ts'
import { type FileKey, getHeldFile, noSuchFile } from './get-file.ts'
import type { FileRow } from './queries.ts'
import { releaseFiles } from './release-file.ts'

/** Ends a file of the account and gives it back; what it held stays as long as something else holds it. Throws `not_found`. */
export async function deleteFile(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: FileKey,
): Promise<FileRow> {
  const line = { id: newId(), at: clock.now() }
  return db.write((tx) => endFile(tx, caller, key, line))
}

/** The same as part of a write; `line` is the id of its line in the audit log and the time. */
export async function endFile(
  tx: Db,
  caller: Caller,
  key: FileKey,
  { id, at }: { readonly id: string; readonly at: number },
): Promise<FileRow> {
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
  return file
}
