import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startServer, type StartOptions } from '../../acceptance/support/server.ts'
import { check } from '../check/check.ts'
import { applyLoad } from '../load/apply.ts'
import { Driver } from '../load/driver.ts'
import type { History } from '../load/history.ts'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import { openInstallation } from '../support/installation.ts'
import { type CopyingDisk, makeCopyingDisk } from './disks/copying-disk.ts'
import { madeUpDisk, reflinks, strace } from './disks/needs.ts'
import { makeVolatileDisk } from './disks/volatile-disk.ts'
import { withoutSyncs } from './without-syncs.ts'

/** Points of one sweep; between two the load goes on. */
const pointsOfSweep = 25
/** It must be ready by itself so soon (I8); on a machine that has other work, in twice the time that a new one took. */
const readyWithinMs = 30_000

/** F17: what a power cut would leave, taken at many moments of one run, each started on and checked. */
export const crashPoints: Rig = {
  name: 'crash-points',
  proves: 'nothing acknowledged is lost at any of many moments of a mixed load, the cache of the disk lost (F17)',
  needs: [...madeUpDisk, ...reflinks, strace],
  async run(context) {
    const points = context.rounds ?? (context.profile === 'short' ? 4 : 260)
    const violations: string[] = []
    const sum = { points: 0, acknowledged: 0, underWay: 0, slowestMs: 0 }
    for (let sweep = 0; sum.points < points && violations.length === 0; sweep++) {
      const result = await sweepOnce(context, { sweep, points: Math.min(pointsOfSweep, points - sum.points) })
      violations.push(...result.violations)
      sum.points += result.points
      sum.acknowledged += result.acknowledged
      sum.underWay += result.underWay
      sum.slowestMs = Math.max(sum.slowestMs, result.slowestMs)
      context.log(`${sum.points} of ${points} points, ${violations.length} violations`)
    }
    const { acknowledged, underWay, slowestMs } = sum
    const figures = { acknowledged, 'under way at a point': underWay, 'ready again, ms at most': Math.round(slowestMs) }
    return { points: sum.points, violations, figures }
  },
  control: {
    does: 'the same while fsync and fdatasync do nothing and say that they did',
    run: async (context) => (await sweepOnce(context, { sweep: 0, points: 3 }, { under: withoutSyncs })).violations,
  },
}

interface SweepResult extends RigResult {
  readonly acknowledged: number
  readonly underWay: number
  readonly slowestMs: number
}

/** A moment of a run: what the disk held, and what had been asked and answered. */
interface Point {
  readonly copy: string
  readonly history: History
}

async function sweepOnce(
  context: RigContext,
  { sweep, points }: { sweep: number; points: number },
  options: StartOptions = {},
): Promise<SweepResult> {
  const dir = join(context.dir, `sweep-${sweep}`)
  const copies = await makeCopyingDisk(dir, { sizeMiB: 8_192 })
  try {
    const disk = await makeVolatileDisk(join(copies.path, 'disk'), { sizeMiB: 768 })
    const random = context.random.fork(sweep)
    let taken: Point[]
    let driver: Driver
    const startedAt = performance.now()
    let patienceMs: number
    try {
      const installation = await openInstallation({ dir, random }, { ...options, dataDir: join(disk.path, 'data') })
      driver = installation.driver
      patienceMs = Math.max(readyWithinMs, 2 * (performance.now() - startedAt))
      try {
        taken = await takePoints(
          { ...context, random },
          { driver, points, copy: (name) => copies.copy(disk.image, name) },
        )
      } finally {
        await installation.close()
      }
    } finally {
      await disk.close()
    }
    const violations: string[] = []
    let slowestMs = 0
    // Before the check, which settles what is unknown.
    const underWay = taken.reduce((sum, { history }) => sum + history.things.filter(({ busy }) => busy).length, 0)
    for (const [at, point] of taken.entries()) {
      passOver(point.history, taken[at - 1]?.history)
      const found = await checkPoint(copies, driver, point)
      slowestMs = Math.max(slowestMs, found.readyMs)
      if (found.readyMs > patienceMs)
        violations.push(`sweep ${sweep}, point ${at}: ready after ${Math.round(found.readyMs)} ms`)
      violations.push(...found.violations.map((words) => `sweep ${sweep}, point ${at}: ${words}`))
    }
    return { points: taken.length, violations, acknowledged: driver.history.counts.acknowledged, underWay, slowestMs }
  } finally {
    await copies.close()
  }
}

async function takePoints(
  { random }: RigContext,
  { driver, points, copy }: { driver: Driver; points: number; copy: (name: string) => string },
): Promise<Point[]> {
  const stop = new AbortController()
  const load = applyLoad(driver, { signal: stop.signal })
  const taken: Point[] = []
  while (taken.length < points) {
    await setTimeout(60 + random.below(400))
    // In one turn of the event loop: nothing is asked and no answer is read between the two.
    const history = driver.history.copy()
    expectUnheard(history)
    taken.push({ history, copy: copy(`point-${taken.length}`) })
  }
  stop.abort()
  await load
  return taken
}

/** A key that is being given another credential may have it, and then none works that anybody has heard of. */
function expectUnheard(history: History): void {
  for (const key of history.ofKind('key')) if (key.busy) key.possible = [...key.possible, { working: [] }]
}

/** Bytes that the point before had, and that nobody has changed since, are read again in samples only. */
function passOver(history: History, before: History | undefined): void {
  const known = new Map(before?.things.map((thing) => [thing.name, thing]))
  for (const thing of history.things) {
    const earlier = known.get(thing.name)
    thing.isChecked = earlier?.isChecked === true && isDeepStrictEqual(earlier.possible, thing.possible)
  }
}

async function checkPoint(
  copies: CopyingDisk,
  { accounts, random }: Driver,
  { copy, history }: Point,
): Promise<{ violations: readonly string[]; readyMs: number }> {
  const mounted = await copies.mount(copy)
  try {
    const startedAt = performance.now()
    const server = await startServer({ dataDir: join(mounted.path, 'data'), env: { PINYON_RATE_LIMITS: 'off' } })
    const readyMs = performance.now() - startedAt
    try {
      return { violations: await check(new Driver({ history, random, accounts, urls: server })), readyMs }
    } finally {
      await server.kill()
    }
  } catch (error) {
    // A start that is refused.
    const words = error instanceof Error ? error.message : String(error)
    return { violations: [`no start: ${words.slice(0, 600)}`], readyMs: 0 }
  } finally {
    await mounted.remove()
  }
}
