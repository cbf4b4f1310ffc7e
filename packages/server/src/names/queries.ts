import { type Insertable, type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import type { IpnsNameTable, IpnsRecordTable } from '../db/name-tables.ts'

/** A name as it stands in the table. */
export type IpnsNameRow = Selectable<IpnsNameTable>

/** Something that was published. */
export type IpnsRecordRow = Selectable<IpnsRecordTable>

/** Which name of which account. */
type Which = { readonly accountId: string; readonly id: string }

/** Adds a name. False when the account has one of this label or this key already. */
export async function insertName(tx: Db, row: IpnsNameRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('ipns_names')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

/** How many names an account has. */
export async function countNames(db: Db, accountId: string): Promise<number> {
  const { names } = await db
    .selectFrom('ipns_names')
    .select((eb) => eb.fn.countAll<number | string>().as('names'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return Number(names)
}

/** Names of an account after `after` (an id), oldest first; only those that lead to a CID, when one is given. */
export function listNames(
  db: Db,
  which: {
    accountId: string
    after: string
    limit: number
    content?: Pick<IpnsNameRow, 'multihash' | 'codec'> | undefined
  },
): Promise<IpnsNameRow[]> {
  const { accountId, after, limit, content } = which
  let query = db.selectFrom('ipns_names').selectAll().where('account_id', '=', accountId).where('id', '>', after)
  if (content !== undefined) query = query.where('multihash', '=', content.multihash).where('codec', '=', content.codec)
  return query.orderBy('id').limit(limit).execute()
}

/** A name of the account. */
export function findName(db: Db, { accountId, id }: Which): Promise<IpnsNameRow | undefined> {
  return nameOf(db, { accountId, id }).executeTakeFirst()
}

/** The same, locked until the write ends. */
export function lockName(tx: Db, which: Which): Promise<IpnsNameRow | undefined> {
  return nameOf(tx, which).$call(forUpdate(tx)).executeTakeFirst()
}

function nameOf(db: Db, { accountId, id }: Which) {
  return db.selectFrom('ipns_names').selectAll().where('id', '=', id).where('account_id', '=', accountId)
}

/** Whether the account has another name of this label. */
export async function isLabelTaken(db: Db, { accountId, id, label }: Which & { label: string }): Promise<boolean> {
  const query = db.selectFrom('ipns_names').select('id').where('account_id', '=', accountId).where('label', '=', label)
  return (await query.where('id', '!=', id).executeTakeFirst()) !== undefined
}

/** A name, whoever has it, and whether its account is disabled. */
export async function findNameToServe(
  db: Db,
  id: string,
): Promise<(IpnsNameRow & { readonly isDisabled: boolean }) | undefined> {
  const row = await db
    .selectFrom('ipns_names')
    .innerJoin('accounts', 'accounts.id', 'ipns_names.account_id')
    .selectAll('ipns_names')
    .select('accounts.disabled_at')
    .where('ipns_names.id', '=', id)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { disabled_at: disabledAt, ...name } = row
  return { ...name, isDisabled: disabledAt !== null }
}

/** The same, locked until the write ends. */
export async function lockNameToServe(tx: Db, id: string): ReturnType<typeof findNameToServe> {
  const locked = await tx.selectFrom('ipns_names').select('id').where('id', '=', id).$call(forUpdate(tx)).execute()
  return locked.length === 0 ? undefined : findNameToServe(tx, id)
}

/** Says whether the network was told of a record, unless the name has another one by now. */
export async function markTold(
  tx: Db,
  { id, sequence, validUntil }: { id: string; sequence: number; validUntil: number | null },
  change: Partial<Pick<IpnsNameRow, 'told_at' | 'tell_error'>>,
): Promise<void> {
  await tx
    .updateTable('ipns_names')
    .set(change)
    .where('id', '=', id)
    .where('sequence', '=', sequence)
    .where('valid_until', '=', validUntil)
    .execute()
}

/** Changes a name. */
export async function updateName(
  tx: Db,
  id: string,
  change: Partial<Omit<IpnsNameRow, 'id' | 'account_id' | 'name' | 'created_at'>>,
): Promise<void> {
  await tx.updateTable('ipns_names').set(change).where('id', '=', id).execute()
}

/** Removes a name with its history. */
export async function deleteName(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('ipns_names').where('id', '=', id).execute()
}

/** Rows of one statement: SQLite takes 32,766 values. */
const rowsAtOnce = 500

/** Adds to the history of a name. */
export async function insertRecords(tx: Db, rows: readonly Insertable<IpnsRecordTable>[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce)
    await tx
      .insertInto('ipns_records')
      .values(rows.slice(at, at + rowsAtOnce))
      .execute()
}

/** A record holds for longer: it was signed anew. */
export async function extendRecord(
  tx: Db,
  { nameId, sequence, ...change }: { nameId: string; sequence: number; valid_until: number; ttl_ms: number },
): Promise<void> {
  await tx
    .updateTable('ipns_records')
    .set(change)
    .where('name_id', '=', nameId)
    .where('sequence', '=', sequence)
    .execute()
}

/** What was published under a name before `before`, newest first. */
export function listRecords(
  db: Db,
  { nameId, before, limit }: { nameId: string; before: number; limit: number },
): Promise<IpnsRecordRow[]> {
  return db
    .selectFrom('ipns_records')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('sequence', '<', before)
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
}

/** One record of a name. */
export function findRecord(
  db: Db,
  { nameId, sequence }: { nameId: string; sequence: number },
): Promise<IpnsRecordRow | undefined> {
  return db
    .selectFrom('ipns_records')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
}

/** Keeps the newest `keep` records of a name. */
export async function forgetOldRecords(tx: Db, { nameId, keep }: { nameId: string; keep: number }): Promise<void> {
  const [oldest] = await tx
    .selectFrom('ipns_records')
    .select('sequence')
    .where('name_id', '=', nameId)
    .orderBy('sequence', 'desc')
    .offset(keep)
    .limit(1)
    .execute()
  if (oldest === undefined) return
  await tx.deleteFrom('ipns_records').where('name_id', '=', nameId).where('sequence', '<=', oldest.sequence).execute()
}

/** The record under a name that has the highest number, of accounts that are not disabled. */
export async function findPublished(db: Db, name: string): Promise<Uint8Array | undefined> {
  const [row] = await selectPublished(db, { name })
  return row?.record ?? undefined
}

const selectPublished = statement((db, param: Placeholder<{ name: string }>) =>
  db
    .selectFrom('ipns_names')
    .innerJoin('accounts', 'accounts.id', 'ipns_names.account_id')
    .select('ipns_names.record')
    .where('ipns_names.name', '=', param('name'))
    .where('ipns_names.record', 'is not', null)
    .where('accounts.disabled_at', 'is', null)
    .orderBy('ipns_names.sequence', 'desc')
    .orderBy('ipns_names.valid_until', 'desc')
    // As a literal: see `files/queries.ts`.
    .limit(sql.lit(1)),
)

/** Which of these contents the account holds, and on which networks. */
export async function listHeldOf(
  db: Db,
  { accountId, multihashes, now }: { accountId: string; multihashes: readonly Uint8Array[]; now: number },
): Promise<{ multihash: Uint8Array; codec: number; network: number }[]> {
  if (multihashes.length === 0) return []
  return db
    .selectFrom('files')
    .select(['multihash', 'codec', 'network'])
    .distinct()
    .where('account_id', '=', accountId)
    .where('state', '=', 'held')
    .where('multihash', 'in', multihashes)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .execute()
}
