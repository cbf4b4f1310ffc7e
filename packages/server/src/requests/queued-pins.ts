import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdateSkipLocked } from '../db/for-update.ts'
import { listStatement } from '../db/list-statement.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { changePinStatus } from '../files/pin-status.ts'
import { parseCid } from '../ipfs/cid.ts'
import type { JobSource } from '../jobs/lanes.ts'
import { mostJobs, type WaitingElsewhere } from '../jobs/queue-state.ts'
import { networkNumbers } from '../pins/network.ts'
import { beginFetch, fetchJob, insertRequests } from './queue-fetch.ts'

/** Pins of one content that one fetch begins with; others of it join when it is their turn. */
const mostTogether = 256

/**
 * Pins that wait and whose fetch nobody has begun are rows of `files` alone (`queued_origins`). Their fetch and its job
 * are made in the write in which a worker takes the job, for all pins of the account that want the same content. So what
 * is accepted costs what a list shows, and no more, however long the queue is.
 */
export function queuedPins({ deadlineMs, newId }: { deadlineMs: number; newId: () => string }): JobSource {
  const begin = async (tx: Db, pin: QueuedPin, now: number) => {
    const { account_id: account, multihash, codec, cid, created_at: createdAt } = pin
    const pins = await lockAlike(tx, { account, multihash, codec, limit: mostTogether })
    // Times of pins that were made at once lie ahead.
    const asked = { createdAt: Math.min(createdAt, now), deadlineMs, now, newId }
    const fetch = await beginFetch(tx, { accountId: account, root: parseCid(cid), ...asked })
    await insertRequests(
      tx,
      pins.map(({ id, queued_origins }) => ({ file_id: id, fetch_id: fetch.id, origins: queued_origins ?? '[]' })),
    )
    await markBegun(
      tx,
      pins.map(({ id }) => id),
    )
    if (fetch.state === 'fetching') await changePinStatus(tx, pins, 'pinning', now)
  }
  return {
    hasAny: async (db) => (await selectAny(db, {})).length > 0,
    async nextOwner(tx, after) {
      const [row] = await selectNextOwner(tx, { after })
      return row?.account_id
    },
    async begin(tx, owner, now) {
      const [pin] = await lockFirst(tx, { account: owner })
      if (pin !== undefined) await begin(tx, pin, now)
      return pin !== undefined
    },
    async beginLast(tx, limit, now) {
      for (let begun = 0; begun < limit; begun++) {
        const [pin] = await lockLast(tx, {})
        if (pin === undefined) return
        await begin(tx, pin, now)
      }
    },
  }
}

/** How many wait, of the first `mostJobs`, and since when. */
export async function findQueued(db: Db, overdueBefore: number): Promise<WaitingElsewhere> {
  const state = await db
    .selectFrom((from) => from.selectFrom('files').select('created_at').where(isQueued).limit(mostJobs).as('some'))
    .select([
      sql<number>`count(*)`.as('waiting'),
      sql<number>`coalesce(sum(case when created_at <= ${overdueBefore} then 1 else 0 end), 0)`.as('overdue'),
      sql<number | null>`min(created_at)`.as('due_since'),
    ])
    .executeTakeFirstOrThrow()
  return { kind: fetchJob, ...state }
}

const isQueued = sql<boolean>`queued_origins is not null`

const queued = (db: Db) =>
  db
    .selectFrom('files')
    .select(['id', 'account_id', 'network', 'cid', 'multihash', 'codec', 'created_at', 'pin_status', 'queued_origins'])
    .where(isQueued)

type QueuedPin = Awaited<ReturnType<typeof lockFirst>>[number]

const selectAny = statement((db) => db.selectFrom('files').select('seq').where(isQueued).limit(sql.lit(1)))

const selectNextOwner = statement((tx, param: Placeholder<{ after: string }>) =>
  tx
    .selectFrom('files')
    .select('account_id')
    .where(isQueued)
    .where('account_id', '>', param('after'))
    .orderBy('account_id')
    .limit(sql.lit(1)),
)

const lockFirst = statement((tx, param: Placeholder<{ account: string }>) =>
  queued(tx)
    .where('account_id', '=', param('account'))
    .where('network', '=', sql.lit(networkNumbers.public))
    .orderBy('id')
    .limit(sql.lit(1))
    .$call(forUpdateSkipLocked(tx)),
)

const lockLast = statement((tx) => queued(tx).orderBy('seq', 'desc').limit(sql.lit(1)).$call(forUpdateSkipLocked(tx)))

type Alike = { account: string; multihash: Uint8Array; codec: number; limit: number }

const lockAlike = statement((tx, param: Placeholder<Alike>) =>
  queued(tx)
    .where('account_id', '=', param('account'))
    .where('multihash', '=', param('multihash'))
    .where('codec', '=', param('codec'))
    .where('pin_status', '=', sql.lit(0))
    .limit(param('limit'))
    .$call(forUpdateSkipLocked(tx)),
)

const markBegun = listStatement((tx, ids: string[]) =>
  tx.updateTable('files').set({ queued_origins: null }).where('id', 'in', ids),
)
