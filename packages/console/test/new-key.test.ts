import { endpoints, presets, type Preset } from '@pinyon/contract/permissions.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { getKeyByName, tabTo } from './support/keys.ts'

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

/** Makes the key of the form as it stands, and leaves its values behind. */
async function create(page: Page, name: string) {
  await page.getByRole('textbox', { name: 'Key Name' }).fill(name)
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Close without it' }).click()
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()
  return getKeyByName(server, name)
}

/** The tree of permissions that grants exactly these. */
function treeOf(scopes: readonly string[]) {
  const tree: Record<string, Record<string, true>> = {}
  for (const scope of scopes) {
    const [parent = '', name = ''] = scope.split('.')
    tree[parent] = { ...tree[parent], [name]: true }
  }
  return tree
}

it.each(Object.entries(presets))(
  'gives with the ready set %s exactly what it says',
  async (name, { title, scopes }) => {
    const { page, go, close } = await openConsole(browser, server)
    await go('/keys/new', 'New API Key')
    // Something else is chosen before, and must be gone.
    await page.getByRole('checkbox', { name: 'All of Account' }).click()
    await page.getByRole('switch', { name: 'Admin' }).click()
    const set = page.getByRole('button', { name: title, exact: true })
    await set.click()
    await page.waitForURL(`**/keys/new?preset=${name}`)
    expect(await set.getAttribute('aria-pressed')).toBe('true')
    const key = await create(page, name)
    expect(key.permissions).toEqual({ admin: false, endpoints: treeOf(scopes) })
    await close()
  },
)

it('begins with the ready set that the address names', async () => {
  const preset: Preset = 'read-only'
  const { page, go, close } = await openConsole(browser, server)
  await go(`/keys/new?preset=${preset}`, 'New API Key')
  const key = await create(page, 'by address')
  expect(key.permissions).toEqual({ admin: false, endpoints: treeOf(presets[preset].scopes) })
  await close()
})

it('checks a parent for all, some or none of what stands below it', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys/new', 'New API Key')
  const all = endpoints.files.length
  const parent = page.getByRole('checkbox', { name: 'All of Files' })
  const state = () => parent.getAttribute('aria-checked')
  await page.getByRole('button', { name: `Files 0 of ${all}` }).click()
  const switches = page.getByRole('list', { name: 'Files' }).getByRole('switch')
  expect(await state()).toBe('false')
  await parent.click()
  expect(await state()).toBe('true')
  expect(await switches.evaluateAll((each) => each.map((one) => one.ariaChecked))).toEqual(Array(all).fill('true'))
  await page.getByRole('switch', { name: 'delete', exact: true }).click()
  expect(await state()).toBe('mixed')
  await page.getByRole('button', { name: `Files ${all - 1} of ${all}` }).waitFor()
  await parent.click()
  expect(await state()).toBe('true')
  await parent.click()
  expect(await state()).toBe('false')
  await page.getByRole('button', { name: `Files 0 of ${all}` }).waitFor()
  await close()
})

it('finds endpoints by name, path or words, and opens where they stand', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys/new', 'New API Key')
  const shown = () =>
    page
      .getByRole('switch')
      .evaluateAll((all) => all.map((one) => document.querySelector(`label[for="${one.id}"]`)?.textContent))
  const search = page.getByRole('searchbox', { name: 'Find an endpoint' })
  await search.fill('delete /v3/files')
  await page.getByRole('switch', { name: 'delete', exact: true }).waitFor()
  expect(await shown()).toEqual(expect.arrayContaining(['Admin', 'Operator', 'delete', 'pinByCidDelete']))
  expect(await shown()).not.toContain('list')
  await page
    .getByRole('status')
    .getByText(/^[2-9] of \d+ endpoints$/)
    .waitFor()
  await search.fill('policy of all')
  await page.getByRole('list', { name: 'Pinning' }).waitFor()
  expect(await shown()).toEqual(['Admin', 'Operator', 'userPinPolicy'])
  await search.fill('no such thing')
  await page
    .getByRole('status')
    .getByText(/^0 of \d+ endpoints$/)
    .waitFor()
  await search.fill('')
  await page.getByRole('button', { name: 'Pinning 0 of 8' }).waitFor()
  await expect.poll(() => page.getByRole('switch').count()).toBe(2)
  await close()
})

it('says what the key can and cannot do, and the request, while it is put together', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys/new?preset=upload-only', 'New API Key')
  const beside = page.getByRole('complementary', { name: 'This key' })
  const says = async (part: string, words: string) => {
    await beside.getByRole('region', { name: part }).getByText(words).waitFor()
  }
  await says('It can', 'upload files (Files)')
  await says('It cannot', 'delete files')
  await says('It cannot', 'do anything in Data')
  await page.getByRole('textbox', { name: 'Key Name' }).fill("Ana's")
  await page.getByRole('textbox', { name: 'Max Uses' }).fill('12')
  await beside.getByText('It is exhausted after 12 requests.').waitFor()
  const command = await beside.getByLabel('command', { exact: true }).innerText()
  expect(command).toContain(`curl -X POST '${server.apiUrl}/v3/pinata/keys'`)
  expect(command).toContain(`"keyName": "Ana'\\''s"`)
  expect(command).toContain('"maxUses": 12')
  await page.getByRole('switch', { name: 'Admin' }).click()
  await says('It can', 'do everything in this account')
  await says('It cannot', 'run this installation')
  await close()
})

it('says beside each field what is wrong with it, in its own words and in those of the server', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/keys/new', 'New API Key')
  const name = page.getByRole('textbox', { name: 'Key Name' })
  const maxUses = page.getByRole('textbox', { name: 'Max Uses' })
  for (const wrong of ['0', '-1', '1.5', 'many', '1e3', '99999999999999999999']) {
    await maxUses.fill(wrong)
    await page
      .getByRole('alert')
      .getByText(/whole number of at least 1/)
      .waitFor()
    expect(await maxUses.getAttribute('aria-invalid'), wrong).toBe('true')
  }
  await maxUses.fill('')
  await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  await page.getByRole('combobox', { name: 'Expiry' }).selectOption('On a date')
  await page.getByLabel('Last day').fill('2020-02-02')
  await page.getByRole('alert').getByText('That day is over.').waitFor()
  await page.getByRole('combobox', { name: 'Expiry' }).selectOption('Never')
  await page.getByRole('button', { name: 'Create key' }).click()
  await page
    .getByRole('alert')
    .getByText(/Give the key a name/)
    .waitFor()
  await page
    .getByRole('alert')
    .getByText(/at least one endpoint/)
    .waitFor()
  expect(await name.evaluate((element) => element === document.activeElement)).toBe(true)

  await name.fill('bell \u0007')
  await page.getByRole('switch', { name: 'Admin' }).click()
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('alert').getByText('keyName: must not contain control characters').waitFor()
  expect(await name.getAttribute('aria-invalid')).toBe('true')
  await close()
})

it('makes keys that end when it was said', async () => {
  const { page, go, close } = await openConsole(browser, server)
  const day = 86_400_000
  await go('/keys/new?preset=read-only', 'New API Key')
  const year = await create(page, 'a year, as proposed')
  expect(Date.parse(year.expiresAt ?? '') - Date.now()).toBeCloseTo(365 * day, -5)
  for (const [choice, length] of [
    ['In 1 day', day],
    ['In 30 days', 30 * day],
  ] as const) {
    await go('/keys/new?preset=read-only', 'New API Key')
    await page.getByRole('combobox', { name: 'Expiry' }).selectOption(choice)
    expect(Date.parse((await create(page, choice)).expiresAt ?? '') - Date.now()).toBeCloseTo(length, -5)
  }
  await go('/keys/new?preset=read-only', 'New API Key')
  await page.getByRole('combobox', { name: 'Expiry' }).selectOption('Never')
  expect((await create(page, 'for ever')).expiresAt).toBeNull()
  await go('/keys/new?preset=read-only', 'New API Key')
  await page.getByRole('combobox', { name: 'Expiry' }).selectOption('On a date')
  await page.getByLabel('Last day').fill('2031-05-17')
  const ends = await page.evaluate(() => new Date('2031-05-17T23:59:59').toISOString())
  expect((await create(page, 'on a day')).expiresAt).toBe(ends)
  const row = page.getByRole('row', { name: /In 1 day/ })
  expect(await row.innerText()).toContain('Expires soon')
  await close()
})

it('is filled in and sent by the keyboard alone', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/keys', 'API keys')
  await tabTo(page, page.getByRole('link', { name: 'New API Key' }))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'New API Key', level: 1 }).waitFor()
  await tabTo(page, page.getByRole('textbox', { name: 'Key Name' }))
  await page.keyboard.type('typed')
  await tabTo(page, page.getByRole('button', { name: /^Data \d/ }))
  await page.keyboard.press('Enter')
  await tabTo(page, page.getByRole('switch', { name: 'pinList' }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('checkbox', { name: 'All of API keys', exact: true }))
  await page.keyboard.press('Space')
  await tabTo(page, page.getByRole('textbox', { name: 'Max Uses' }))
  await page.keyboard.type('7')
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'JWT' }).waitFor()
  await tabTo(page, page.getByRole('button', { name: 'Copy JWT' }))
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('JWT copied').waitFor({ state: 'attached' })
  await page.keyboard.press('Escape')
  await page.getByRole('row', { name: /typed/ }).waitFor()
  expect(await getKeyByName(server, 'typed')).toMatchObject({
    maxUses: 7,
    permissions: {
      endpoints: {
        data: { pinList: true },
        keys: { create: true, list: true, get: true, regenerate: true, revoke: true },
      },
    },
  })
  expect(complaints.all).toEqual([])
  await close()
})
