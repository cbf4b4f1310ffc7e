// How soon the console can be used: `node bench/console-start.ts`. From the navigation to the heading and the rows of
// /files and the answer to a click; a real server, a real Chromium, a browser of its own each time, so nothing is cached.
// Then what is loaded for that: scripts as they are sent, fonts, requests.
import { removeData } from '../acceptance/support/server.ts'
import { launchBrowser } from '../packages/console/test/support/browser.ts'
import { unpackChromium } from '../packages/console/test/support/chromium-path.ts'
import { openConsole, type ReadyServer, startReadyServer } from '../packages/console/test/support/console-page.ts'
import { readBundle, type Size } from '../packages/console/test/support/read-bundle.ts'
import { seedSamples } from '../packages/console/scripts/seed-samples.ts'

const runs = 10
const bounds = { interactiveMs: 1_000, initialBytes: 200_000, pageBytes: 60_000 }

interface Load {
  readonly interactiveMs: number
  readonly requests: number
  readonly fontBytes: number
  readonly sentBytes: number
}

const server = await startReadyServer()
try {
  await seedSamples(server)
  const executable = await unpackChromium()
  const loads: Load[] = []
  for (let run = 0; run < runs; run++) loads.push(await load(server, executable))
  const times = loads.map(({ interactiveMs }) => Math.round(interactiveMs))
  const [median = 0] = times.toSorted((a, b) => a - b).slice(runs >> 1)
  console.log(
    `first page interactive: ${median} ms, bound ${bounds.interactiveMs}${over(median, bounds.interactiveMs)} (${times.join(', ')})`,
  )
  const [{ requests, fontBytes, sentBytes } = { requests: 0, fontBytes: 0, sentBytes: 0 }] = loads
  console.log(`  ${requests} requests, ${kB(sentBytes)} kB sent, of it fonts ${kB(fontBytes)} kB`)
} finally {
  await server.stop()
  await removeData(server)
}

const { initial, pages } = readBundle()
console.log(
  `initial script: ${sizes(initial)}, bound ${kB(bounds.initialBytes)} gzip${over(initial.gzip, bounds.initialBytes)}`,
)
console.log(`what each page adds, bound ${kB(bounds.pageBytes)} gzip:`)
for (const { name, size } of pages.toSorted((a, b) => b.size.gzip - a.size.gzip)) {
  console.log(`  ${name.padEnd(16)} ${sizes(size)}${over(size.gzip, bounds.pageBytes)}`)
}

async function load(server: ReadyServer, executable: string): Promise<Load> {
  const browser = await launchBrowser(executable)
  try {
    const { page } = await openConsole(browser, server)
    const finished: Promise<{ isFont: boolean; bytes: number }>[] = []
    page.on('requestfinished', (request) => {
      const isFont = request.resourceType() === 'font'
      finished.push(request.sizes().then(({ responseBodySize }) => ({ isFont, bytes: responseBodySize })))
    })
    const began = performance.now()
    await page.goto(`${server.apiUrl}/files`, { waitUntil: 'commit' })
    await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
    // The first is the head of the table.
    await page.getByRole('row').nth(1).waitFor()
    await page.getByRole('button', { name: /^Account / }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor()
    const interactiveMs = performance.now() - began
    await page.waitForLoadState('networkidle')
    const all = await Promise.all(finished)
    const sum = (some: typeof all) => some.reduce((total, { bytes }) => total + bytes, 0)
    return {
      interactiveMs,
      requests: all.length,
      fontBytes: sum(all.filter(({ isFont }) => isFont)),
      sentBytes: sum(all),
    }
  } finally {
    await browser.close()
  }
}

function sizes({ gzip, brotli }: Size): string {
  return `${kB(gzip)} kB gzip, ${kB(brotli)} kB as sent (brotli)`
}

function kB(bytes: number): string {
  return (bytes / 1_000).toFixed(1)
}

function over(value: number, bound: number): string {
  return value > bound ? ' OVER' : ''
}
