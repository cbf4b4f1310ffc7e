import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { startServer, type StartOptions } from '../../acceptance/support/server.ts'
import { check } from '../check/check.ts'
import { checkLedger } from '../check/ledger.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import { Driver } from '../load/driver.ts'
import type { History } from '../load/history.ts'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import { openInstallation } from '../support/installation.ts'
import { openHere } from '../support/open-here.ts'
import { waitedForProcessorMs } from '../support/waited-for-processor.ts'
import { type CopyingDisk, makeCopyingDisk } from './disks/copying-disk.ts'
import { madeUpDisk, reflinks, strace } from './disks/needs.ts'
import { makeVolatileDisk } from './disks/volatile-disk.ts'
import { withoutSyncs } from './without-syncs.ts'

/** Points of one sweep; between two the load goes on. More would make a history that takes longer to check. */
const pointsOfSweep = 30
/** So many points are started and checked at a time. */
const rows = 4
/** What nobody changed since the point before is read again in so many samples: the points together read all of it. */
const samples = 4
/** It must be ready by itself so soon (I8), without what it waits for a processor. */
const readyWithinMs = 30_000

/** F17: what a power cut would leave, taken at many moments of one run, each started on and checked. */
export const crashPoints: Rig = {
  name: 'crash-points',
  proves:
    'nothing acknowledged is lost at any of many moments of a mixed load, the cache of the disk lost, and it starts by itself (F17)',
  needs: [...madeUpDisk, ...reflinks, strace],
  async run(context) {
    const points = context.rounds ?? (context.profile === 'short' ? 4 : 260)
    const violations: string[] = []
    const sum = { points: 0, acknowledged: 0, underWay: 0, openMs: 0, readyMs: 0 }
    for (let sweep = 0; sum.points < points && violations.length === 0; sweep++) {
      const result = await sweepOnce(context, { sweep, points: Math.min(pointsOfSweep, points - sum.points) })
      violations.push(...result.violations)
      sum.points += result.points
      sum.acknowledged += result.acknowledged
      sum.underWay += result.underWay
      sum.openMs = Math.max(sum.openMs, result.openMs)
      sum.readyMs = Math.max(sum.readyMs, result.readyMs)
      context.log(`${sum.points} of ${points} points, ${violations.length} violations`)
    }
    const figures = {
      acknowledged: sum.acknowledged,
      'under way at a point': sum.underWay,
      'opened again, ms at most': Math.round(sum.openMs),
      'ready again as a process, ms at most': Math.round(sum.readyMs),
    }
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
  /** The slowest of those that were opened in this process, and the one that was started as a process. */
  readonly openMs: number
  readonly readyMs: number
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
    try {
      const installation = await openInstallation({ dir, random }, { ...options, dataDir: join(disk.path, 'data') })
      driver = installation.driver
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
    context.log(`sweep ${sweep}: ${taken.length} points in ${seconds(startedAt)} s`)
    const violations: string[] = []
    let [openMs, readyMs] = [0, 0]
    // Before the check, which settles what is unknown.
    const underWay = taken.reduce((sum, { history }) => sum + history.things.filter(({ busy }) => busy).length, 0)
    const look = async (at: number, before: number | undefined) => {
      const point = taken[at]
      if (point === undefined) return
      passOver(point.history, before === undefined ? undefined : taken[before]?.history)
      // One of them as people start it; the others without what that computes, which is the same each time.
      const isProcess = at === taken.length - 1
      const found = await checkPoint(copies, driver, point, isProcess)
      if (isProcess) readyMs = found.tookMs
      else openMs = Math.max(openMs, found.tookMs)
      // What several beside each other take in one thread says nothing of a start.
      if (isProcess && found.tookMs > readyWithinMs)
        violations.push(`sweep ${sweep}, point ${at}: ready after ${Math.round(found.tookMs)} ms`)
      violations.push(...found.violations.map((words) => `sweep ${sweep}, point ${at}: ${words}`))
    }
    await look(0, undefined)
    // Several rows of points beside each other: mostly each waits for the disk.
    const length = Math.ceil((taken.length - 1) / rows)
    await Promise.all(
      Array.from({ length: rows }, async (_, row) => {
        const first = 1 + row * length
        for (let at = first; at < first + length; at++) await look(at, at === first ? 0 : at - 1)
      }),
    )
    const { acknowledged } = driver.history.counts
    return { points: taken.length, violations, acknowledged, underWay, openMs, readyMs }
  } finally {
    await copies.close()
  }
}

const seconds = (since: number) => Math.round((performance.now() - since) / 1_000)

async function takePoints(
  { random }: RigContext,
  { driver, points, copy }: { driver: Driver; points: number; copy: (name: string) => string },
): Promise<Point[]> {
  const stop = new AbortController()
  const load = applyLoad(driver, { signal: stop.signal })
  const taken: Point[] = []
  while (taken.length < points) {
    // Some answers later, and then at any moment: on a slow machine, too, each point is another one.
    await acknowledgedMore(driver.history, 1 + random.below(12), 1_500)
    await setTimeout(random.below(80))
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
  isProcess: boolean,
): Promise<{ violations: readonly string[]; tookMs: number }> {
  const mounted = await copies.mount(copy)
  const dataDir = join(mounted.path, 'data')
  try {
    const startedAt = performance.now()
    const opened: Opened = isProcess ? await startProcess(dataDir) : await openHere(dataDir)
    const tookMs = performance.now() - startedAt - (isProcess ? waitedForProcessorMs(opened.pid) : 0)
    try {
      const violations = await check(new Driver({ history, random, accounts, urls: opened }), { samples })
      return { violations: [...violations, ...(await checkLedger({ dataDir }, { all: false }))], tookMs }
    } finally {
      await opened.close()
    }
  } catch (error) {
    // A start that is refused.
    const words = error instanceof Error ? error.message : String(error)
    return { violations: [`no start: ${words.slice(0, 600)}`], tookMs: 0 }
  } finally {
    await mounted.remove()
  }
}

interface Opened {
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** Of a process of its own. */
  readonly pid?: number | undefined
  close(): Promise<void>
}

async function startProcess(dataDir: string): Promise<Opened> {
  const server = await startServer({ dataDir, env: { PINYON_RATE_LIMITS: 'off' } })
  const { apiUrl, gatewayUrl } = server
  return { apiUrl, gatewayUrl, pid: server.process.pid, close: () => server.kill() }
}
