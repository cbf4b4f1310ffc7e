import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { findAccountRoom } from '../../src/usage/queries.ts'
import type { Database, Db } from '../../src/db/database.ts'
import { changePinCounts, pinStatuses } from '../../src/files/pin-counts.ts'
import { type FileRow, insertFiles } from '../../src/files/queries.ts'
import { type Cid, formatCid } from '../../src/ipfs/cid.ts'
import { codecs } from '../../src/ipfs/codecs.ts'
import { sha256Multihash } from '../../src/ipfs/multihash.ts'
import { BlockMemory } from '../../src/ipfs/want-room.ts'
import type { JobHandler } from '../../src/jobs/attempt.ts'
import { openJobs, type Jobs } from '../../src/jobs/jobs.ts'
import { claimInTurn } from '../../src/jobs/lanes.ts'
import type { Job } from '../../src/jobs/queue.ts'
import { releaseFiles } from '../../src/files/release-file.ts'
import { fetchPin } from '../../src/requests/fetch-pin.ts'
import { type FetchTimes, fetchTimes } from '../../src/requests/fetch-times.ts'
import { fetchJob, insertRequests, joinFetches, withdrawRequest } from '../../src/requests/queue-fetch.ts'
import { queuedPins } from '../../src/requests/queued-pins.ts'
import { Reservations } from '../../src/usage/reservations.ts'
import { beginFetches } from './begin-fetches.ts'
import { FakeNode } from './fake-node.ts'
import { type LedgerPlace, openLedger } from './ledger.ts'
import { makeLedgerPlace } from './ledger-place.ts'

/** Attempts that end as soon as tests can see a difference. */
const quickTimes: FetchTimes = {
  searchMs: [100, 150, 200],
  leastMs: 0,
  unaskedMs: 0,
  idleMs: 400,
  sliceMs: 60_000,
  newestSliceMs: 60_000,
  noteMs: 30,
  saveMs: 0,
}

const deadlineMs = 86_400_000

export type Engine = Awaited<ReturnType<typeof openEngine>>

/** A ledger with requests, the jobs that fetch for them, and a network that is a map. Everything is gone after the test. */
export async function openEngine(
  dialect: Database['dialect'],
  options: { times?: Partial<FetchTimes>; slots?: JobHandler['lanes']; node?: FakeNode; place?: LedgerPlace } = {},
) {
  const made = options.place === undefined ? await makeLedgerPlace(dialect) : undefined
  const place = options.place ?? made
  if (place === undefined) throw new Error('One of them is there')
  const ledger = await openLedger(place)
  const node = options.node ?? new FakeNode()
  const time = { ahead: 0 }
  const clock = { now: () => Date.now() + time.ahead }
  const services = { ...ledger, clock, node, reservations: new Reservations() }
  const opened: Jobs[] = []
  const memory = new BlockMemory()
  const times = { ...fetchTimes, ...quickTimes, ...options.times }
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await Promise.all(opened.map((jobs) => jobs.close(0)))
    await ledger.close()
  }
  onTestFinished(async () => {
    await close()
    await made?.remove()
  })
  let lastCreated = 0
  const source = queuedPins({ deadlineMs, newId: ledger.newId })
  /** Of one content; as `addWaitingPins` does it. */
  const insertWaiting = async (tx: Db, files: readonly FileRow[], root: Cid, origins: readonly string[] = []) => {
    const now = clock.now()
    const accountId = files[0]?.account_id ?? ''
    const [fetch] = await joinFetches(tx, [{ accountId, root, createdAt: now, now, deadlineMs, newId: ledger.newId }])
    const named = JSON.stringify(origins)
    await insertFiles(
      tx,
      files.map((file) => ({ ...file, queued_origins: fetch === undefined ? named : null })),
    )
    if (fetch === undefined) return
    await insertRequests(
      tx,
      files.map(({ id }) => ({ file_id: id, fetch_id: fetch.id, origins: named })),
    )
  }

  return {
    services,
    node,
    place,
    close,
    /** Moves the clock on; timers go as they always do. */
    move(ms: number): void {
      time.ahead += ms
    },
    /** Has the fetches of all that waits for its turn begin. */
    begin: () => beginFetches(services),
    /** Begins to run the jobs. */
    async work(): Promise<Jobs> {
      const handler: JobHandler = {
        lanes: options.slots ?? { new: 2, newest: 1, retry: 2 },
        attempts: Infinity,
        source,
        stopsAtOnce: true,
        run: (job, signal) => fetchPin(services, job, { signal, memory, times }),
      }
      const jobs = await openJobs({ db: ledger.db, clock, log: ledger.log, handlers: { [fetchJob]: handler } })
      opened.push(jobs)
      return jobs
    },
    /** Runs one attempt of whatever is due, as a worker does that then dies. */
    async takeJob(): Promise<Job> {
      const now = clock.now()
      const request = { kind: fetchJob, now, leaseUntil: now + 60_000, limit: 1, after: '' }
      for (const lane of ['new', 'retry'] as const) {
        const from = lane === 'new' ? source : undefined
        const { jobs } = await ledger.db.write((tx) => claimInTurn(tx, lane, request, from))
        if (jobs[0] !== undefined) return jobs[0]
      }
      throw new Error('No job is due')
    },
    run: (job: Job, signal: AbortSignal = new AbortController().signal) =>
      fetchPin(services, job, { signal, memory, times }),
    async addAccount(id: string, bounds: { quotaBytes?: number; publicContent?: string } = {}): Promise<void> {
      const row = { id, name: id, email: '', created_at: 1, disabled_at: null }
      const { quotaBytes: quota_bytes = null, publicContent: public_content = 'allowed' } = bounds
      await ledger.db.write((tx) =>
        tx
          .insertInto('accounts')
          .values({ ...row, quota_bytes, public_content })
          .execute(),
      )
    },
    /** Asks for content by CID, `count` times. The ids of the files. */
    async ask(accountId: string, root: Cid, { origins = [], count = 1 }: { origins?: string[]; count?: number } = {}) {
      const rows = Array.from({ length: count }, () => {
        lastCreated = Math.max(clock.now(), lastCreated + 1)
        return fileRow({ id: ledger.newId(), accountId, root, createdAt: lastCreated })
      })
      const changes = rows.map(({ created_at }) => ({
        status: pinStatuses.queued,
        createdAt: created_at,
        pins: 1 as const,
      }))
      await ledger.db.write(async (tx) => {
        await insertWaiting(tx, rows, root, origins)
        await changePinCounts(tx, accountId, changes)
      })
      return rows.map(({ id }) => id)
    },
    /** Asks for so many CIDs that nobody has. */
    async askForUnknown(accountId: string, count: number): Promise<void> {
      for (let from = 0; from < count; from += 100) {
        await ledger.db.write(async (tx) => {
          const changes = []
          for (let i = from; i < Math.min(count, from + 100); i++) {
            const root: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([randomBytes(16)]) }
            lastCreated = Math.max(clock.now(), lastCreated + 1)
            const file = fileRow({ id: ledger.newId(), accountId, root, createdAt: lastCreated })
            await insertWaiting(tx, [file], root)
            changes.push({ status: pinStatuses.queued, createdAt: lastCreated, pins: 1 as const })
          }
          await changePinCounts(tx, accountId, changes)
        })
      }
    },
    /** Withdraws a request, or releases what is held, as removing a pin does. */
    async remove(id: string): Promise<void> {
      await ledger.db.write(async (tx) => {
        await withdrawRequest(tx, { fileId: id })
        const file = await tx.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst()
        if (file === undefined) return
        if (file.state === 'held') return void (await releaseFiles(tx, [file], clock.now()))
        if (file.pin_status !== null) {
          await changePinCounts(tx, file.account_id, [
            { status: file.pin_status, createdAt: file.created_at, pins: -1 },
          ])
        }
        await tx.deleteFrom('files').where('id', '=', id).execute()
      })
    },
    async file(id: string) {
      return ledger.db.read.selectFrom('files').selectAll().where('id', '=', id).executeTakeFirst()
    },
    async status(id: string): Promise<number | null | undefined> {
      return (await this.file(id))?.pin_status
    },
    fetches: () => ledger.db.read.selectFrom('fetches').selectAll().execute(),
    jobs: () => ledger.db.read.selectFrom('jobs').selectAll().where('kind', '=', fetchJob).execute(),
    async usedBytes(accountId: string): Promise<number | undefined> {
      return (await findAccountRoom(ledger.db.read, accountId))?.used_bytes
    },
    /** Counts of an account by status, as its lists show them. */
    async counts(accountId: string): Promise<Record<string, number>> {
      const rows = await ledger.db.read
        .selectFrom('pin_counts')
        .select(['pin_status', 'level', 'pins'])
        .where('account_id', '=', accountId)
        .execute()
      const sums: Record<string, number> = {}
      for (const [name, status] of Object.entries(pinStatuses)) {
        for (const level of new Set(rows.map((row) => row.level))) {
          const sum = rows
            .filter((row) => row.level === level && row.pin_status === status)
            .reduce((total, { pins }) => total + pins, 0)
          if (sums[name] !== undefined && sums[name] !== sum) throw new Error('Levels disagree')
          sums[name] = sum
        }
      }
      return sums
    },
  }
}

function fileRow({
  id,
  accountId,
  root,
  createdAt,
}: {
  id: string
  accountId: string
  root: Cid
  createdAt: number
}): FileRow {
  return {
    id,
    account_id: accountId,
    network: 1,
    state: 'waiting',
    source: 'cid',
    pin_id: null,
    cid: formatCid(root),
    multihash: root.multihash,
    codec: root.codec,
    name: null,
    name_folded: null,
    size_bytes: 0,
    number_of_files: 0,
    mime_type: '',
    group_id: null,
    created_by_key: null,
    created_at: createdAt,
    updated_at: createdAt,
    expires_at: null,
    released_at: null,
    pin_status: pinStatuses.queued,
    pin_policy: null,
    queued_origins: null,
  }
}
