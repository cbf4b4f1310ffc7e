// Pictures of every page of the console, to look at: `npm run screenshots -- [folder] [page ...]`. A server of its own is
// set up, filled with samples and photographed at 1440 and 390 pixels, light and dark. With `--docs` instead: the pictures
// of README.md and docs/tour.md, into docs/images.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { removeData } from '../../../acceptance/support/server.ts'
import { collectComplaints, launchBrowser, type Look } from '../test/support/browser.ts'
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
  'gateway',
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
  const chosen = docsShots.filter((each) => asked.length === 0 || asked.includes(each))
  await photograph(chosen.map(shotCalled), samples, { theme: 'light', width: 1200, height: 750 }, (name) =>
    join(images, `console-${name}.png`),
  )
}

function shotCalled(name: string): Shot {
  const shot = shots.find((each) => each.name === name)
  if (shot === undefined) throw new Error(`there is no picture ${name}`)
  return shot
}

async function photographAll(samples: Samples): Promise<void> {
  await mkdir(folder, { recursive: true })
  const chosen = shots.filter(({ name }) => asked.length === 0 || asked.includes(name))
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const look = { theme, width, height: width === 390 ? 844 : 900 }
      await photograph(chosen, samples, look, (name) => join(folder, `${name}-${width}-${theme}.png`))
    }
  }
}

/** Photographs pages in one look. Signed in once: the lists of sessions and of what was done stay as people know them. */
async function photograph(
  chosen: readonly Shot[],
  samples: Samples,
  look: Look,
  pathOf: (name: string) => string,
): Promise<void> {
  const inside = await openConsole(browser, server, look)
  const outside = await openConsole(browser, server, { ...look, as: null })
  for (const shot of chosen) {
    const page = await (shot.signedOut === true ? outside : inside).page.context().newPage()
    page.setDefaultTimeout(60_000)
    const complaints = collectComplaints(page)
    await take(page, shot, samples, pathOf(shot.name))
    for (const line of complaints.all) console.error(`${shot.name}: ${line}`)
    await page.close()
    console.log(pathOf(shot.name))
  }
  await inside.close()
  await outside.close()
}

async function take(page: Page, shot: Shot, samples: Samples, path: string): Promise<void> {
  await shot.before?.(page)
  await page.goto(`${server.apiUrl}${shot.path(samples)}`)
  await page.getByRole('heading', { name: shot.heading, level: 1 }).waitFor()
  await shot.act?.(page)
  await settle(page)
  // The window is made as high as the page: in a picture beyond it, what stands at the window's edge is in the middle.
  if (shot.act === undefined && !isForDocs) {
    const { width, height } = page.viewportSize() ?? { width: 1440, height: 900 }
    const needed = await page.evaluate(() => document.documentElement.scrollHeight)
    await page.setViewportSize({ width, height: Math.max(needed, height) })
    await settle(page)
  }
  await page.screenshot({ path })
  await shot.after?.(page)
}

/** Waits until nothing is on its way any more that the page shows. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy=true]') === null &&
      [...document.images].every(({ complete }) => complete) &&
      document.fonts.status === 'loaded',
  )
  // A page that has just got its rows asks for more of them, and is drawn anew.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
}
