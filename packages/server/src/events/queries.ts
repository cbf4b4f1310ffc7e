import { sql, type Selectable } from 'kysely'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { forUpdateSkipLocked } from '../db/for-update.ts'
import type { EventTable } from '../db/event-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { insertMany } from '../db/insert-many.ts'

/** Adds events that nobody was told of yet. */
export const insertEvents = insertMany('events', [
  'id',
  'account_id',
  'kind',
  'at',
  'key_id',
  'group_id',
  'data',
  'position',
])

/** An event as it stands in the table. */
export type EventRow = Selectable<EventTable>

/** Whether there are events without a position. */
export async function hasNewEvents(db: Db): Promise<boolean> {
  return (await findNew(db, {})).length > 0
}

const findNew = statement((db) => db.selectFrom('events').select('id').where('position', 'is', null).limit(sql.lit(1)))

/** Until when somebody listens to the account's events; 0 for an account that is not there. */
export async function findListenedUntil(db: Db, account: string): Promise<number> {
  return (await selectListenedUntil(db, { account }))[0]?.events_until ?? 0
}

const selectListenedUntil = statement((db, param: Placeholder<{ account: string }>) =>
  db.selectFrom('accounts').select('events_until').where('id', '=', param('account')),
)

/** Makes that later, never earlier. */
export async function extendListenedUntil(tx: Db, account: string, until: number): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ events_until: until })
    .where('id', '=', account)
    .where('events_until', '<', until)
    .execute()
}

/** Whether somebody listens to any account's events. */
export async function isAnyListenedTo(db: Db, now: number): Promise<boolean> {
  const query = db.selectFrom('accounts').select('id').where('events_until', '>', 0).where('events_until', '>', now)
  return (await query.limit(1).executeTakeFirst()) !== undefined
}

/**
 * Makes `forever` end at `until` where no webhook is left, and stand again where one is: what another process did at the
 * same moment may have been missed.
 */
export async function settleListened(tx: Db, { forever, until }: { forever: number; until: number }): Promise<void> {
  const withWebhook = tx.selectFrom('webhooks').select('account_id').where('disabled_at', 'is', null)
  await tx
    .updateTable('accounts')
    .set({ events_until: until })
    .where('events_until', '=', forever)
    .where('id', 'not in', withWebhook)
    .execute()
  await tx
    .updateTable('accounts')
    .set({ events_until: forever })
    .where('events_until', '<', forever)
    .where('id', 'in', withWebhook)
    .execute()
}

/** The time by the database's clock, as text. */
export async function findDatabaseTime(db: Db): Promise<string> {
  const { rows } = await sql<{ at: string }>`select clock_timestamp()::text as at`.execute(db)
  return rows[0]?.at ?? ''
}

/** Whether a process of ours is in a transaction that began up to this time of the database's clock. */
export async function hasOlderTransaction(db: Db, at: string): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity
    where datname = current_database() and application_name = 'pinyon' and pid <> pg_backend_pid()
      and xact_start <= ${at}::text::timestamptz limit 1`.execute(db)
  return rows.length > 0
}

/** The last position given, locked until the write ends; undefined while another process gives some. */
export async function lockRelay(tx: Db): Promise<number | undefined> {
  const row = await tx.selectFrom('event_relay').select('position').$call(forUpdateSkipLocked(tx)).executeTakeFirst()
  return row?.position
}

/** Keeps the last position given. */
export async function updateRelay(tx: Db, position: number): Promise<void> {
  await tx.updateTable('event_relay').set({ position }).execute()
}

/** Gives the oldest events without a position the ones after `after`. They come back in their order. */
export async function placeNewEvents(tx: Db, { after, limit }: { after: number; limit: number }): Promise<EventRow[]> {
  const rows = await tx
    .with('batch', (db) =>
      db
        .selectFrom('events')
        .select('id')
        .select(sql<number>`row_number() over (order by id)`.as('n'))
        .where('position', 'is', null)
        .orderBy('id')
        .limit(limit),
    )
    .updateTable('events')
    .from('batch')
    .set({ position: sql<number>`${after} + batch.n` })
    .whereRef('events.id', '=', 'batch.id')
    .returning(eventColumns)
    .execute()
  return rows.sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
}

const eventColumns = [
  'events.id',
  'events.account_id',
  'events.kind',
  'events.at',
  'events.key_id',
  'events.group_id',
  'events.data',
  'events.position',
] as const

/** The last position that was given to an event of any account. */
export async function findLastPosition(db: Db): Promise<number> {
  const row = await db.selectFrom('event_relay').select('position').executeTakeFirst()
  return row?.position ?? 0
}

/** Where an event of the account stands; undefined when there is none, or it is too old. */
export async function findPosition(db: Db, { accountId, id }: { accountId: string; id: string }) {
  const row = await db
    .selectFrom('events')
    .select('position')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .where('position', 'is not', null)
    .executeTakeFirst()
  return row?.position ?? undefined
}

/**
 * Events of an account after a position, in their order. With a reach those that it does not let one see say so: others
 * than of files made with these keys and in these groups.
 */
export async function listEventsAfter(
  db: Db,
  { accountId, after, limit, reach }: { accountId: string; after: number; limit: number; reach?: Reach | undefined },
): Promise<(EventRow & { readonly isHidden: boolean })[]> {
  if (reach === undefined) {
    const rows = await selectAfter(db, { account: accountId, after, limit })
    return rows.map((row) => ({ ...row, isHidden: false }))
  }
  const rows = await eventsAfter(db, accountId, after, limit)
    .leftJoin('keys', 'keys.id', 'events.key_id')
    .select(['keys.own_1', 'keys.own_2', 'keys.own_3'])
    .execute()
  return rows.map(({ own_1, own_2, own_3, ...row }) => ({
    ...row,
    isHidden: !isWithin(reach, { owners: [own_1, own_2, own_3], groupId: row.group_id }),
  }))
}

function isWithin(
  { owner, groups }: Reach,
  { owners, groupId }: { owners: readonly (string | null)[]; groupId: string | null },
): boolean {
  if (owner !== undefined && owners[owner.level - 1] !== owner.keyId) return false
  return groups === undefined || (groupId !== null && groups.includes(groupId))
}

const eventsAfter = (db: Db, account: string, after: number, limit: number) =>
  db
    .selectFrom('events')
    .select(eventColumns)
    .where('events.account_id', '=', account)
    .where('position', 'is not', null)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)

const selectAfter = statement((db, param: Placeholder<{ account: string; after: number; limit: number }>) =>
  eventsAfter(db, param('account'), param('after'), param('limit')),
)

/** Deletes the oldest events: those from before `before`, and those up to `position`. How many there were. */
export async function deleteOldEvents(
  tx: Db,
  { before, position, limit }: { before: number; position: number; limit: number },
): Promise<number> {
  const deleted = await tx
    .deleteFrom('events')
    .where('id', 'in', (db) =>
      db
        .selectFrom((oldest) =>
          oldest
            .selectFrom('events')
            .select(['id', 'at', 'position'])
            .where('position', 'is not', null)
            .orderBy('position')
            .limit(limit)
            .as('oldest'),
        )
        .select('id')
        .where((eb) => eb.or([eb('at', '<', before), eb('position', '<=', position)])),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}
