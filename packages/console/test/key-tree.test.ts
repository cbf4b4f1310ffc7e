import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { getKeyByName, makeKey, statusOf } from './support/keys.ts'

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

async function makeChild(parent: string, keyName: string, more: object = {}) {
  const body = { keyName, permissions: { endpoints: { files: { list: true } } }, ...more }
  const { id } = await getKeyByName(server, parent)
  return askApi<{ JWT: string }>(server, 'POST', `/pinyon/v1/keys/${id}/children`, body)
}

it('binds a new key to its own files, sizes, types and places, and says so before it is made', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/keys/new?preset=upload-only', 'New API Key')
  await page.getByRole('textbox', { name: 'Key Name' }).fill('bound')
  const more = page.getByRole('button', { name: 'More', exact: true })
  await more.click()
  await page.getByRole('switch', { name: 'Only its own files' }).click()
  await page.getByRole('textbox', { name: 'Addresses' }).fill('127.0.0.0/8\n::1')
  await page.getByRole('textbox', { name: 'Types' }).fill('image/*, application/pdf')
  await page.getByRole('textbox', { name: 'Largest upload' }).fill('much')
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByText('Write a size such as 500 MB or 10 GiB, or leave it empty.').waitFor()
  await page.getByRole('textbox', { name: 'Largest upload' }).fill('50 MB')
  await page.getByRole('textbox', { name: 'Origins' }).fill('app.example')
  const preview = page.getByRole('complementary', { name: 'This key' })
  for (const words of [
    'It sees and changes only files that it or its children made.',
    'It works only from 127.0.0.0/8 or ::1.',
    'It uploads only image/* or application/pdf.',
    'One upload has at most 50,000,000 bytes.',
  ]) {
    await preview.getByText(words).waitFor()
  }
  await page.getByRole('button', { name: 'Create key' }).click()
  // The server’s words, beside the fields that they are about.
  await page
    .getByRole('region', { name: 'More' })
    .getByText(/^bounds\.origins.*must be an origin/)
    .waitFor()
  await page.getByRole('textbox', { name: 'Origins' }).fill('')
  await page.getByRole('button', { name: 'Create key' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('button', { name: 'Close without it' }).click()
  await page.getByRole('heading', { name: 'API keys', level: 1 }).waitFor()
  const bounds = {
    own: true,
    addresses: ['127.0.0.0/8', '::1'],
    types: ['image/*', 'application/pdf'],
    maxFileBytes: 50_000_000,
  }
  expect(await getKeyByName(server, 'bound')).toMatchObject({ bounds })
  expect(complaints.all.filter((each) => !each.includes('400'))).toEqual([])
  await close()
})

it('shows what a key was used for and refused, what it could do without, and its children, which end with it', async () => {
  await makeKey(server, 'app', { permissions: { endpoints: { files: { list: true, get: true }, keys: { createChild: true } } } }) // prettier-ignore
  const user = await makeChild('app', 'user 1', { bounds: { own: true } })
  await makeChild('user 1', 'device of user 1')
  const { id } = await getKeyByName(server, 'user 1')
  const ask = (path: string) => fetch(`${server.apiUrl}${path}`, { headers: { authorization: `Bearer ${user.JWT}` } })
  for (let i = 0; i < 3; i++) expect((await ask('/v3/files/public')).status).toBe(200)
  for (let i = 0; i < 2; i++) expect((await ask('/data/pinList')).status).toBe(403)
  // Both are written in batches.
  const told = (what: string) => askApi<object>(server, 'GET', `/pinyon/v1/keys/${id}/${what}`)
  await expect.poll(() => told('refusals')).toMatchObject({ refusals: [{ count: 2 }] })
  await expect.poll(() => told('uses')).toMatchObject({ routes: [{ uses: 3 }] })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/keys/${id}`, 'user 1')
  await page.getByText('It sees and changes only files that it or its children made.').waitFor()
  await page.getByRole('list', { name: 'By operation' }).getByText('filesList').waitFor()
  const today = new Date().toISOString().slice(0, 10)
  await page.getByRole('list', { name: 'Uses by day' }).getByText(`${today}: 3 uses`).waitFor({ state: 'attached' })
  const refused = page.getByRole('table', { name: 'Refused' }).getByRole('row', { name: /pinList/ })
  await expect.poll(() => refused.innerText()).toMatch(/GET \/data\/pinList\s+NO_SCOPES_FOUND\s+data\.pinList\s+2\s/)
  await page.getByRole('list', { name: 'Used', exact: true }).getByText('files.list').waitFor()
  await page.getByRole('link', { name: 'another key' }).click()
  await page.getByRole('heading', { name: 'app', level: 1 }).waitFor()
  const children = page.getByRole('table', { name: 'Children' }).getByRole('rowheader').getByRole('link')
  await expect.poll(() => children.allInnerTexts()).toEqual(['user 1', 'device of user 1'])
  await page.getByRole('list', { name: 'Not used' }).getByText('files.get').waitFor()
  await page.getByRole('button', { name: 'Revoke', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke app' })
  await dialog.getByText('2 children of this key, made with it, end with it.').waitFor()
  await dialog.getByRole('button', { name: 'Revoke key' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(await statusOf(server, user.JWT)).toBe(401)
  await page
    .getByRole('table', { name: 'Children' })
    .getByRole('row', { name: /user 1.*revoked/ })
    .first()
    .waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out, at 320 px, %s', async (theme) => {
  const name = `for everyone, ${theme}`
  await makeKey(server, name, { permissions: { endpoints: { files: { list: true }, keys: { createChild: true } } } })
  await makeChild(name, 'child')
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  const width = () => page.evaluate(() => document.documentElement.scrollWidth)
  await go('/keys/new', 'New API Key')
  await page.getByRole('region', { name: 'More' }).getByRole('button').click()
  await page.getByRole('switch', { name: 'Only its own files' }).waitFor()
  expect([await findBarriers(page), await width()]).toEqual([[], 320])
  await go(`/keys/${(await getKeyByName(server, name)).id}`, name)
  await page.getByRole('table', { name: 'Children' }).waitFor()
  await page.getByText('It was refused nothing.').waitFor()
  expect([await findBarriers(page), await width()]).toEqual([[], 320])
  expect(complaints.all).toEqual([])
  await close()
})
