import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { type Insertable, type RawBuilder, type Selectable, sql, type SqlBool } from 'kysely'
import type { Caller, Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { forShare, forUpdate } from '../db/for-update.ts'
import { textContains } from '../db/name-search.ts'
import type { GroupTable } from '../db/file-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { networkNumbers } from '../pins/network.ts'

/** A group as it stands in the table. */
export type GroupRow = Selectable<GroupTable>

/** Whose groups, and which of them (`withinReach` of groups). */
type Who = Pick<Caller, 'accountId' | 'reach'>

/** A group of the account on that network; undefined for what is absent or somebody else's. */
export async function findGroup(
  db: Db,
  accountId: string,
  network: NetworkName,
  id: string,
): Promise<GroupRow | undefined> {
  const [row] = await selectGroup(db, { account: accountId, network: networkNumbers[network], id })
  return row
}

/** As `findGroup`, in a write that puts files into it: it cannot be deleted until the write ends. */
export async function holdGroup(
  tx: Db,
  accountId: string,
  network: NetworkName,
  id: string,
): Promise<GroupRow | undefined> {
  const [row] = await selectShared(tx, { account: accountId, network: networkNumbers[network], id })
  return row
}

/** As `findGroup`, in a write that changes or deletes it. */
export async function lockGroup(
  tx: Db,
  accountId: string,
  network: NetworkName,
  id: string,
): Promise<GroupRow | undefined> {
  const [row] = await selectLocked(tx, { account: accountId, network: networkNumbers[network], id })
  return row
}

type GroupKey = { account: string; network: number; id: string }

const oneGroup = (db: Db, param: Placeholder<GroupKey>) =>
  db
    .selectFrom('groups')
    .selectAll()
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account'))
    .where('network', '=', param('network'))

const selectGroup = statement((db, param: Placeholder<GroupKey>) => oneGroup(db, param))
const selectShared = statement((tx, param: Placeholder<GroupKey>) => oneGroup(tx, param).$call(forShare(tx)))
const selectLocked = statement((tx, param: Placeholder<GroupKey>) => oneGroup(tx, param).$call(forUpdate(tx)))

/** Whether a caller may see and change a group that was found: what is beyond is as if it were not there. */
export async function isWithinReach(db: Db, { reach }: Who, { id, created_by_key }: GroupRow): Promise<boolean> {
  if (reach === undefined) return true
  if (reach.groups !== undefined) return reach.groups.includes(id)
  if (reach.owner === undefined || created_by_key === null) return false
  const { rows } = await sql`
    select 1 from keys where keys.id = ${created_by_key} and ${madeBelow(reach.owner)}`.execute(db)
  return rows.length > 0
}

/** The condition on a row of `keys` that it is the owner of a reach, or below it. */
function madeBelow({ keyId, level }: NonNullable<Reach['owner']>): RawBuilder<SqlBool> {
  return sql<SqlBool>`${sql.ref(`keys.own_${level}`)} = ${keyId}`
}

/** Adds a group. */
export async function insertGroup(tx: Db, row: Insertable<GroupTable>): Promise<void> {
  await tx.insertInto('groups').values(row).execute()
}

/** Changes a group that is locked. */
export async function updateGroupRow(
  tx: Db,
  id: string,
  change: Partial<Pick<GroupRow, 'name' | 'name_folded' | 'is_public' | 'updated_at'>>,
): Promise<void> {
  await tx.updateTable('groups').set(change).where('id', '=', id).execute()
}

/** Removes a group that is locked; its files are somebody else's task. */
export async function deleteGroupRow(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('groups').where('id', '=', id).execute()
}

/** How many groups an account has on both networks, counted to `limit` at most. */
export async function countGroups(db: Db, accountId: string, limit: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (select 1 from "groups" where account_id = ${accountId} limit ${limit}) counted`.execute(
    db,
  )
  return rows[0]?.n ?? 0
}

/** Which groups a list shows. */
export interface GroupFilter extends Who {
  readonly network: NetworkName
  /** A part of the name, folded. */
  readonly nameContains?: string | undefined
  readonly isPublic?: boolean | undefined
  /** Only these. */
  readonly ids?: readonly string[] | undefined
}

/** Groups that match, newest first, from behind `before` (an id) or from `offset`. */
export function listGroupRows(
  db: Db,
  { accountId, reach, network, nameContains, isPublic, ids }: GroupFilter,
  { before, offset, limit }: { before?: string | undefined; offset?: number; limit: number },
): Promise<GroupRow[]> {
  let query = db
    .selectFrom('groups')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('network', '=', networkNumbers[network])
    .orderBy('id', 'desc')
    .limit(limit)
  if (nameContains !== undefined) query = query.where(textContains(db, sql.ref('name_folded'), nameContains))
  if (isPublic !== undefined) query = query.where('is_public', '=', isPublic ? 1 : 0)
  if (ids !== undefined) query = query.where('id', 'in', ids)
  if (before !== undefined) query = query.where('id', '<', before)
  if (offset !== undefined) query = query.offset(offset)
  if (reach?.groups !== undefined) query = query.where('id', 'in', reach.groups)
  else if (reach?.owner !== undefined) {
    const made = sql<SqlBool>`exists (
      select 1 from keys where keys.id = "groups".created_by_key and ${madeBelow(reach.owner)})`
    query = query.where(made)
  }
  return query.execute()
}
