import { type Insertable, sql, type SqlBool } from 'kysely'
import { insertMany } from '../db/insert-many.ts'
import type { PinCountTable } from '../db/pin-tables.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import type { Db } from '../db/database.ts'

/** `files.pin_status`. */
export const pinStatuses = { queued: 0, pinning: 1, pinned: 2, failed: 3 } as const

/** Of every file that is a pin, spelled out so that the index of statuses answers what is asked of their times. */
export const hasAnyStatus = sql<SqlBool>`pin_status in (${sql.join(Object.values(pinStatuses).map((status) => sql.lit(status)))})`

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

/** As `changePinCounts`, for pins of any accounts that are made in this write. */
export async function countNewPins(
  tx: Db,
  pins: readonly { account_id: string; created_at: number; pin_status: number | null }[],
): Promise<void> {
  const rows = new Map<string, Insertable<PinCountTable>>()
  for (const { account_id, created_at, pin_status } of pins) {
    if (pin_status === null) continue
    for (const [level, bits] of bucketBits.entries()) {
      const bucket = Math.floor(created_at / 2 ** bits)
      const key = `${account_id} ${pin_status} ${level} ${bucket}`
      const row = rows.get(key)
      if (row === undefined) rows.set(key, { account_id, pin_status, level, bucket, pins: 1 })
      else row.pins++
    }
  }
  await addCounts(
    tx,
    [...rows.values()].sort(
      (a, b) =>
        (a.account_id < b.account_id ? -1 : a.account_id > b.account_id ? 1 : 0) ||
        a.pin_status - b.pin_status ||
        a.level - b.level ||
        a.bucket - b.bucket,
    ),
  )
}

const addCounts = insertMany('pin_counts', ['account_id', 'pin_status', 'level', 'bucket', 'pins'], {
  onConflict: { columns: ['account_id', 'pin_status', 'level', 'bucket'], add: 'pins' },
})

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
