import { type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import type { FileTable } from '../db/file-tables.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import type { Reach } from '../caller.ts'
import { withinReach } from '../keys/reach.ts'

/** A file as it stands in the table. */
export type FileRow = Omit<Selectable<FileTable>, 'seq' | 'own_1' | 'own_2' | 'own_3' | 'held_at'>

/** Every column of a file but its number in the search index and those that a trigger fills. */
export const fileColumns = [
  'id',
  'account_id',
  'network',
  'state',
  'source',
  'pin_id',
  'cid',
  'multihash',
  'codec',
  'name',
  'name_folded',
  'size_bytes',
  'number_of_files',
  'mime_type',
  'group_id',
  'created_by_key',
  'created_at',
  'updated_at',
  'expires_at',
  'released_at',
  'pin_status',
  'pin_policy',
  'queued_origins',
] as const satisfies readonly (keyof FileRow)[]

/** Adds a file. */
export async function insertFile(tx: Db, row: FileRow): Promise<void> {
  await insertFiles(tx, [row])
}

/** Adds files. */
export const insertFiles = insertMany('files', fileColumns)

/** Says when the content of a file became durable here, where that was not when it was created. */
export async function markHeldAt(tx: Db, id: string, at: number): Promise<void> {
  await tx.updateTable('files').set({ held_at: at }).where('id', '=', id).execute()
}

/** Which content an account holds: multihash and codec say when two CIDs mean the same. */
export type HeldContent = { account: string; network: number; multihash: Uint8Array; codec: number; now: number }

/** As far as who asks may see it. */
type Reaching<Key> = Key & { readonly reach?: Reach | undefined }

/** The oldest upload of this content that the account holds. */
export async function findHeldUpload(
  db: Db,
  { reach, ...content }: Reaching<HeldContent>,
): Promise<FileRow | undefined> {
  if (reach !== undefined) {
    const query = heldContent(db, (name) => content[name]).where('source', '=', 'upload')
    return query.where(withinReach(reach)).limit(1).executeTakeFirst()
  }
  const [row] = await selectHeldUpload(db, content)
  return row
}

const heldContent = (db: Db, param: Placeholder<HeldContent>) =>
  db
    .selectFrom('files')
    .select(fileColumns)
    .where('account_id', '=', param('account'))
    .where('network', '=', param('network'))
    .where('multihash', '=', param('multihash'))
    .where('codec', '=', param('codec'))
    .where('state', '=', sql.lit('held'))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))]))
    .orderBy('id')

const selectHeldUpload = statement((db, param: Placeholder<HeldContent>) =>
  heldContent(db, param)
    .where('source', '=', sql.lit('upload'))
    // As a literal: a bound limit makes SQLite prepare the statement anew each time, six times its cost.
    .limit(sql.lit(1)),
)

/** Held files of this content after `after` (an id), oldest first, locked until the write ends. */
export function listHeldByContent(
  tx: Db,
  { reach, ...content }: Reaching<HeldContent & { after: string; limit: number }>,
): Promise<FileRow[]> {
  if (reach === undefined) return selectHeldByContent(tx, content)
  const query = heldContent(tx, (name) => content[name]).where(withinReach(reach))
  return query.where('id', '>', content.after).limit(content.limit).execute()
}

const selectHeldByContent = statement((db, param: Placeholder<HeldContent & { after: string; limit: number }>) =>
  heldContent(db, param).where('id', '>', param('after')).limit(param('limit')),
)

/** A held file of the account that has not expired. */
export async function findFile(
  db: Db,
  { reach, ...key }: Reaching<{ account: string; network: number; id: string; now: number }>,
): Promise<FileRow | undefined> {
  if (reach !== undefined)
    return fileOf(db, (name) => key[name])
      .where(withinReach(reach))
      .executeTakeFirst()
  const [row] = await selectFile(db, key)
  return row
}

const fileOf = (db: Db, param: Placeholder<{ account: string; network: number; id: string; now: number }>) =>
  anyFileOf(db, param).where('network', '=', param('network'))

const selectFile = statement(fileOf)

/** These files, in whichever state they are, oldest first. */
export async function findFilesById(db: Db, ids: readonly string[]): Promise<FileRow[]> {
  if (ids.length === 0) return []
  return db.selectFrom('files').select(fileColumns).where('id', 'in', ids).orderBy('id').execute()
}

/** As `findFile`, on whichever network it is. */
export async function findFileById(
  db: Db,
  { reach, ...key }: Reaching<{ account: string; id: string; now: number }>,
): Promise<FileRow | undefined> {
  if (reach !== undefined)
    return anyFileOf(db, (name) => key[name])
      .where(withinReach(reach))
      .executeTakeFirst()
  const [row] = await selectFileById(db, key)
  return row
}

function anyFileOf(db: Db, param: Placeholder<{ account: string; id: string; now: number }>) {
  return db
    .selectFrom('files')
    .select(fileColumns)
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account'))
    .where('state', '=', sql.lit('held'))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))]))
}

const selectFileById = statement(anyFileOf)

/** What is known of the copy that a file holds, beside the file. */
export async function findHolding(
  db: Db,
  id: string,
): Promise<{ held_at: number | null; number_of_blocks: number } | undefined> {
  const [row] = await selectHolding(db, { id })
  return row
}

const selectHolding = statement((db, param: Placeholder<{ id: string }>) =>
  db
    .selectFrom('files')
    .innerJoin('pins', 'pins.id', 'files.pin_id')
    .select(['files.held_at', 'pins.number_of_blocks'])
    .where('files.id', '=', param('id')),
)

/** Held files whose time is over, the first of them. */
export function listExpired(db: Db, { now, limit }: { now: number; limit: number }): Promise<FileRow[]> {
  return selectExpired(db, { now, limit })
}

const selectExpired = statement((db, param: Placeholder<{ now: number; limit: number }>) =>
  db
    .selectFrom('files')
    .select(fileColumns)
    .where('expires_at', '<=', param('now'))
    .where('state', '=', sql.lit('held'))
    .orderBy('expires_at')
    .limit(param('limit')),
)

/** What files of the account on a network count whose time is over and which are not released yet. */
export async function findExpiredTotals(
  db: Db,
  key: { account: string; network: number; now: number },
): Promise<{ files: number; bytes: number }> {
  const [row] = await selectExpiredTotals(db, key)
  return row ?? { files: 0, bytes: 0 }
}

const selectExpiredTotals = statement((db, param: Placeholder<{ account: string; network: number; now: number }>) =>
  db
    .selectFrom('files')
    .select([sql<number>`count(*)`.as('files'), sql<number>`coalesce(sum(size_bytes), 0)`.as('bytes')])
    .where('expires_at', '<=', param('now'))
    // Written so that only the index of what expires can be used: few files do, an account may hold a million.
    .where(sql<string>`state || ''`, '=', sql.lit('held'))
    .where(sql<string>`account_id || ''`, '=', param('account'))
    .where(sql<number>`network + 0`, '=', param('network')),
)

/** As the totals of an account, of what a reach holds of it: added up, since nothing is counted for it. */
export async function findReachedTotals(
  db: Db,
  { account, network, now, reach }: { account: string; network: number; now: number; reach: Reach },
): Promise<{ files: number; bytes: number }> {
  return db
    .selectFrom('files')
    .select([sql<number>`count(*)`.as('files'), sql<number>`cast(coalesce(sum(size_bytes), 0) as bigint)`.as('bytes')])
    .where('account_id', '=', account)
    .where('network', '=', network)
    .where('state', '=', sql.lit('held'))
    .where(withinReach(reach))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirstOrThrow()
}

/**
 * Changes what an account may change about a held file, which nobody else can change then until the write ends. False
 * when it is not held any more.
 */
export async function updateHeldFile(
  tx: Db,
  id: string,
  change: Partial<Pick<FileRow, 'name' | 'name_folded' | 'expires_at' | 'updated_at' | 'pin_policy'>>,
): Promise<boolean> {
  const query = tx.updateTable('files').set(change).where('id', '=', id).where('state', '=', 'held')
  return (await query.executeTakeFirst()).numUpdatedRows === 1n
}

/** Turns a held file into history. True for the one caller that did it. */
export async function markReleased(tx: Db, id: string, now: number): Promise<boolean> {
  return (await release.changes(tx, { id, now })) === 1
}

const release = statement((tx, param: Placeholder<{ id: string; now: number }>) =>
  tx
    .updateTable('files')
    .set({
      state: sql.lit('released'),
      pin_id: null,
      group_id: null,
      pin_status: null,
      expires_at: null, // so that the index of what will expire holds nothing that is over
      released_at: param('now'),
      updated_at: param('now'),
    })
    .where('id', '=', param('id'))
    .where('state', '=', sql.lit('held')),
)
