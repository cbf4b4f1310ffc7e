import { type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { listStatement } from '../db/list-statement.ts'
import type { UsageCountTable } from '../db/pin-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** What the files of an account need, as last counted. */
export type UsageCount = Selectable<UsageCountTable>

/** Stands for the installation among the accounts that are counted. */
export const installation = ''

/** The last count of an account, or of the installation. */
export function findCount(db: Db, accountId: string): Promise<UsageCount | undefined> {
  return db.selectFrom('usage_counts').selectAll().where('account_id', '=', accountId).executeTakeFirst()
}

/** Keeps a count, unless a later one is there. */
export async function upsertCount(tx: Db, count: UsageCount): Promise<void> {
  await tx
    .insertInto('usage_counts')
    .values(count)
    .onConflict((conflict) =>
      conflict.column('account_id').doUpdateSet(count).where('usage_counts.changes', '<=', count.changes),
    )
    .execute()
}

/** Totals of an account on both networks, or of all accounts, and how often they changed. */
export async function findChanges(
  db: Db,
  accountId: string,
): Promise<{ files: number; bytes: number; changes: number }> {
  return db
    .selectFrom('account_totals')
    .select([
      sql<number>`coalesce(sum(files), 0)`.as('files'),
      sql<number>`coalesce(sum(bytes), 0)`.as('bytes'),
      sql<number>`coalesce(sum(changes), 0)`.as('changes'),
    ])
    .$if(accountId !== installation, (query) => query.where('account_id', '=', accountId))
    .executeTakeFirstOrThrow()
}

/** Accounts with more than so many files, with their changes and the last count. */
export function listLargeAccounts(db: Db, moreThan: number) {
  return db
    .selectFrom('account_totals')
    .leftJoin('usage_counts', 'usage_counts.account_id', 'account_totals.account_id')
    .select([
      'account_totals.account_id',
      sql<number>`sum(account_totals.changes)`.as('changes'),
      sql<number | null>`max(usage_counts.changes)`.as('counted_changes'),
      sql<number | null>`max(usage_counts.began_at)`.as('began_at'),
      sql<number | null>`max(usage_counts.counted_at)`.as('counted_at'),
    ])
    .groupBy('account_totals.account_id')
    .having(sql<boolean>`sum(account_totals.files) > ${moreThan}`)
    .execute()
}

/** A file or a pin, as far as counting has to do with it. */
export interface CountedPin {
  readonly id: string
  readonly pin_id: string
  readonly size_bytes: number
  readonly holders: number
  readonly number_of_blocks: number
}

/** Held files of an account on a network, from behind `after` on. */
export const listCountedFiles = statement(
  (db, param: Placeholder<{ account: string; network: number; after: string; limit: number }>) =>
    db
      .selectFrom('files')
      .innerJoin('pins', 'pins.id', 'files.pin_id')
      .select(['files.id', 'pins.id as pin_id', 'files.size_bytes', 'pins.holders', 'pins.number_of_blocks'])
      .where('files.account_id', '=', param('account'))
      .where('files.network', '=', param('network'))
      .where('files.state', '=', sql.lit('held'))
      .where('files.id', '>', param('after'))
      .orderBy('files.id')
      .limit(param('limit')),
)

/** Published pins from behind `after` on. */
export const listCountedPins = statement((db, param: Placeholder<{ after: string; limit: number }>) =>
  db
    .selectFrom('pins')
    .select(['id', 'id as pin_id', 'size_bytes', 'holders', 'number_of_blocks'])
    .where('state', '=', sql.lit('pinned'))
    .where('id', '>', param('after'))
    .orderBy('id')
    .limit(param('limit')),
)

/** All blocks that a few pins with few blocks name, with their lengths. */
export const listBlocksOfPins = listStatement((db, pinIds: string[]) =>
  db
    .selectFrom('pin_blocks')
    .innerJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
    .select(['blocks.id', 'blocks.length'])
    .where('pin_id', 'in', pinIds),
)

/** Blocks that a pin names, from behind `after` on, with their lengths. */
export const listCountedBlocks = statement((db, param: Placeholder<{ pinId: string; after: number; limit: number }>) =>
  db
    .selectFrom('pin_blocks')
    .innerJoin('blocks', 'blocks.id', 'pin_blocks.block_id')
    .select(['blocks.id', 'blocks.length'])
    .where('pin_id', '=', param('pinId'))
    .where('block_id', '>', param('after'))
    .orderBy('block_id')
    .limit(param('limit')),
)
