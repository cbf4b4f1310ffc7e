// Pictures of every page of the console, to look at: `npm run screenshots -- [folder] [page ...]`. A server of its own is
// set up, filled with samples and photographed at 1440 and 390 pixels, light and dark.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from '../test/support/browser.ts'
import { unpackChromium } from '../test/support/chromium-path.ts'
import { openConsole, startReadyServer } from '../test/support/console-page.ts'
import { seedSamples } from './seed-samples.ts'
import { shots } from './shots.ts'

const [folder = 'screenshots', ...asked] = process.argv.slice(2)
const unknown = asked.find((name) => !shots.some((shot) => shot.name === name))
if (unknown !== undefined) throw new Error(`No page ${unknown}: ${shots.map(({ name }) => name).join(', ')}`)

const server = await startReadyServer()
const browser = await launchBrowser(await unpackChromium())
try {
  const samples = await seedSamples(server)
  await mkdir(folder, { recursive: true })
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      for (const shot of shots.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
        const height = width === 390 ? 844 : 900
        const as = shot.signedOut === true ? { as: null } : {}
        const opened = await openConsole(browser, server, { theme, width, height, ...as })
        await opened.page.goto(`${server.apiUrl}${shot.path(samples)}`)
        await opened.page.getByRole('heading', { name: shot.heading, level: 1 }).waitFor()
        await shot.act?.(opened.page)
        await opened.page.waitForLoadState('networkidle')
        const path = join(folder, `${shot.name}-${width}-${theme}.png`)
        await opened.page.screenshot({ path, fullPage: shot.act === undefined })
        for (const line of opened.complaints.all) console.error(`${shot.name}: ${line}`)
        await opened.close()
        console.log(path)
      }
    }
  }
} finally {
  await browser.close()
  await server.stop()
  await removeData(server)
}
