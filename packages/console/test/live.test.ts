import type { Browser, CDPSession, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData, startServer } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { identityCid, pinByApi } from './support/pin-api.ts'

let server: ReadyServer
let browser: Browser

/** More than a page of the list has. */
const rows = 110

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  for (let n = 0; n < rows; n += 10) await Promise.all(Array.from({ length: 10 }, (_, k) => pin(`row ${n + k}`)))
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

const pin = (name: string) => pinByApi(server, identityCid(name), name)
const shown = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).waitFor({ timeout: 60_000 })
const live = (page: Page) => page.getByText('Live', { exact: true }).waitFor({ timeout: 60_000 })

it('keeps no page of a list that rows coming in on top have put another in place of', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await live(page)
  await shown(page, `row ${rows - 1}`)
  for (let n = 0; n < 8; n++) {
    await pin(`came in ${n}`)
    await shown(page, `came in ${n}`)
  }
  const devtools = await page.context().newCDPSession(page)
  // Two in use, and what React keeps of the drawing before; each that came in would leave one more, for a minute.
  await expect.poll(() => pagesHeld(devtools), { timeout: 30_000 }).toBeLessThanOrEqual(4)
  expect(complaints.all).toEqual([])
  await close()
})

/** Pages of the list that the script still reaches when everything that nobody holds was collected. */
async function pagesHeld(devtools: CDPSession): Promise<number> {
  const { result } = await devtools.send('Runtime.evaluate', { expression: 'Object.prototype', objectGroup: 'held' })
  const { objects } = await devtools.send('Runtime.queryObjects', {
    prototypeObjectId: result.objectId ?? '',
    objectGroup: 'held',
  })
  const counted = await devtools.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: `function () {
      return this.filter((each) => ['rows', 'counts', 'next'].every((name) => Object.hasOwn(each, name))).length
    }`,
    returnByValue: true,
  })
  await devtools.send('Runtime.releaseObjectGroup', { objectGroup: 'held' })
  return Number(counted.result.value)
}

it('shows what came in while more comes in, over a network slower than that', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/pins', 'Pins')
  await live(page)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  const network = { offline: false, downloadThroughput: -1, uploadThroughput: -1 }
  await devtools.send('Network.emulateNetworkConditions', { ...network, latency: 1_500 })
  let isSeen = false
  const feed = async () => {
    for (let n = 0; !isSeen; n++) await pin(`slowly ${n}`)
  }
  const seen = page
    .getByRole('link', { name: /^slowly \d+$/ })
    .first()
    .waitFor({ timeout: 60_000 })
  await Promise.all([feed(), seen.finally(() => (isSeen = true))])
  expect(complaints.all).toEqual([])
  await close()
}, 120_000)

it('follows again in each tab when the server was killed and is back: one stream, no listener more, few requests', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  const other = await page.context().newPage()
  const tabs = await Promise.all([page, other].map((tab) => watch(tab)))
  await go('/pins', 'Pins')
  await other.goto(page.url())
  for (const { tab } of tabs) await live(tab)
  await pin('before')
  for (const { tab } of tabs) await shown(tab, 'before')
  const listeners = await Promise.all(tabs.map((tab) => tab.listeners()))

  const wentAt = performance.now()
  await server.kill()
  for (const { failed } of tabs)
    await expect.poll(() => failed('/pinyon/v1/events'), { timeout: 60_000 }).toBeGreaterThan(1)
  const ports = { api: Number(new URL(server.apiUrl).port), gateway: Number(new URL(server.gatewayUrl).port) }
  server = Object.assign(await startServer({ dataDir: server.dataDir, ports }), { key: server.key })
  for (const { tab } of tabs) await live(tab)
  await pin('after')
  for (const { tab } of tabs) await shown(tab, 'after')
  const awaySeconds = (performance.now() - wentAt) / 1_000

  for (const [at, tab] of tabs.entries()) {
    await expect.poll(() => tab.open('/pinyon/v1/events'), { timeout: 60_000 }).toBe(1)
    await expect.poll(() => tab.listeners(), { timeout: 60_000 }).toEqual(listeners[at])
    // Each wait is twice as long as the one before; what is in sight is asked for once when the stream stands again.
    expect(tab.failed('/pinyon/v1/events')).toBeLessThan(Math.log2(awaySeconds) + 3)
    expect(tab.begun('/pinyon/v1/pins')).toBeLessThan(30)
  }
  await other.close()
  await pin('alone')
  await shown(page, 'alone')
  expect(complaints.all).toEqual([])
  await close()
}, 300_000)

/** Counts what a tab asks for, by the path, from now on. */
async function watch(tab: Page) {
  const seen = { begun: new Array<string>(), failed: new Array<string>(), finished: new Array<string>() }
  const note = (list: string[]) => (request: Request) => void list.push(new URL(request.url()).pathname)
  tab.on('request', note(seen.begun))
  tab.on('requestfailed', note(seen.failed))
  tab.on('requestfinished', note(seen.finished))
  const count = (list: readonly string[], path: string) => list.filter((each) => each.startsWith(path)).length
  const devtools = await tab.context().newCDPSession(tab)
  return {
    tab,
    begun: (path: string) => count(seen.begun, path),
    failed: (path: string) => count(seen.failed, path),
    open: (path: string) => count(seen.begun, path) - count(seen.failed, path) - count(seen.finished, path),
    /** Kinds of events that the document and the window are listened to for, one for each listener. */
    async listeners(): Promise<string[]> {
      const kinds: string[] = []
      for (const expression of ['document', 'window']) {
        const { result } = await devtools.send('Runtime.evaluate', { expression, objectGroup: 'listeners' })
        const { listeners } = await devtools.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' })
        kinds.push(...listeners.map(({ type }) => `${expression} ${type}`))
      }
      await devtools.send('Runtime.releaseObjectGroup', { objectGroup: 'listeners' })
      return kinds.toSorted()
    },
  }
}
