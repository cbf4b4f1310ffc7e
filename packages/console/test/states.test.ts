import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { fillPages } from './support/fill-pages.ts'
import { readPagePaths } from './support/page-paths.ts'

let server: ReadyServer
let browser: Browser
let addresses: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await startReadyServer({ PINYON_SIGNUP: 'request' })
  browser = await launchBrowser()
  addresses = await fillPages(server, 'Fir')
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

/** How the API is: as it is, slow beyond bearing, broken, or not there. */
type Weather = 'fair' | 'slow' | 'broken' | 'away'

/** Stands between a page and the API. What belongs to the console itself comes as ever. */
async function standBetween(page: Page) {
  let weather: Weather = 'fair'
  let waiting: (() => void)[] = []
  const answer = (route: Route): Promise<void> => {
    if (weather === 'away') return route.abort('connectionrefused')
    if (weather === 'fair' || route.request().url().endsWith('/health/ready')) return route.continue()
    return route.fulfill({
      status: 500,
      headers: { 'x-request-id': 'a-request' },
      json: { error: { reason: 'INTERNAL', details: 'Something broke here.' } },
    })
  }
  await page.route(/\/\/[^/]+\/(?!console\/)/, async (route) => {
    if (route.request().resourceType() === 'document') return route.continue()
    if (weather === 'slow') await new Promise<void>((go) => waiting.push(go))
    // A page that was left calls off what it asked.
    await answer(route).catch(() => {})
  })
  return (next: Weather) => {
    weather = next
    if (next === 'slow') return
    for (const go of waiting) go()
    waiting = []
  }
}

/** What a page shows of its answers. */
const shown = (page: Page) => page.getByRole('main').locator('tr, dt, li, [role=row]').count()

const retries = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Try again' })
const words = (page: Page, text: string | RegExp) => page.getByRole('main').getByText(text).first().waitFor()

/** Goes there without loading the console anew. */
async function turnTo(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), address)
}

/** Pages that ask the server for nothing of their own. */
const quiet: readonly string[] = ['/keys/new', '/connect']

/** Takes a page through all weathers. Throws where it does not say in words how it is. */
async function endure(page: Page, set: (weather: Weather) => void, path: string): Promise<void> {
  const address = addresses[path] ?? expect.fail(`say in fillPages how to come to the page ${path}`)
  const frame = page.getByRole('navigation', { name: 'Pages' })
  const heading = page.getByRole('main').getByRole('heading', { level: 1 })
  set('fair')
  await turnTo(page, '/keys/new')
  await page.getByRole('heading', { name: 'New API Key', level: 1 }).waitFor()
  if (quiet.includes(path)) return
  set('slow')
  await turnTo(page, address)
  await words(page, 'Loading')
  await frame.waitFor()
  set('broken')
  await words(page, 'Something broke here.')
  await retries(page).first().waitFor()
  await frame.waitFor()
  await heading.waitFor()
  set('away')
  await retries(page).first().click()
  await words(page, /The server does not answer|It may be restarting/)
  await words(page, 'This page goes on by itself')
  set('fair')
  await page.waitForFunction(
    () => !/does not answer|broke here|Try again|Loading/.test(document.querySelector('main')?.innerText ?? ''),
  )
  // What was there stays when it cannot be had anew.
  const before = await shown(page)
  set('broken')
  await page.evaluate(() => ['offline', 'online'].forEach((each) => window.dispatchEvent(new Event(each))))
  await words(page, 'Something broke here.')
  expect(await shown(page)).toBeGreaterThanOrEqual(before)
}

it('says on every page in words that the server is slow, broken or away, keeps what it had, and goes on by itself', async () => {
  const faults: string[] = []
  const waiting = readPagePaths()
  const work = async () => {
    const { page, complaints, go, close } = await openConsole(browser, server, { width: 1440 })
    page.setDefaultTimeout(60_000)
    const set = await standBetween(page)
    await go('/keys/new', 'New API Key')
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      try {
        await endure(page, set, path)
      } catch (error) {
        const text = await page.getByRole('main').innerText()
        faults.push(`${path}: ${String(error).slice(0, 300)}: ${text.slice(0, 600)}`)
      }
      faults.push(...complaints.all.splice(0).map((complaint) => `${path} complains: ${complaint}`))
    }
    await close()
  }
  await Promise.all(Array.from({ length: 4 }, work))
  expect(faults).toEqual([])
}, 600_000)
