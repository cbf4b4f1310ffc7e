// Pictures of every page of the console, to look at: `npm run screenshots -- [folder] [page ...]`. A server of its own is
// set up, filled with samples and photographed at 1440 and 390 pixels, light and dark. With `--docs` instead: the pictures
// of README.md and docs/tour.md, into docs/images.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser, type Look } from '../test/support/browser.ts'
import { unpackChromium } from '../test/support/chromium-path.ts'
import { openConsole, startReadyServer } from '../test/support/console-page.ts'
import { seedSamples, type Samples } from './seed-samples.ts'
import type { Shot } from './shot.ts'
import { shots } from './shots.ts'

const isForDocs = process.argv.includes('--docs')
const [folder = 'screenshots', ...asked] = process.argv.slice(2)
/** What README.md and docs/tour.md show, in the order of the tour. */
const docsShots = [
  'files',
  'file-text',
  'palette',
  'pin-failed',
  'name',
  'new-key',
  'key',
  'usage',
  'connect',
  'health',
]
const unknown = (isForDocs ? [] : asked).find((name) => !shots.some((shot) => shot.name === name))
if (unknown !== undefined) throw new Error(`No page ${unknown}: ${shots.map(({ name }) => name).join(', ')}`)

const server = await startReadyServer()
const browser = await launchBrowser(await unpackChromium())
try {
  const samples = await seedSamples(server)
  if (isForDocs) await photographForDocs(samples)
  else await photographAll(samples)
} finally {
  await browser.close()
  await server.stop()
  await removeData(server)
}

async function photographForDocs(samples: Samples): Promise<void> {
  const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url))
  await mkdir(images, { recursive: true })
  for (const name of docsShots.filter((each) => asked.length === 0 || asked.includes(each))) {
    const shot = shots.find((each) => each.name === name)
    if (shot === undefined) throw new Error(`there is no picture ${name}`)
    await photograph(shot, samples, { theme: 'light', width: 1200, height: 750 }, `${images}console-${name}.png`)
  }
}

async function photographAll(samples: Samples): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      for (const shot of shots.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
        const look = { theme, width, height: width === 390 ? 844 : 900 }
        await photograph(shot, samples, look, join(folder, `${shot.name}-${width}-${theme}.png`))
      }
    }
  }
}

async function photograph(shot: Shot, samples: Samples, look: Look, path: string): Promise<void> {
  const as = shot.signedOut === true ? { as: null } : {}
  const opened = await openConsole(browser, server, { ...look, ...as })
  // A stream that stands never lets the network be idle.
  await opened.page.route('**/pinyon/v1/events?*', (route) => route.abort())
  await shot.before?.(opened.page)
  await opened.page.goto(`${server.apiUrl}${shot.path(samples)}`)
  await opened.page.getByRole('heading', { name: shot.heading, level: 1 }).waitFor()
  await shot.act?.(opened.page)
  await opened.page.waitForLoadState('networkidle')
  await opened.page.screenshot({ path, fullPage: shot.act === undefined && !isForDocs })
  await shot.after?.(opened.page)
  for (const line of opened.complaints.all) console.error(`${shot.name}: ${line}`)
  await opened.close()
  console.log(path)
}
