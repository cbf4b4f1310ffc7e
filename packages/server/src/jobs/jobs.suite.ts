import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '../db/database.ts'
import { withWrites } from '../db/with-writes.ts'
import { AppError } from '../lib/errors.ts'
import { openJobs } from './jobs.ts'
import type { JobHandler } from './attempt.ts'
import type { Jobs } from './jobs.ts'
import { claimInTurn, claimNewest, hasDueIn } from './lanes.ts'
import { claim, enqueue, extendLease, finish, requireLease, retryAt } from './queue.ts'
import type { Job, NewJob } from './queue.ts'

/** What the queue and its workers promise on any database. `openNew` opens an empty one. */
export function jobsSuite(openNew: () => Promise<Database>): void {
  const clock = { time: 0, now: () => clock.time }
  const log = { warn: () => {}, error: () => {} }
  const opened: Jobs[] = []
  let db: Database
  beforeEach(async () => {
    clock.time = 1_000_000
    db = await openNew()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((jobs) => jobs.close(0)))
    await db.close()
  })

  const add = (job: NewJob) => db.write((tx) => enqueue(tx, job, clock.now()))
  const work = async (handlers: Record<string, JobHandler>) => {
    const jobs = await openJobs({ db, clock, log, handlers })
    opened.push(jobs)
    return jobs
  }
  const take = (kind: string, limit = 100) =>
    db.write((tx) => claim(tx, { kind, now: clock.now(), leaseUntil: clock.now() + 60_000, limit }))
  const waiting = () => db.read.selectFrom('jobs').select(['subject', 'run_at', 'attempts', 'lease_until']).execute()

  it('runs a job once, with what it was given', async () => {
    const ran: Job[] = []
    const jobs = await work({ greet: { run: async (job) => void ran.push(job) } })
    await add({ kind: 'greet', subject: 'a', payload: { words: ['ä', 1] } })
    await jobs.idle()
    expect(ran).toMatchObject([{ kind: 'greet', subject: 'a', payload: { words: ['ä', 1] }, attempt: 1, lease: 1 }])
    expect(await waiting()).toEqual([])
  })

  it('adds nothing when the transaction is undone', async () => {
    const write = db.write(async (tx) => {
      await enqueue(tx, { kind: 'greet', subject: 'a' }, clock.now())
      throw new Error('undone')
    })
    await expect(write).rejects.toThrow('undone')
    expect(await waiting()).toEqual([])
  })

  it('does not run a job before its time, nor one of a kind it has no handler for', async () => {
    const ran: string[] = []
    const jobs = await work({ greet: { run: async (job) => void ran.push(job.subject) } })
    await add({ kind: 'greet', subject: 'later', runAt: clock.now() + 90 * 86_400_000 })
    await add({ kind: 'other', subject: 'b' })
    await jobs.idle()
    expect(ran).toEqual([])
    clock.time += 90 * 86_400_000
    await jobs.idle()
    expect(ran).toEqual(['later'])
  })

  it('keeps one job for a subject, at the earliest time, with the last payload', async () => {
    await add({ kind: 'k', subject: 's', payload: 1, runAt: clock.now() + 50 })
    await add({ kind: 'k', subject: 's', payload: 2, runAt: clock.now() + 20 })
    await add({ kind: 'k', subject: 's', payload: 3, runAt: clock.now() + 90 })
    expect(await waiting()).toMatchObject([{ run_at: clock.now() + 20 }])
    clock.time += 20
    expect(await take('k')).toMatchObject([{ payload: 3 }])
  })

  it('runs a job again that was asked for while it ran, at the time asked for', async () => {
    await add({ kind: 'k', subject: 's' })
    const [job] = await take('k')
    await add({ kind: 'k', subject: 's', payload: 'again', runAt: clock.now() + 10 })
    if (job !== undefined) await db.write((tx) => finish(tx, job))
    expect(await take('k')).toEqual([])
    clock.time += 10
    expect(await take('k')).toMatchObject([{ payload: 'again', attempt: 1 }])
  })

  it('gives every job to one worker', async () => {
    const others = await Promise.all([0, 1, 2].map(() => take('k')))
    expect(others.flat()).toEqual([])
    await db.write(async (tx) => {
      for (let i = 0; i < 200; i++) await enqueue(tx, { kind: 'k', subject: `${i}` }, clock.now())
    })
    const taken = await Promise.all(Array.from({ length: 30 }, () => take('k', 7)))
    expect(taken.every((jobs) => jobs.length <= 7)).toBe(true)
    const rest = await take('k', 200)
    const subjects = [...taken.flat(), ...rest].map(({ subject }) => subject)
    expect(subjects).toHaveLength(200)
    expect(new Set(subjects).size).toBe(200)
  })

  it('hands a job on when its worker is gone, and holds the old worker off', async () => {
    await add({ kind: 'k', subject: 's' })
    const [old] = await take('k')
    if (old === undefined) throw new Error('no job')
    expect(await db.write((tx) => extendLease(tx, old, clock.now() + 60_000))).toBe(true)
    clock.time += 60_001
    expect(await take('k')).toMatchObject([{ attempt: 2, lease: 2 }])
    expect(await db.write((tx) => extendLease(tx, old, clock.now() + 60_000))).toBe(false)
    await expect(db.write((tx) => requireLease(tx, old))).rejects.toThrow('lost')
    await db.write((tx) => finish(tx, old))
    expect(await waiting()).toHaveLength(1)
  })

  it('tries again later and later, then takes the last resort', async () => {
    const times: number[] = []
    const gaveUp: string[] = []
    const jobs = await work({
      k: {
        attempts: 4,
        run: async () => {
          times.push(clock.now())
          throw new Error('not today')
        },
        giveUp: async (job, error) => void gaveUp.push(`${job.subject}: ${String(error)}`),
      },
    })
    await add({ kind: 'k', subject: 's' })
    for (let i = 0; i < 60; i++) {
      await jobs.idle()
      clock.time += 500
    }
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    expect(gaps).toHaveLength(3)
    for (const [i, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(750 * 2 ** i)
      expect(gap).toBeLessThanOrEqual(1_000 * 2 ** i + 500)
    }
    expect(gaveUp).toEqual(['s: Error: not today'])
    expect(await waiting()).toEqual([])
  })

  it('keeps the reason of a failure for the operator', async () => {
    const jobs = await work({ k: { run: () => Promise.reject(new Error('the disk\0 is away')) } })
    await add({ kind: 'k', subject: 's' })
    await jobs.idle()
    expect(await db.read.selectFrom('jobs').select('last_error').execute()).toMatchObject([
      { last_error: 'the disk is away' },
    ])
  })

  it('tells a job that its time is over', async () => {
    const jobs = await work({ k: { deadlineMs: 20, run: untilStopped } })
    await add({ kind: 'k', subject: 's' })
    await jobs.idle()
    expect(await db.read.selectFrom('jobs').select('last_error').execute()).toMatchObject([
      { last_error: 'It was not done within 0.02 s' },
    ])
  })

  it('runs a periodic job at start, after each interval, and when asked to', async () => {
    const times: number[] = []
    const start = clock.now()
    const jobs = await work({
      sweep: { everyMs: 30 * 86_400_000, run: async () => void times.push(clock.now() - start) },
    })
    await jobs.idle()
    clock.time += 86_400_000
    await jobs.idle()
    expect(times).toEqual([0])
    clock.time += 29 * 86_400_000
    await jobs.idle()
    await jobs.run('sweep')
    await jobs.idle()
    expect(times).toEqual([0, 30 * 86_400_000, 30 * 86_400_000])
    expect(await waiting()).toMatchObject([{ run_at: start + 60 * 86_400_000, attempts: 0 }])
  })

  it('goes on with a periodic job that fails, however often', async () => {
    let runs = 0
    const jobs = await work({
      sweep: { everyMs: 1_000, attempts: 2, run: () => Promise.reject(new Error(`${++runs}`)) },
    })
    for (let i = 0; i < 10; i++) {
      await jobs.idle()
      clock.time += 1_000
    }
    expect(runs).toBe(10)
  })

  it('runs as many at once as were allowed', async () => {
    let now = 0
    let most = 0
    const run = async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now--
    }
    const jobs = await work({ k: { concurrency: 3, run } })
    await db.write(async (tx) => {
      for (let i = 0; i < 20; i++) await enqueue(tx, { kind: 'k', subject: `${i}` }, clock.now())
    })
    await jobs.idle()
    expect(most).toBe(3)
    expect(await waiting()).toEqual([])
  })

  const addFor = (owner: string, subjects: readonly string[]) =>
    db.write(async (tx) => {
      for (const subject of subjects) await enqueue(tx, { kind: 'k', subject, owner }, clock.time++)
    })
  const inTurn = (lane: 'new' | 'retry', limit: number, after = '') =>
    db.write((tx) =>
      claimInTurn(tx, lane, { kind: 'k', now: clock.now(), leaseUntil: clock.now() + 60_000, limit, after }),
    )
  const subjects = (jobs: readonly Job[]) => jobs.map(({ subject }) => subject)

  it('gives each owner its turn, whoever has more jobs', async () => {
    await addFor('a', ['a1', 'a2', 'a3', 'a4', 'a5'])
    await addFor('b', ['b1', 'b2'])
    await addFor('c', ['c1'])
    const first = await inTurn('new', 2)
    expect(subjects(first.jobs)).toEqual(['a1', 'b1'])
    const second = await inTurn('new', 4, first.after)
    expect(subjects(second.jobs)).toEqual(['c1', 'a2', 'b2', 'a3'])
    const third = await inTurn('new', 9, second.after)
    expect(subjects(third.jobs)).toEqual(['a4', 'a5'])
    expect(await hasDueIn(db.read, 'new', 'k', clock.now())).toBe(false)
  })

  it('takes the newest of those that were never tried, and tried ones apart', async () => {
    await addFor('a', ['a1', 'a2', 'a3'])
    await addFor('b', ['b1'])
    const newest = await db.write((tx) =>
      claimNewest(tx, { kind: 'k', now: clock.now(), leaseUntil: clock.now() + 60_000, limit: 2 }),
    )
    expect(subjects(newest).sort()).toEqual(['a3', 'b1'])
    expect(await hasDueIn(db.read, 'retry', 'k', clock.now())).toBe(false)
    await db.write(async (tx) => {
      for (const job of newest) await retryAt(tx, job, clock.now() + 10, null)
    })
    expect(await hasDueIn(db.read, 'retry', 'k', clock.now())).toBe(false)
    clock.time += 10
    expect(await hasDueIn(db.read, 'retry', 'k', clock.now())).toBe(true)
    expect(subjects((await inTurn('retry', 9, 'a')).jobs)).toEqual(['b1', 'a3'])
    expect(subjects((await inTurn('new', 9)).jobs)).toEqual(['a1', 'a2'])
  })

  it('takes a job from a worker that is gone among those that were tried', async () => {
    await addFor('a', ['a1'])
    await inTurn('new', 1)
    clock.time += 60_001
    expect((await inTurn('retry', 1)).jobs).toMatchObject([{ subject: 'a1', attempt: 2, lane: 'retry' }])
  })

  it('goes on behind the owners it looked at when many have nothing due', async () => {
    for (let i = 0; i < 150; i++) {
      await db.write((tx) =>
        enqueue(tx, { kind: 'k', subject: `${i}`, owner: `o${String(i).padStart(3, '0')}`, runAt: 9e12 }, 1),
      )
    }
    await addFor('z', ['z1'])
    let after = ''
    const taken: Job[] = []
    for (let i = 0; i < 4 && taken.length === 0; i++) {
      const claimed = await inTurn('new', 5, after)
      after = claimed.after
      taken.push(...claimed.jobs)
    }
    expect(subjects(taken)).toEqual(['z1'])
  })

  it('has slots for each lane, and runs a job again when it asks for that', async () => {
    const ran: string[] = []
    const jobs = await work({
      k: {
        lanes: { new: 1, newest: 1, retry: 1 },
        run: async (job) => {
          ran.push(`${job.subject} ${job.lane}`)
          return job.attempt === 1 ? { runAt: clock.now() + 5 } : undefined
        },
      },
    })
    await addFor('a', ['a1', 'a2', 'a3'])
    await jobs.idle()
    expect(ran.slice(0, 2).sort()).toEqual(['a1 new', 'a3 newest'])
    expect(ran).toHaveLength(3)
    expect(await waiting()).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 1 }])
    clock.time += 5
    await jobs.idle()
    expect(ran.slice(3).sort()).toEqual(['a1 retry', 'a2 retry', 'a3 retry'])
    expect(await waiting()).toEqual([])
  })

  it('takes over what a killed process left: soon when it is alone, later each time it ends the process', async () => {
    await add({ kind: 'k', subject: 's' })
    await add({ kind: 'k', subject: 'waits', runAt: clock.now() + 3_600_000 })
    await add({ kind: 'others', subject: 'run by others' })
    await take('others')
    const ran: number[] = []
    const handlers = { k: { run: async (job: Job) => void ran.push(job.attempt) } }
    const start = async (isAlone: boolean) => {
      const jobs = await openJobs({ db, clock, log, handlers: {}, aloneFor: isAlone ? ['k'] : [] })
      await jobs.close(0)
    }
    // Each time it is killed at once.
    for (const [attempt, waitMs] of [1_000, 2_000, 4_000].entries()) {
      expect(await take('k')).toMatchObject([{ subject: 's', attempt: attempt + 1 }])
      await start(false)
      clock.time += 10
      expect(await take('k')).toEqual([])
      await start(true)
      clock.time += waitMs - 1
      expect([await take('k'), await take('others')]).toEqual([[], []])
      clock.time += 1
    }
    // A lease never grows by it.
    expect(await take('k')).toMatchObject([{ attempt: 4 }])
    clock.time += 59_000
    await start(true)
    clock.time += 1_000
    await (await work(handlers)).idle()
    expect(ran).toEqual([5])
    const left = (await waiting()).map(({ subject, attempts }) => `${subject} ${attempts}`)
    expect(left.toSorted()).toEqual(['run by others 1', 'waits 0'])
  })

  it('writes down how a job went once the database is there again, not after its lease', async () => {
    let isAway = false
    let refused = 0
    const away = withWrites(db, (operation) => {
      if (!isAway) return db.write(operation)
      if (++refused === 2) isAway = false
      return Promise.reject(new AppError('unavailable', 'The database is not available right now'))
    })
    const run = async () => void (isAway = true)
    const jobs = await openJobs({ db: away, clock, log, handlers: { greet: { run } } })
    opened.push(jobs)
    await add({ kind: 'greet', subject: 'a' })
    await jobs.idle()
    expect(refused).toBe(2)
    expect(await waiting()).toEqual([])
  })

  it('lets jobs finish when it closes', async () => {
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const jobs = await work({
      k: {
        run: () => {
          started.resolve()
          return release.promise
        },
      },
    })
    await add({ kind: 'k', subject: 's' })
    jobs.wake()
    await started.promise
    const closing = jobs.close()
    release.resolve()
    await closing
    expect(await waiting()).toEqual([])
  })

  it('stops a job at once that loses nothing by it, and gives it back', async () => {
    const started = Promise.withResolvers<void>()
    const jobs = await work({
      k: {
        stopsAtOnce: true,
        run: (job, signal) => {
          started.resolve()
          return untilStopped(job, signal)
        },
      },
    })
    await add({ kind: 'k', subject: 's' })
    jobs.wake()
    await started.promise
    const began = performance.now()
    await jobs.close(60_000)
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(await waiting()).toMatchObject([{ attempts: 0, lease_until: null }])
  })

  it('ends a job once, though its handler did so itself and it was asked for again meanwhile', async () => {
    const asked: number[] = []
    const jobs = await work({
      k: {
        run: async (job) => {
          asked.push(asked.length)
          if (asked.length > 1) return
          await add({ kind: 'k', subject: 's', runAt: clock.now() + 10 })
          await db.write((tx) => finish(tx, job))
        },
      },
    })
    await add({ kind: 'k', subject: 's' })
    await jobs.idle()
    expect(await waiting()).toMatchObject([{ subject: 's', attempts: 0 }])
    clock.time += 10
    await jobs.idle()
    expect(asked).toEqual([0, 1])
    expect(await waiting()).toEqual([])
  })

  it('gives jobs back that do not finish in time, and counts no attempt', async () => {
    const started = Promise.withResolvers<void>()
    const jobs = await work({
      k: {
        run: (job, signal) => {
          started.resolve()
          return untilStopped(job, signal)
        },
      },
    })
    await add({ kind: 'k', subject: 's' })
    jobs.wake()
    await started.promise
    await jobs.close(0)
    expect(await waiting()).toMatchObject([{ attempts: 0, lease_until: null }])
    expect(await take('k')).toMatchObject([{ attempt: 1, lease: 2 }])
  })
}

function untilStopped(_job: Job, signal: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
}
