import type { Limits } from '../config/config.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { foldText } from '../lib/fold.ts'
import type { Services } from '../services.ts'
import { recordFileUpdated } from './file-events.ts'
import { type FileKey, type FileWithKeyvalues, getHeldFile, noSuchFile } from './get-file.ts'
import { changeKeyvalues, type KeyvaluesChange, readKeyvalues } from './keyvalues.ts'
import { findKeyvalues } from './keyvalue-queries.ts'
import { updateHeldFile } from './queries.ts'

/** What may be changed about a file; what is left out stays. */
export interface FileChange {
  readonly name?: string | undefined
  readonly keyvalues?: KeyvaluesChange | undefined
  /** Milliseconds; null: it does not expire any more. */
  readonly expiresAt?: number | null | undefined
}

/** Changes a file and gives it back as it is then. Throws `not_found`, `invalid_request`. */
export async function updateFile(
  { db, clock, config }: Pick<Services, 'db' | 'clock' | 'config'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  key: FileKey,
  change: FileChange,
): Promise<FileWithKeyvalues> {
  const now = clock.now()
  return db.write((tx) => changeFile(tx, caller, key, change, { now, limits: config.limits }))
}

/** The same as part of a write. */
export async function changeFile(
  tx: Db,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  key: FileKey,
  { name, keyvalues, expiresAt }: FileChange,
  { now, limits }: { readonly now: number; readonly limits: Limits },
): Promise<FileWithKeyvalues> {
  if (typeof expiresAt === 'number') requireFuture(expiresAt, now)
  const before = await getHeldFile(tx, caller, key, now)
  const change = {
    updated_at: now,
    ...(name === undefined ? {} : { name, name_folded: foldText(name) }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
  }
  if (!(await updateHeldFile(tx, before.id, change))) throw noSuchFile()
  const valuesBefore = readKeyvalues((await findKeyvalues(tx, [before.id])).get(before.id) ?? [])
  const values =
    keyvalues === undefined
      ? valuesBefore
      : await changeKeyvalues(tx, { ...before, file_id: before.id }, valuesBefore, keyvalues, limits)
  const after = { ...before, ...change }
  await recordFileUpdated(tx, { before, after, keyvalues: { before: valuesBefore, after: values } }, now)
  return { file: after, keyvalues: values }
}

/** Throws `invalid_request` for a time that is over. */
export function requireFuture(expiresAt: number, now: number): void {
  if (expiresAt <= now) throw new AppError('invalid_request', 'expires_at: must be in the future')
}
