import type { Database } from '../db/database.ts'
import { type Placeholder, statement } from '../db/statement.ts'
import { withWrites } from '../db/with-writes.ts'
import { type Job, LeaseLost } from './queue.ts'

/**
 * A database whose writes are made only while the job is still this worker's; they throw `LeaseLost` otherwise. A worker
 * that stood still past its lease (SIGSTOP, a machine that slept) does nothing on waking, though no timer has told it yet.
 * Writes of one job do not wait for each other; nobody takes the job over while one is under way.
 */
export function fenceWrites(db: Database, job: Job): Database {
  return withWrites(db, (operation) =>
    db.write(async (tx) => {
      const [held] = await shareLease(tx, { id: job.id, lease: job.lease })
      if (held === undefined) throw new LeaseLost(job)
      return operation(tx)
    }),
  )
}

const shareLease = statement((tx, param: Placeholder<{ id: string; lease: number }>, dialect) => {
  const query = tx.selectFrom('jobs').select('id').where('id', '=', param('id')).where('lease', '=', param('lease'))
  return dialect === 'postgres' ? query.forShare() : query
})
