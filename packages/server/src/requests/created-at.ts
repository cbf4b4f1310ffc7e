import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { dialectOf } from '../db/runner.ts'
import { statement, type Placeholder } from '../db/statement.ts'

/**
 * The time that a new pin of the account carries: now, or a millisecond after its last one. No two pins of an account
 * share one, because clients page by it. Part of the write that inserts the pin, with `lockPins` before it.
 */
export async function allocateCreatedAt(tx: Db, accountId: string, now: number): Promise<number> {
  const [last] = await selectLast(tx, { account: accountId })
  return Math.max(now, (last?.created_at ?? 0) + 1)
}

/**
 * The first statement of a write that makes a pin: on PostgreSQL the account stays locked until the write ends, so that
 * its pins are made one after another. Order of locks: account first.
 */
export async function lockPins(tx: Db, accountId: string): Promise<void> {
  if (dialectOf(tx) === 'postgres') await lockAccount(tx, { account: accountId })
}

const lockAccount = statement((tx, param: Placeholder<{ account: string }>, dialect) => {
  const query = tx.selectFrom('accounts').select('id').where('id', '=', param('account'))
  return dialect === 'postgres' ? query.forNoKeyUpdate() : query
})

const selectLast = statement((tx, param: Placeholder<{ account: string }>) =>
  tx
    .selectFrom('files')
    .select('created_at')
    .where('account_id', '=', param('account'))
    .where('source', '=', sql.lit('cid'))
    .orderBy('created_at', 'desc')
    .limit(sql.lit(1)),
)
