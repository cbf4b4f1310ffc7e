import { sql, type SqlBool } from 'kysely'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { withinReach } from '../keys/reach.ts'
import { networkNumbers } from '../pins/network.ts'
import { fileColumns, type FileRow } from './queries.ts'

/** States of files that may be in a group; history is in none. */
const grouped = ['held', 'waiting', 'failed'] as const

type Members = { account: string; network: number; group: string; now: number; limit: number }

/** Spelled out in queries, not bound, or the indexes that hold some states alone would not be used. */
type Grouped = (typeof grouped)[number]

/** Takes up to `limit` files out of a group. They come back as they are then. */
export async function leaveGroup(tx: Db, members: Members): Promise<FileRow[]> {
  const left: FileRow[] = []
  for (const state of grouped) {
    const limit = members.limit - left.length
    if (limit > 0) left.push(...(await leave[state](tx, { ...members, limit })))
  }
  return left
}

const leaveIn = (state: Grouped) =>
  statement((tx, param: Placeholder<Members>) =>
    tx
      .updateTable('files')
      .set({ group_id: null, updated_at: param('now') })
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('files')
          .select('id')
          .where('account_id', '=', param('account'))
          .where('network', '=', param('network'))
          .where('state', '=', sql.lit(state))
          .where('group_id', '=', param('group'))
          .limit(param('limit')),
      )
      .returning(fileColumns),
  )

const leave = { held: leaveIn('held'), waiting: leaveIn('waiting'), failed: leaveIn('failed') }

/** Which content of an account, whatever its spelling, on the public network; of it what a caller reaches. */
export interface PublicContent {
  readonly account: string
  readonly reach: Reach | undefined
  readonly multihash: Uint8Array
  readonly codec: number
}

/** Whether the account has public files of this content: held, or still to be fetched. */
export async function hasPublicFile(db: Db, content: PublicContent, now: number): Promise<boolean> {
  const query = byContent(db, content).where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
  return (await query.limit(1).executeTakeFirst()) !== undefined
}

/** Public files of this content that are in another group than this one, or in none; oldest first. */
export function listOutside(tx: Db, content: PublicContent, group: string, limit: number): Promise<FileRow[]> {
  const isOutside = sql<SqlBool>`(group_id is null or group_id <> ${group})`
  return byContent(tx, content).where(isOutside).orderBy('id').limit(limit).execute()
}

/** Public files of this content that are in this group, oldest first. */
export function listInside(tx: Db, content: PublicContent, group: string, limit: number): Promise<FileRow[]> {
  return byContent(tx, content).where('group_id', '=', group).orderBy('id').limit(limit).execute()
}

function byContent(db: Db, { account, reach, multihash, codec }: PublicContent) {
  const isContent = sql<SqlBool>`account_id = ${account} and network = ${sql.lit(networkNumbers.public)}
    and multihash = ${multihash} and codec = ${codec}`
  // What is held stands in one index, what waits in another.
  const query = db.selectFrom('files').select(fileColumns).where(sql<SqlBool>`((${isContent} and state = 'held')
    or (${isContent} and pin_status is not null and (state = 'waiting' or state = 'failed')))`)
  return reach === undefined ? query : query.where(withinReach(reach))
}

/** Puts a file into a group, or into none. False when it is history by now. */
export async function setGroup(
  tx: Db,
  { id, group, now }: { id: string; group: string | null; now: number },
): Promise<boolean> {
  return (await writeGroup.changes(tx, { id, group, now })) === 1
}

const writeGroup = statement((tx, param: Placeholder<{ id: string; group: string | null; now: number }>) =>
  tx
    .updateTable('files')
    .set({ group_id: param('group'), updated_at: param('now') })
    .where('id', '=', param('id'))
    .where('state', '<>', sql.lit('released')),
)
