import { type RawBuilder, type Selectable, sql, type SqlBool } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import type { LinkTable } from '../db/file-tables.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { networkNumbers } from '../pins/network.ts'

/** A link as it stands in the table. */
export type LinkRow = Selectable<LinkTable>

/** Adds links. */
export const insertLinks = insertMany('links', [
  'id',
  'account_id',
  'kind',
  'network',
  'method',
  'file_id',
  'cid',
  'path',
  'query',
  'bounds',
  'max_uses',
  'uses',
  'used_at',
  'starts_at',
  'expires_at',
  'forget_at',
  'created_at',
  'created_by_key',
  'created_by_user',
  'revoked_at',
])

/** A link with what it depends on: its account, its key and its file. */
const withWhatItNeeds = (db: Db) =>
  db
    .selectFrom('links')
    .innerJoin('accounts', 'accounts.id', 'links.account_id')
    .leftJoin('keys', 'keys.id', 'links.created_by_key')
    .leftJoin('files', 'files.id', 'links.file_id')
    .selectAll('links')
    .select([
      'accounts.disabled_at as account_disabled_at',
      'keys.revoked_at as key_revoked_at',
      'keys.expires_at as key_expires_at',
      'keys.name as key_name',
      'keys.public_part as key_public_part',
      'keys.bounds as key_bounds',
      'keys.own_1',
      'keys.own_2',
      'keys.own_3',
      'files.state as file_state',
      'files.name as file_name',
      'files.network as file_network',
      'files.expires_at as file_expires_at',
      'files.pin_id as pin_id',
    ])

/** What is looked at when a link is used or shown. */
export type LinkWithNeeds = Awaited<ReturnType<ReturnType<typeof withWhatItNeeds>['executeTakeFirstOrThrow']>>

const selectLink = statement((db, param: Placeholder<{ id: string }>) =>
  withWhatItNeeds(db).where('links.id', '=', param('id')),
)

/** A link by its id, whoever asks: for those that show its signature. */
export async function findLink(db: Db, id: string): Promise<LinkWithNeeds | undefined> {
  const [row] = await selectLink(db, { id })
  return row
}

/** Links of an account, newest first, from before `before`. */
export function listLinks(
  db: Db,
  which: {
    accountId: string
    /** Of the keys that made them. */
    made: RawBuilder<SqlBool> | undefined
    kind: string | undefined
    fileId: string | undefined
    /** Only those that can be used at this time. */
    activeAt: number | undefined
    before: string | undefined
    limit: number
  },
): Promise<LinkWithNeeds[]> {
  let query = withWhatItNeeds(db).where('links.account_id', '=', which.accountId).orderBy('links.id', 'desc')
  const { made, kind, fileId, activeAt, before } = which
  if (made !== undefined) query = query.where(made)
  if (kind !== undefined) query = query.where('links.kind', '=', kind)
  if (fileId !== undefined) query = query.where('links.file_id', '=', fileId)
  if (before !== undefined) query = query.where('links.id', '<', before)
  if (activeAt !== undefined) {
    query = query
      .where('links.revoked_at', 'is', null)
      .where('links.expires_at', '>', activeAt)
      .where((eb) => eb.or([eb('links.max_uses', 'is', null), eb('links.uses', '<', eb.ref('links.max_uses'))]))
      .where('keys.revoked_at', 'is', null)
      .where((eb) => eb.or([eb('keys.expires_at', 'is', null), eb('keys.expires_at', '>', activeAt)]))
      .where((eb) => eb.or([eb('links.kind', '=', 'upload'), eb('files.state', '=', 'held')]))
  }
  return query.limit(which.limit).execute()
}

/** Ends a link. The row when it was not ended before. */
export async function markLinkRevoked(tx: Db, { id, at }: { id: string; at: number }): Promise<LinkRow | undefined> {
  return tx
    .updateTable('links')
    .set({ revoked_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst()
}

/** Whether the account has a link of this id, made by one of the keys that `made` names. */
export async function hasLink(
  db: Db,
  { id, accountId, made }: { id: string; accountId: string; made: RawBuilder<SqlBool> | undefined },
): Promise<boolean> {
  const link = db.selectFrom('links').select('links.id').where('links.id', '=', id).where('account_id', '=', accountId)
  if (made === undefined) return (await link.executeTakeFirst()) !== undefined
  const madeLink = db
    .selectFrom('links')
    .innerJoin('keys', 'keys.id', 'links.created_by_key')
    .select('links.id')
    .where('links.id', '=', id)
    .where('links.account_id', '=', accountId)
    .where(made)
  return (await madeLink.executeTakeFirst()) !== undefined
}

/** Takes the one use of an upload link, for the file that has its id. False when it is taken, or the link revoked. */
export async function takeUploadLink(tx: Db, { id, at }: { id: string; at: number }): Promise<boolean> {
  return (await takeUpload.changes(tx, { id, at })) === 1
}

const takeUpload = statement((tx, param: Placeholder<{ id: string; at: number }>) =>
  tx
    .updateTable('links')
    .set((eb) => ({ file_id: eb.ref('id'), uses: eb('uses', '+', 1), used_at: param('at') }))
    .where('id', '=', param('id'))
    .where('file_id', 'is', null)
    .where('revoked_at', 'is', null),
)

/** Takes up to so many uses of a link with max uses, the last one at `at`. How many were left: fewer, or none. */
export async function takeLinkUses(
  tx: Db,
  { id, wanted, at }: { id: string; wanted: number; at: number },
): Promise<number> {
  const [row] = await findUsesLeft(tx, { id })
  const count = Math.max(0, Math.min(wanted, row?.left ?? 0))
  if (count > 0) await addUses(tx, { id, count, at })
  return count
}

const findUsesLeft = statement((tx, param: Placeholder<{ id: string }>, dialect) => {
  const query = tx
    .selectFrom('links')
    .select((eb) => eb('max_uses', '-', eb.ref('uses')).as('left'))
    .where('id', '=', param('id'))
    .where('revoked_at', 'is', null)
  return dialect === 'postgres' ? query.forUpdate() : query
})

/** Adds uses that were counted elsewhere. */
export async function addLinkUses(
  tx: Db,
  counted: readonly { id: string; count: number; at: number }[],
): Promise<void> {
  for (const use of counted) await addUses(tx, use)
}

const addUses = statement((tx, param: Placeholder<{ id: string; count: number; at: number }>) =>
  tx
    .updateTable('links')
    .set((eb) => ({ uses: eb('uses', '+', param('count')), used_at: param('at') }))
    .where('id', '=', param('id')),
)

/** Forgets links that ended long ago, so many at most. Returns how many. */
export async function deleteForgotten(tx: Db, { now, limit }: { now: number; limit: number }): Promise<number> {
  return deleteOld.changes(tx, { now, limit })
}

const deleteOld = statement((tx, param: Placeholder<{ now: number; limit: number }>) =>
  tx
    .deleteFrom('links')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('links')
        .select('id')
        .where('forget_at', '<=', param('now'))
        .orderBy('forget_at')
        .limit(param('limit')),
    ),
)

/** A private pin that a file in a public group holds: what anybody may read at `/files/{cid}`. */
export async function findShownPin(
  db: Db,
  content: { multihash: Uint8Array; codec: number; now: number },
): Promise<{ accountId: string; pinId: string; name: string | null } | undefined> {
  const [row] = await selectShownPin(db, content)
  return row
}

const selectShownPin = statement((db, param: Placeholder<{ multihash: Uint8Array; codec: number; now: number }>) =>
  db
    .selectFrom('pins')
    .innerJoin('files', 'files.pin_id', 'pins.id')
    .innerJoin('groups', 'groups.id', 'files.group_id')
    .innerJoin('accounts', 'accounts.id', 'files.account_id')
    .select(['accounts.id as accountId', 'pins.id as pinId', 'files.name'])
    .where('pins.multihash', '=', param('multihash'))
    .where('pins.codec', '=', param('codec'))
    .where('pins.network', '=', sql.lit(networkNumbers.private))
    .where('files.state', '=', sql.lit('held'))
    .where((eb) => eb.or([eb('files.expires_at', 'is', null), eb('files.expires_at', '>', param('now'))]))
    .where('groups.is_public', '=', sql.lit(1))
    .where('accounts.disabled_at', 'is', null)
    .orderBy('files.id')
    .limit(sql.lit(1)),
)
