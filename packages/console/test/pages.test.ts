import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { type ConsolePage, openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { denylistOf, fillPages, furtherViews, harmful, rightToLeft } from './support/fill-pages.ts'
import { readPagePaths } from './support/page-paths.ts'

/** Denylists of others. */
let lists: string
let server: ReadyServer
let browser: Browser
/** Every page of the map by its path in the route table of the console, and an address of it. */
let addresses: Readonly<Record<'harmful' | 'rightToLeft', Readonly<Record<string, string>>>>

beforeAll(async () => {
  lists = await mkdtemp(join(tmpdir(), 'pinyon-lists-'))
  await writeFile(join(lists, 'harmful.deny'), denylistOf(harmful))
  await writeFile(join(lists, 'right-to-left.deny'), denylistOf(rightToLeft))
  server = await startReadyServer({ PINYON_DENYLISTS: lists, PINYON_SIGNUP: 'request' })
  browser = await launchBrowser()
  addresses = { harmful: await fillPages(server, harmful), rightToLeft: await fillPages(server, rightToLeft) }
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
  await rm(lists, { recursive: true })
})

const paths = readPagePaths()
const views = [...paths, ...furtherViews]

/** Goes to a page and waits until nothing on it is on its way any more. */
async function visit({ page }: ConsolePage, path: string, names: 'harmful' | 'rightToLeft'): Promise<void> {
  const address = addresses[names][path] ?? expect.fail(`say in this test how to come to the page ${path}`)
  await page.goto(`${server.apiUrl}${address}`)
  await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 60_000 })
  await page.waitForFunction(() => document.querySelector('[aria-busy=true]') === null, undefined, { timeout: 60_000 })
}

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)

describe.each([
  { theme: 'light', width: 1440, names: 'harmful' },
  { theme: 'dark', width: 320, names: 'rightToLeft' },
] as const)('every page, $theme, $width pixels wide, $names, without motion', ({ theme, width, names }) => {
  let opened: ConsolePage
  beforeAll(async () => {
    opened = await openConsole(browser, server, { theme, width, height: 800 })
    await opened.page.emulateMedia({ reducedMotion: 'reduce', colorScheme: theme })
  })
  afterAll(() => opened.close())

  it.each(views)('%s shuts nobody out, fits, runs nothing of what others wrote, and stands still', async (path) => {
    const { page, complaints } = opened
    await visit(opened, path, names)
    expect(await findBarriers(page)).toEqual([])
    expect(await widthOf(page)).toBe(width)
    expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
    const moving = await page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    )
    expect(moving).toBe(0)
    expect(complaints.all.splice(0)).toEqual([])
  })
})

it('shows itself in no frame of somebody else, whatever the page', async () => {
  for (const path of paths) {
    const answer = await fetch(`${server.apiUrl}${addresses.harmful[path]}`, { headers: { accept: 'text/html' } })
    expect(answer.headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'")
  }
  const { page, close } = await openConsole(browser, server)
  await page.route('https://evil.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<iframe src="${server.apiUrl}/account" onload="done = true"></iframe>`,
    }),
  )
  await page.goto('https://evil.example/')
  await page.waitForFunction(() => 'done' in globalThis)
  await expect.poll(() => page.frameLocator('iframe').getByRole('heading').count()).toBe(0)
  await close()
})
