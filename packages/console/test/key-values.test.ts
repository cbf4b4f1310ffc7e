import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { readStores } from './support/browser-stores.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { copied, getKeyByName, makeKey, runSdk, statusOf } from './support/keys.ts'

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

/** The three values, each copied by its own button. */
async function copyValues(page: Page) {
  return {
    key: await copied(page, 'Copy Pinata API Key'),
    secret: await copied(page, 'Copy Pinata API Secret'),
    jwt: await copied(page, 'Copy JWT'),
  }
}

it('makes a key of two endpoints and two uses, which the SDK of Pinata uses up', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await page.getByRole('link', { name: 'New API Key' }).click()
  await page.getByRole('textbox', { name: 'Key Name' }).fill('two uploads')
  await page.getByRole('button', { name: /^Files \d/ }).click()
  await page.getByRole('switch', { name: 'upload', exact: true }).click()
  await page.getByRole('switch', { name: 'list', exact: true }).click()
  await page.getByRole('textbox', { name: 'Max Uses' }).fill('2')
  await expect.poll(() => page.getByRole('complementary', { name: 'This key' }).innerText()).toContain('2 requests')
  await page.getByRole('button', { name: 'Create key' }).click()
  const { jwt } = await copyValues(page)
  await page.getByRole('button', { name: 'Done' }).click()

  const steps = await runSdk(server, jwt)
  expect(steps['testAuthentication']).toMatchObject({ status: 403 })
  expect(steps['uploadPublic']?.error, steps['uploadPublic']?.message).toBeUndefined()
  expect(steps['uploadPrivate']?.error, steps['uploadPrivate']?.message).toBeUndefined()
  expect(steps['uploadJson']).toMatchObject({ status: 403, message: expect.stringContaining('KEY_USES_EXHAUSTED') })
  expect(steps['list']).toMatchObject({ status: 403 })

  await page.reload()
  const row = page.getByRole('row', { name: /two uploads/ })
  expect(await row.innerText()).toMatch(/list files[^]*2 of 2[^]*Exhausted/)
  expect(complaints.all).toEqual([])
  await close()
})

it('never shows the values again: not in the page, what the browser keeps, later answers or the log', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await page.getByRole('link', { name: 'New API Key' }).click()
  await page.getByRole('textbox', { name: 'Key Name' }).fill('seen once')
  await page.getByRole('button', { name: 'Upload only' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  const { key, secret, jwt } = await copyValues(page)
  for (const value of [key, secret, jwt])
    await expect.poll(() => page.getByRole('dialog').locator(`[value="${value}"]`).count()).toBe(1)
  const answers: Promise<string>[] = []
  page.on('response', (response) => answers.push(response.text().catch(() => '')))
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()

  const requireGone = async (where: string) => {
    const kept = `${await page.content()} ${await readStores(page)}`
    for (const value of [key, secret, jwt]) expect(kept.includes(value), where).toBe(false)
  }
  await requireGone('after closing')
  await page.goBack()
  await requireGone('one back')
  await page.goForward()
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()
  await requireGone('and forward')
  await page.reload()
  await page.getByRole('row', { name: /seen once/ }).waitFor()
  await requireGone('after a reload')
  // The page of the key shows its public part, and neither of the other two.
  await page.getByRole('link', { name: 'seen once' }).click()
  await page.getByText(key).waitFor()
  const told = `${await page.content()} ${await readStores(page)} ${(await Promise.all(answers)).join(' ')} ${server.output()}`
  for (const value of [secret, jwt, jwt.split('.')[2] ?? jwt]) expect(told.includes(value)).toBe(false)
  expect(await statusOf(server, jwt)).toBe(200)
  await close()
})

it('holds the page while the values are shown, and asks before they are left uncopied', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await page.getByRole('link', { name: 'New API Key' }).click()
  await page.getByRole('textbox', { name: 'Key Name' }).fill('left behind')
  await page.getByRole('switch', { name: 'Admin' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('textbox', { name: 'JWT' }).waitFor()
  await page.evaluate(() => history.back())
  await page.keyboard.press('Escape')
  await page.getByRole('alert').getByRole('button', { name: 'Back to the key' }).click()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'Close without it' }).click()
  await page.getByRole('row', { name: /left behind/ }).waitFor()
  await page.goBack()
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)
  await close()
})

it('regenerates with an overlap in which old and new work, and without one', async () => {
  const first = await makeKey(server, 'turned over')
  const { id } = await getKeyByName(server, 'turned over')
  const { page, go, close } = await openConsole(browser, server)
  await go(`/keys/${id}`, 'turned over')
  const regenerate = async (when: string) => {
    await page.getByRole('button', { name: 'Regenerate', exact: true }).click()
    await page.getByRole('radio', { name: when }).check()
    await page.getByRole('button', { name: 'Regenerate key' }).click()
    const values = await copyValues(page)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    return values
  }
  const second = await regenerate('In 1 hour')
  expect(second.key).toBe(first.pinata_api_key)
  expect(await statusOf(server, first.JWT)).toBe(200)
  expect(await statusOf(server, second.jwt)).toBe(200)
  await page.getByText(/The old secret and JWT work until/).waitFor()

  const third = await regenerate('At once')
  for (const [jwt, status] of [
    [first.JWT, 401],
    [second.jwt, 401],
    [third.jwt, 200],
  ] as const) {
    expect(await statusOf(server, jwt)).toBe(status)
  }
  const kept = `${await page.content()} ${await readStores(page)}`
  for (const value of [second.secret, second.jwt, third.secret, third.jwt]) expect(kept.includes(value)).toBe(false)
  await close()
})
