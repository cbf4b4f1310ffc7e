import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer({ PINYON_CONTACT: 'https://example.test/help' })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

it('leads whoever is not signed in to the sign-in page, and asks the server for nothing else', async () => {
  const { page, close } = await openConsole(browser, server, { as: null })
  await page.goto(`${server.apiUrl}/keys?state=active`)
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  expect(new URL(page.url()).searchParams.get('from')).toBe('/keys?state=active')
  await close()
})

it('goes to a page by typing a few letters of it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to or do' }).fill('conn')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Connect', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('finds files, groups and keys of the account by typing, and shows names as they are', async () => {
  const name = `<img src=x onerror="globalThis.harmed=true"> fir`
  const file = await uploadByApi(server, { [`${name}.txt`]: 'fir' })
  await askApi(server, 'POST', '/v3/groups/private', { name: 'Firs of the north' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/connect', 'Connect')
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Go to or do' })
  await field.fill('fir')
  await page.getByRole('option', { name: 'Firs of the north Group' }).waitFor()
  await page.getByRole('option', { name: /fir\.txt File$/ }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  await field.fill(file.cid)
  await page.getByRole('option', { name: /fir\.txt File$/ }).click()
  await page.getByRole('heading', { name: `${name}.txt`, level: 1 }).waitFor()
  expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
  expect(complaints.all).toEqual([])
  await close()
})

it('goes and searches by single keys, lists them, and leaves them alone where somebody types or turned them off', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await page.keyboard.press('/')
  await page.keyboard.type('gku?')
  const search = page.getByRole('searchbox', { name: 'Search by name or CID' })
  expect(await search.inputValue()).toBe('gku?')
  await search.blur()
  // On a busy machine the second key may come too late for the first: whoever sees nothing happen types them again.
  await expect
    .poll(
      async () => {
        await page.keyboard.type('gk')
        return page.getByRole('heading', { name: 'API keys', level: 1 }).isVisible()
      },
      { timeout: 50_000, interval: 1_000 },
    )
    .toBe(true)
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keys' })
  await dialog.getByText('Undo what was just done').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('switch', { name: 'Keys without Ctrl' }).click()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.type('gf')
  await page.keyboard.press('?')
  await dialog.waitFor()
  expect(new URL(page.url()).pathname).toBe('/keys')
  expect(complaints.all).toEqual([])
  await close()
})

it('signs out, and shows nothing of before on the way back', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await page.getByRole('button', { name: /^Account / }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  await expect.poll(() => page.getByRole('navigation', { name: 'Pages' }).count()).toBe(0)
  await close()
})

it.each(['light', 'dark'] as const)('keeps to the policy of the page and shuts nobody out, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme })
  await go('/files', 'Files')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to or do' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('puts the focus on the heading of the page that was gone to, and leaves it alone within a page', async () => {
  const { page, go, close } = await openConsole(browser, server)
  const focused = () => page.evaluate(() => document.activeElement?.textContent)
  await go('/files', 'Files')
  await page.getByRole('link', { name: 'Connect' }).click()
  await expect.poll(focused).toBe('Connect')
  await page.getByRole('link', { name: 'Python' }).click()
  await expect.poll(() => new URL(page.url()).search).toBe('?tool=python')
  expect(await focused()).toBe('Python')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Go to or do' }).fill('audit')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('Audit')
  expect(await page.title()).toBe('Audit · Pinyon')
  await close()
})

it('skips the rail for whoever goes by keyboard', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/connect', 'Connect')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('To the page')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
  await close()
})

it('links to the reference, and to the address that the operator gave', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  expect(await page.getByRole('link', { name: 'Feedback' }).getAttribute('href')).toBe('https://example.test/help')
  await page.getByRole('link', { name: 'API reference' }).click()
  await page.waitForURL(`${server.apiUrl}/docs`)
  await close()
})

it('leads to every page from the bar on a phone', async () => {
  const { page, go, close } = await openConsole(browser, server, { width: 320, height: 640 })
  await go('/files', 'Files')
  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('link', { name: 'Operator' }).click()
  await page.getByRole('heading', { name: 'Operator', level: 1 }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  await close()
})
