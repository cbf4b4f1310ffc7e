import { type Insertable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { TrafficTable } from '../db/gateway-tables.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/** Adds to what was served, in the row of its hour. */
export const addTraffic = statement(
  (tx, param: Placeholder<Insertable<TrafficTable> & Record<string, string | number>>) =>
    tx
      .insertInto('traffic')
      .values({
        account_id: param('account_id'),
        at: param('at'),
        grain: sql.lit('h'),
        host: param('host'),
        cid: param('cid'),
        file_name: param('file_name'),
        status: param('status'),
        user_agent: param('user_agent'),
        referer: param('referer'),
        country: param('country'),
        region: param('region'),
        requests: param('requests'),
        bytes: param('bytes'),
      })
      .onConflict((conflict) =>
        conflict.columns(keyColumns).doUpdateSet((eb) => ({
          requests: eb('traffic.requests', '+', eb.ref('excluded.requests')),
          bytes: eb('traffic.bytes', '+', eb.ref('excluded.bytes')),
        })),
      ),
)

const keyColumns = [
  'account_id',
  'at',
  'grain',
  'cid',
  'file_name',
  'host',
  'status',
  'user_agent',
  'referer',
  'country',
  'region',
] as const

/** Accounts that hold the content publicly, with how their oldest file of it is called, some of them. */
export function listHolders(
  db: Db,
  { multihash, codec, limit }: { multihash: Uint8Array; codec: number; limit: number },
): Promise<{ account_id: string; cid: string; name: string | null }[]> {
  return selectHolders(db, { multihash, codec, limit })
}

const selectHolders = statement((db, param: Placeholder<{ multihash: Uint8Array; codec: number; limit: number }>) =>
  db
    .selectFrom('pins')
    .innerJoin('files', 'files.pin_id', 'pins.id')
    .select(['files.account_id', 'files.cid', 'files.name'])
    .where('pins.multihash', '=', param('multihash'))
    .where('pins.codec', '=', param('codec'))
    .where('pins.network', '=', sql.lit(1))
    .orderBy('files.id')
    .limit(param('limit')),
)

/** An hour of an account that is to become part of its day. */
export async function findOldHour(db: Db, before: number): Promise<{ account_id: string; at: number } | undefined> {
  return db
    .selectFrom('traffic')
    .select(['account_id', 'at'])
    .where('grain', '=', sql.lit('h'))
    .where('at', '<', before)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst()
}

/** How many rows the day of an account has. */
export async function countDayRows(db: Db, { accountId, day }: { accountId: string; day: number }): Promise<number> {
  const row = await db
    .selectFrom('traffic')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('account_id', '=', accountId)
    .where('at', '=', day)
    .where('grain', '=', sql.lit('d'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/**
 * Adds an hour of an account to its day and removes it. With `folds` what tells little apart is left out, so that a day
 * does not grow without end: first browsers, referring pages and names, then CIDs.
 */
export async function moveHourToDay(
  tx: Db,
  { accountId, at, day, folds }: { accountId: string; at: number; day: number; folds: 'nothing' | 'detail' | 'all' },
): Promise<void> {
  const detail = (column: 'file_name' | 'user_agent' | 'referer') =>
    folds === 'nothing' ? sql<string>`${sql.ref(column)}` : sql<string>`''`
  const cid = folds === 'all' ? sql<string>`''` : sql<string>`cid`
  await sql`
    insert into traffic (account_id, at, grain, host, cid, file_name, status, user_agent, referer, country, region, requests, bytes)
    select account_id, cast(${day} as bigint), 'd', host, ${cid}, ${detail('file_name')}, status, ${detail('user_agent')},
      ${detail('referer')}, country, region, sum(requests), sum(bytes)
    from traffic where account_id = ${accountId} and at = ${at} and grain = 'h'
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    on conflict (account_id, at, grain, cid, file_name, host, status, user_agent, referer, country, region)
    do update set requests = traffic.requests + excluded.requests, bytes = traffic.bytes + excluded.bytes`.execute(tx)
  await tx
    .deleteFrom('traffic')
    .where('account_id', '=', accountId)
    .where('at', '=', at)
    .where('grain', '=', sql.lit('h'))
    .execute()
}

/** Removes the oldest day of an account from before `before`. How many rows it had: none when there is none. */
export async function deleteOldDays(tx: Db, { before }: { before: number }): Promise<number> {
  const old = await tx
    .selectFrom('traffic')
    .select(['account_id', 'at'])
    .where('grain', '=', sql.lit('d'))
    .where('at', '<', before)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst()
  if (old === undefined) return 0
  const deleted = await tx
    .deleteFrom('traffic')
    .where('account_id', '=', old.account_id)
    .where('at', '=', old.at)
    .where('grain', '=', sql.lit('d'))
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

/** By what traffic can be told apart. */
export type TrafficDimension = 'cid' | 'country' | 'region' | 'user_agent' | 'referer' | 'file_name'

/** Which traffic of an account: from `from` on and before `to`, and what else is asked for. */
export interface TrafficFilter {
  readonly accountId: string
  readonly from: number
  readonly to: number
  readonly host?: string | undefined
  /** Spellings of one CID. */
  readonly cids?: readonly string[] | undefined
  readonly equals: Readonly<Partial<Record<Exclude<TrafficDimension, 'cid'>, string>>>
  readonly status?: number | undefined
}

/** Requests and bytes. */
export interface TrafficSum {
  readonly requests: number
  readonly bytes: number
}

const sums = [sql<number>`sum(requests)`.as('requests'), sql<number>`sum(bytes)`.as('bytes')] as const

/** Sums by a dimension. */
export function sumTrafficBy(
  db: Db,
  filter: TrafficFilter,
  dimension: TrafficDimension,
): Promise<(TrafficSum & { value: string })[]> {
  return matching(db, filter)
    .select([sql<string>`${sql.ref(dimension)}`.as('value'), ...sums])
    .groupBy(dimension)
    .execute()
}

/** Sums by day, as the time at which it began. */
export function sumTrafficByDay(db: Db, filter: TrafficFilter): Promise<(TrafficSum & { day: number })[]> {
  const day = sql<number>`(at / 86400000) * 86400000`
  return matching(db, filter)
    .select([day.as('day'), ...sums])
    .groupBy(day)
    .execute()
}

function matching(db: Db, { accountId, from, to, host, cids, equals, status }: TrafficFilter) {
  let query = db.selectFrom('traffic').where('account_id', '=', accountId).where('at', '>=', from).where('at', '<', to)
  // A gateway is asked for by its whole address, or by its name without what is behind it.
  if (host !== undefined) {
    query = query.where((eb) =>
      eb.or([eb('host', '=', host), eb(sql<string>`substr(host, 1, ${host.length + 1})`, '=', `${host}.`)]),
    )
  }
  if (cids !== undefined) query = query.where('cid', 'in', cids)
  if (status !== undefined) query = query.where('status', '=', status)
  for (const [column, value] of Object.entries(equals)) {
    query = query.where(column as TrafficDimension, '=', value) // the keys of that object
  }
  return query
}
