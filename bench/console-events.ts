// Whether a tab that follows live events for long stays as small as it was:
// `node bench/console-events.ts [events] [times faster]`. A real server tells of pins that come in, ten a second, to a
// real Chromium with the page of pins open; timers of the page and the load run so many times faster than the clock, so
// that an hour's events, and all that the page does at times of its own, take two minutes. What the page holds after
// forced collections, ten times on the way. Ends with 1 when the second half has grown: what the script holds by 3 % or
// more, nodes by 1 %, listeners by 5 %. What V8 compiles is shown, and not judged: it ends by itself.
import { removeData } from '../acceptance/support/server.ts'
import { launchBrowser } from '../packages/console/test/support/browser.ts'
import { unpackChromium } from '../packages/console/test/support/chromium-path.ts'
import { openConsole, startReadyServer } from '../packages/console/test/support/console-page.ts'
import { identityCid, pinByApi } from '../packages/console/test/support/pin-api.ts'
import { weighHeap } from '../packages/console/test/support/weigh-heap.ts'

const events = Number(process.argv[2] ?? 36_000)
const faster = Number(process.argv[3] ?? 30)
const looks = 10
const atOnce = 8
const perSecond = 10 * faster

const server = await startReadyServer()
const browser = await launchBrowser(await unpackChromium())
try {
  const { page, go, complaints } = await openConsole(browser, server)
  await page.addInitScript((times) => {
    const { setTimeout, setInterval } = globalThis
    const quick =
      (start: (call: TimerHandler, ms?: number, ...rest: unknown[]) => number) =>
      (call: TimerHandler, ms = 0, ...rest: unknown[]) =>
        start(call, ms / times, ...rest)
    Object.assign(globalThis, { setTimeout: quick(setTimeout), setInterval: quick(setInterval) })
  }, faster)
  await go('/pins', 'Pins')
  await page.getByText('Live', { exact: true }).waitFor()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  /** What the page holds when nothing is left that nobody holds. */
  const measure = async () => {
    const parts = await weighHeap(devtools)
    const { metrics } = await devtools.send('Performance.getMetrics')
    const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
    return { ...parts, heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') }
  }
  let requests = 0
  page.on('request', () => requests++)
  console.log(' events   heap MiB   of it data   of it code   nodes   listeners   requests')
  const seen: Awaited<ReturnType<typeof measure>>[] = []
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(2)
  for (let look = 0; look <= looks; look++) {
    if (look > 0) await pinMany((look - 1) * (events / looks), look * (events / looks))
    await page
      .getByText(`pin ${Math.floor((look * events) / looks) - 1}`, { exact: true })
      .waitFor({ state: look === 0 ? 'detached' : 'attached' })
    const now = await measure()
    seen.push(now)
    const columns = [mib(now.heap), mib(now.data), mib(now.code), now.nodes, now.listeners, requests]
    const widths = [11, 13, 13, 8, 12, 11]
    const line = columns.map((each, at) => String(each).padStart(widths[at] ?? 0)).join('')
    console.log(`${String((look * events) / looks).padStart(7)}${line}`)
  }
  for (const line of complaints.all) console.log(`the page complains: ${line}`)
  const [middle, end] = [seen[looks / 2], seen.at(-1)]
  if (middle === undefined || end === undefined) throw new Error('it was not looked ten times')
  const share = (part: 'heap' | 'data' | 'code') => ((end[part] / middle[part]) * 100).toFixed(1)
  console.log(
    `at the end, of what it was in the middle: data ${share('data')} %, code ${share('code')} %, heap ${share('heap')} %`,
  )
  const most = { data: 1.03, nodes: 1.01, listeners: 1.05 }
  const isFlat = (['data', 'nodes', 'listeners'] as const).every((each) => end[each] < middle[each] * most[each])
  process.exitCode = isFlat && complaints.all.length === 0 ? 0 : 1
} finally {
  await browser.close()
  await server.stop()
  await removeData(server)
}

/** Pins small content at the pace asked for, each CID once; the last of them when all others are there. */
async function pinMany(from: number, to: number): Promise<void> {
  const began = performance.now()
  let next = from
  const work = async () => {
    for (let n = next++; n < to - 1; n = next++) {
      const earlyMs = began + ((n - from) / perSecond) * 1_000 - performance.now()
      if (earlyMs > 1) await new Promise((resolve) => setTimeout(resolve, earlyMs))
      await pinByApi(server, identityCid(`event ${n}`), `pin ${n}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await pinByApi(server, identityCid(`event ${to - 1}`), `pin ${to - 1}`)
}
