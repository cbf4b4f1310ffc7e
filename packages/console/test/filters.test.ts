import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { launchBrowser } from './support/browser.ts'
import { type ConsolePage, openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'
import { getKeyByName, makeKey } from './support/keys.ts'

vi.setConfig({ testTimeout: 240_000 })

let server: ReadyServer
let browser: Browser
let opened: ConsolePage

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  opened = await openConsole(browser, server)
  opened.page.setDefaultTimeout(60_000)
})

afterAll(async () => {
  await opened.close()
  await browser.close()
  await server.stop()
  await removeData(server)
})

const row = (page: Page, name: string | RegExp) => page.getByRole('row', { name })
/** What stands in the address is all there is: whoever is given it sees the same. */
async function shareWith(page: Page): Promise<void> {
  await page.reload()
  await page.getByRole('heading', { level: 1 }).waitFor()
}

it('adds, changes and removes filters of files as chips, and keeps them in the address', async () => {
  await uploadByApi(server, { 'fir.txt': 'fir' }, { keyvalues: '{"kind":"tree"}' })
  await uploadByApi(server, { 'moss.txt': 'moss' }, { keyvalues: '{"kind":"moss"}' })
  await uploadByApi(server, { 'fir.json': '{}' }, { keyvalues: '{"kind":"tree"}' })
  const { page, go } = opened
  await go('/files', 'Files')
  await page.getByRole('button', { name: 'Key-value' }).click()
  await page.getByRole('textbox', { name: 'Key', exact: true }).fill('kind')
  await page.getByRole('textbox', { name: 'Value' }).fill('moss')
  await page.keyboard.press('Enter')
  await row(page, /fir\.txt/).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Change kind = moss' }).click()
  await page.getByRole('textbox', { name: 'Value' }).fill('tree')
  await page.getByRole('button', { name: 'Change filter' }).click()
  await row(page, /fir\.txt/).waitFor()
  await page.getByRole('button', { name: 'Other type' }).click()
  await page.getByRole('textbox', { name: 'MIME type' }).fill('application/json')
  await page.getByRole('button', { name: 'Add filter' }).click()
  await row(page, /fir\.txt/).waitFor({ state: 'detached' })
  await shareWith(page)
  await row(page, /fir\.json/).waitFor()
  await expect.poll(() => row(page, /\.txt/).count()).toBe(0)
  await page.getByRole('button', { name: 'Remove Type: application/json' }).click()
  await page.getByRole('button', { name: 'Remove kind = tree' }).click()
  await row(page, /moss\.txt/).waitFor()
  expect(opened.complaints.all).toEqual([])
})

it('narrows keys to those without Max Uses, and to those below one', async () => {
  await makeKey(server, 'bounded', { maxUses: 5 })
  await makeKey(server, 'parent', { permissions: { endpoints: { keys: { create: true }, files: { list: true } } } })
  const { id } = await getKeyByName(server, 'parent')
  const { page, go } = opened
  await go('/keys', 'API keys')
  await page.getByRole('button', { name: 'unlimited' }).click()
  await row(page, /bounded/).waitFor({ state: 'detached' })
  await row(page, /parent/).waitFor()
  await shareWith(page)
  await row(page, /parent/).waitFor()
  await expect.poll(() => row(page, /bounded/).count()).toBe(0)
  await go(`/keys?within=${id}`, 'API keys')
  await page.getByText('No key is like that').waitFor()
  await page.getByRole('button', { name: 'Remove Below parent' }).click()
  await row(page, /bounded/).waitFor()
  expect(opened.complaints.all).toEqual([])
})

it('narrows names to those that lead to a CID, and deliveries of a webhook to a state', async () => {
  const { cid } = await uploadByApi(server, { 'site.html': '<p>site' })
  for (const label of ['site', 'empty']) {
    const { id } = await askApi<{ id: string }>(server, 'POST', '/pinyon/v1/names', { label })
    if (label === 'site') await askApi(server, 'POST', `/pinyon/v1/names/${id}/publish`, { cid })
  }
  const { page, go } = opened
  await go('/names', 'Names')
  await page.getByRole('searchbox').fill(cid)
  await page.getByRole('button', { name: 'Find', exact: true }).click()
  await row(page, /empty/).waitFor({ state: 'detached' })
  await shareWith(page)
  await row(page, /site/).waitFor()
  await page.getByRole('button', { name: /^Remove Leads to/ }).click()
  await row(page, /empty/).waitFor()
  const { webhook } = await askApi<{ webhook: { id: string } }>(server, 'POST', '/pinyon/v1/webhooks', {
    url: 'https://shop.example.org/hooks',
  })
  await go(`/webhooks/${webhook.id}?state=failed`, 'shop.example.org')
  await page.getByText('Nothing has failed').waitFor()
  expect(await page.getByRole('button', { name: 'failed' }).getAttribute('aria-pressed')).toBe('true')
  await page.getByRole('button', { name: 'failed' }).click()
  await page.getByText('Nothing was sent yet').waitFor()
  expect(new URL(page.url()).search).toBe('')
  expect(opened.complaints.all).toEqual([])
})
