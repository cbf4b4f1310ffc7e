// Whether a tab that follows live events for long stays as small as it was: `node bench/console-events.ts [events]`. A
// real server tells of pins that come in, as fast as it takes them, to a real Chromium with the page of pins open: as
// many events as a busy hour has. Memory of script, nodes and listeners of the page after a forced collection, ten times
// on the way. Ends with 1 when the second half has grown by more than a tenth.
import { removeData } from '../acceptance/support/server.ts'
import { launchBrowser } from '../packages/console/test/support/browser.ts'
import { unpackChromium } from '../packages/console/test/support/chromium-path.ts'
import { openConsole, startReadyServer } from '../packages/console/test/support/console-page.ts'
import { identityCid, pinByApi } from '../packages/console/test/support/pin-api.ts'

const events = Number(process.argv[2] ?? 36_000)
const looks = 10
const atOnce = 8

const server = await startReadyServer()
const browser = await launchBrowser(await unpackChromium())
try {
  const { page, go, complaints } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await page.getByText('Live', { exact: true }).waitFor()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  /** What the page holds when nothing is left that nobody holds. */
  const measure = async () => {
    // What the last collection ends can be what holds more.
    for (let n = 0; n < 3; n++) await devtools.send('HeapProfiler.collectGarbage')
    const { metrics } = await devtools.send('Performance.getMetrics')
    const value = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
    return { heapMib: value('JSHeapUsedSize') / 2 ** 20, nodes: value('Nodes'), listeners: value('JSEventListeners') }
  }
  let requests = 0
  page.on('request', () => requests++)
  console.log('events   script MiB   nodes   listeners   requests')
  const seen: Awaited<ReturnType<typeof measure>>[] = []
  for (let look = 0; look <= looks; look++) {
    if (look > 0) await pinMany((look - 1) * (events / looks), look * (events / looks))
    await page
      .getByText(`pin ${Math.floor((look * events) / looks) - 1}`, { exact: true })
      .waitFor({ state: look === 0 ? 'detached' : 'attached' })
    const now = await measure()
    seen.push(now)
    console.log(
      `${String((look * events) / looks).padStart(6)} ${now.heapMib.toFixed(1).padStart(12)} ${String(now.nodes).padStart(7)} ${String(now.listeners).padStart(11)} ${String(requests).padStart(10)}`,
    )
  }
  for (const line of complaints.all) console.log(`the page complains: ${line}`)
  const grown = (seen.at(-1)?.heapMib ?? Number.NaN) / (seen[looks / 2]?.heapMib ?? Number.NaN)
  console.log(`script memory at the end ${(grown * 100).toFixed(0)} % of what it was in the middle`)
  process.exitCode = grown <= 1.1 ? 0 : 1
} finally {
  await browser.close()
  await server.stop()
  await removeData(server)
}

/** Pins small content, each CID once; the last of them when all others are there. */
async function pinMany(from: number, to: number): Promise<void> {
  let next = from
  const work = async () => {
    for (let n = next++; n < to - 1; n = next++) await pinByApi(server, identityCid(`event ${n}`), `pin ${n}`)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await pinByApi(server, identityCid(`event ${to - 1}`), `pin ${to - 1}`)
}
