import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { type KeyvalueValue, readKeyvalues } from './keyvalues.ts'
import { type FileRow, findFile, findFileById } from './queries.ts'
import { findKeyvalues } from './keyvalue-queries.ts'

/** A file with its key-values. */
export interface FileWithKeyvalues {
  readonly file: FileRow
  readonly keyvalues: Readonly<Record<string, KeyvalueValue>>
}

/** Which file: ids are looked up within an account and a network, so others' files are as if absent. */
export interface FileKey {
  readonly network: NetworkName
  readonly id: string
}

/** A file of the account. Throws `not_found` for what is absent, expired, deleted or somebody else's. */
export async function getFile(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  key: FileKey,
): Promise<FileWithKeyvalues> {
  return withKeyvalues(db.read, await getHeldFile(db.read, caller, key, clock.now()))
}

/** A file of the account on whichever network it is. Throws `not_found` as `getFile` does. */
export async function getFileById(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<FileWithKeyvalues> {
  const file = await findFileById(db.read, { account: accountId, id, now: clock.now(), reach })
  if (file === undefined) throw noSuchFile()
  return withKeyvalues(db.read, file)
}

async function withKeyvalues(db: Db, file: FileRow): Promise<FileWithKeyvalues> {
  return { file, keyvalues: readKeyvalues((await findKeyvalues(db, [file.id])).get(file.id) ?? []) }
}

/** The row alone, for operations that go on with it. Throws `not_found`. */
export async function getHeldFile(
  db: Db,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  { network, id }: FileKey,
  now: number,
): Promise<FileRow> {
  const file = await findFile(db, { account: accountId, network: networkNumbers[network], id, now, reach })
  if (file === undefined) throw noSuchFile()
  return file
}

/** The same words for what never was, what is gone, and what belongs to somebody else. */
export function noSuchFile(): AppError {
  return new AppError('not_found', 'There is no such file in this account')
}
