import { sql } from 'kysely'
import { statement, type Placeholder } from '../db/statement.ts'
import type { Db } from '../db/database.ts'

/** `files.pin_status`. */
export const pinStatuses = { queued: 0, pinning: 1, pinned: 2, failed: 3 } as const

/** A pin that comes into a status, or with `pins: -1` leaves it. */
export interface PinCountChange {
  readonly status: number
  /** `created_at` of the file. */
  readonly createdAt: number
  readonly pins: 1 | -1
}

/** A bucket of level n is as long as 256 of the level below; those of level 0 are 256 ms, which is 256 pins at most. */
export const bucketBits = [8, 16, 24, 32] as const

/**
 * Keeps the counts of an account's pins in the transaction that changes them, among its last statements. Rows are
 * touched in one order, so that two transactions do not wait for each other.
 */
export async function changePinCounts(tx: Db, accountId: string, changes: readonly PinCountChange[]): Promise<void> {
  const [only, ...others] = changes
  if (only !== undefined && others.length === 0 && only.pins > 0) return addOne(tx, accountId, only)
  const sums = new Map<string, { status: number; level: number; bucket: number; pins: number }>()
  for (const { status, createdAt, pins } of changes) {
    for (const [level, bits] of bucketBits.entries()) {
      const bucket = Math.floor(createdAt / 2 ** bits)
      const key = `${status} ${level} ${bucket}`
      const sum = sums.get(key)
      if (sum === undefined) sums.set(key, { status, level, bucket, pins })
      else sum.pins += pins
    }
  }
  const rows = [...sums.values()].filter(({ pins }) => pins !== 0)
  rows.sort((a, b) => a.status - b.status || a.level - b.level || a.bucket - b.bucket)
  for (const row of rows) {
    if (row.pins > 0) await add(tx, { account: accountId, ...row })
    else await take(tx, { account: accountId, ...row })
  }
}

/** All levels in one statement: every pin that is made comes by here. */
async function addOne(tx: Db, account: string, { status, createdAt }: PinCountChange): Promise<void> {
  const [b0, b1, b2, b3] = bucketBits.map((bits) => Math.floor(createdAt / 2 ** bits)) as [
    number,
    number,
    number,
    number,
  ] // four levels
  await addToAll(tx, { account, status, b0, b1, b2, b3 })
}

type OneOfAll = { account: string; status: number; b0: number; b1: number; b2: number; b3: number }

const addToAll = statement((tx, param: Placeholder<OneOfAll>) =>
  tx
    .insertInto('pin_counts')
    .values(
      (['b0', 'b1', 'b2', 'b3'] as const).map((bucket, level) => ({
        account_id: param('account'),
        pin_status: param('status'),
        level: sql.lit(level),
        bucket: param(bucket),
        pins: sql.lit(1),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'pin_status', 'level', 'bucket'])
        .doUpdateSet((eb) => ({ pins: eb('pin_counts.pins', '+', eb.ref('excluded.pins')) })),
    ),
)

type Change = { account: string; status: number; level: number; bucket: number; pins: number }

const add = statement((tx, param: Placeholder<Change>) =>
  tx
    .insertInto('pin_counts')
    .values({
      account_id: param('account'),
      pin_status: param('status'),
      level: param('level'),
      bucket: param('bucket'),
      pins: param('pins'),
    })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'pin_status', 'level', 'bucket'])
        .doUpdateSet((eb) => ({ pins: eb('pin_counts.pins', '+', eb.ref('excluded.pins')) })),
    ),
)

const take = statement((tx, param: Placeholder<Change>) =>
  tx
    .updateTable('pin_counts')
    .set((eb) => ({ pins: eb('pins', '+', param('pins')) }))
    .where('account_id', '=', param('account'))
    .where('pin_status', '=', param('status'))
    .where('level', '=', param('level'))
    .where('bucket', '=', param('bucket')),
)
