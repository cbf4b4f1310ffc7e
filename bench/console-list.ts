// How long the list of files holds the page with 1,000,000 files: `node bench/console-list.ts [directory]`. A real
// Chromium scrolls by wheel, and by leaps as dragging the scroll bar makes them. The browser itself tells every task of
// 50 ms or longer, and the processor's time of the longest: on a busy machine a task also waits. Then the first rows after
// opening the page, median of ten.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { setUp, startServer, type TestServer } from '../acceptance/support/server.ts'
import { launchBrowser } from '../packages/console/test/support/browser.ts'
import { unpackChromium } from '../packages/console/test/support/chromium-path.ts'
import { type ConsolePage, openConsole } from '../packages/console/test/support/console-page.ts'
import { accountId, seedSqlite } from './support/seed-files.ts'

type Page = ConsolePage['page']

const count = 1_000_000
const scrollMs = 30_000
const openings = 10

const place = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'pinyon-bench-'))
const server = await makeServer(join(place, 'data'))
const browser = await launchBrowser(await unpackChromium())
try {
  const { page, go, complaints } = await openConsole(browser, server)
  await page.addInitScript(() => {
    const tasks: number[] = []
    Object.assign(window, { tasks })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration)
    }).observe({ type: 'longtask' })
  })
  await go('/files', 'Files')
  await rows(page).nth(10).waitFor()
  await measure(page, `${scrollMs / 1_000} s of the wheel`, () => wheel(page))
  await measure(page, 'dragging the scroll bar up and down', () => drag(page))
  for (const line of complaints.all) console.log(`the page complains: ${line}`)

  const times: number[] = []
  for (let n = 0; n < openings; n++) {
    await page.goto('about:blank')
    const began = performance.now()
    await page.goto(`${server.apiUrl}/files`, { waitUntil: 'commit' })
    await rows(page).nth(10).waitFor()
    times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  console.log(
    `first rows after ${Math.round(times[openings >> 1] ?? 0)} ms (${times.map((ms) => Math.round(ms)).join(', ')})`,
  )
} finally {
  await browser.close()
  await server.stop()
  await rm(place, { recursive: true })
}

/** A server that was set up, whose owner's account has the files. */
async function makeServer(dataDir: string): Promise<TestServer> {
  const first = await startServer({ dataDir })
  await setUp(first)
  await first.stop()
  const file = join(dataDir, 'pinyon.db')
  const db = new DatabaseSync(file)
  const owner = String(db.prepare('select id from accounts').get()?.['id'])
  db.close()
  seedSqlite(file, count)
  // The files are made for an account of their own; it becomes the owner's here.
  const seeded = new DatabaseSync(file)
  seeded.exec('pragma foreign_keys = off; begin')
  seeded.prepare('update members set account_id = ? where account_id = ?').run(accountId, owner)
  seeded.exec('commit; pragma wal_checkpoint(truncate)')
  seeded.close()
  return startServer({ dataDir })
}

function rows(page: Page) {
  return page.getByRole('table', { name: 'Files' }).getByRole('row')
}

/** As somebody who looks for something far down, without waiting for anything. */
async function wheel(page: Page): Promise<void> {
  await page.getByRole('table', { name: 'Files' }).hover()
  const until = performance.now() + scrollMs
  while (performance.now() < until) {
    await page.mouse.wheel(0, 1_500)
    await setTimeout(16)
  }
}

async function drag(page: Page): Promise<void> {
  const table = page.getByRole('table', { name: 'Files' })
  for (let turn = 0; turn < 40; turn++) {
    // What dragging the thumb does: leaps, each a frame after the other.
    await table.evaluate((frame, share) => frame.scrollTo(0, frame.scrollHeight * share), Math.abs(Math.sin(turn / 3)))
    await setTimeout(100)
  }
  await table.evaluate((frame) => frame.scrollTo(0, frame.scrollHeight))
  await setTimeout(1_000)
}

/** What of a trace is read here (Trace Event Format). Times in microseconds. */
interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** Time that the thread had a processor. */
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/** What held the page meanwhile, and how far down it got. */
async function measure(page: Page, title: string, act: () => Promise<void>): Promise<void> {
  const tasksMs = () => page.evaluate(() => (window as unknown as { tasks: number[] }).tasks.splice(0)) // set above
  await tasksMs()
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  await act()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] } // see above
  const long = await tasksMs()
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
  const busyMs = traceEvents
    .filter(
      ({ name, pid, tid }) => name.endsWith('RunTask') && mains.some((main) => main.pid === pid && main.tid === tid),
    )
    .map(({ tdur = 0 }) => tdur / 1_000)
  const last = await rows(page).last().getAttribute('aria-rowindex')
  console.log(
    `${title}: ${long.length} tasks of 50 ms or longer, longest ${Math.round(Math.max(0, ...long))} ms; ` +
      `longest by the processor's time ${busyMs.reduce((most, ms) => Math.max(most, ms), 0).toFixed(1)} ms; down to row ${Number(last).toLocaleString('en')}`,
  )
}
