import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'

const listed = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
const evil = `<img src=x onerror="document.title='pwned'">`

let folder: string
let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinyon-lists-'))
  const text = `version: 1\nname: ${evil}\n---\n/ipfs/${listed}\nno rule at all ${evil}\n/ipfs/neither\n`
  await writeFile(join(folder, 'courts.deny'), text)
  server = await startReadyServer({ PINYON_DENYLISTS: folder })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
  await rm(folder, { recursive: true })
})

it.each(['light', 'dark'] as const)('shows denylists in files, and what is wrong with them, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 640 })
  await go('/operator', 'Operator')
  const table = page.getByRole('table', { name: 'Denylists' })
  const row = table.getByRole('row').filter({ hasText: 'courts.deny' })
  await row.getByText(evil).first().waitFor()
  await row.getByRole('cell', { name: '1', exact: true }).waitFor()
  await row.getByText('2 lines that cannot be followed').click()
  await row.getByText(/^Line 5:/).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(await page.title()).toBe('Operator · Pinyon')
  expect(complaints.all).toEqual([])
  await close()
})

it('takes content down and allows it, each taken back by a click', async () => {
  const cid = 'bafkreiemqpndzewx4bioklzfvhtiegsfny5fxuc3nkjk2vmcpjxiammsti'
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: 'Take content down' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('CID').fill(cid)
  await dialog.getByLabel('Reason').fill('A court said so.')
  await dialog.getByRole('button', { name: /^Take/ }).click()
  await dialog.waitFor({ state: 'hidden' })
  const undo = page.getByRole('status', { name: 'Undo' })
  const table = page.getByRole('table', { name: 'Taken down' })
  await table.getByText('A court said so.').waitFor()
  await undo.getByText('Content is taken down').waitFor()
  await undo.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Nothing is taken down').waitFor()

  await askApi(server, 'POST', '/pinyon/v1/denials', { cid, reason: 'It came again.', confirm: true })
  await go('/operator', 'Operator')
  await table.getByRole('button', { name: `Allow again ${cid}` }).click()
  await dialog.getByRole('button', { name: 'Allow again' }).click()
  await page.getByText('Nothing is taken down').waitFor()
  await undo.getByText('Content is allowed again').waitFor()
  await undo.getByRole('button', { name: 'Undo' }).click()
  await table.getByText('It came again.').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('sets what a gateway serves in a month and what it does with pages', async () => {
  const { data } = await askApi<{ data: { id: string } }>(server, 'POST', '/v3/gateways', { domain: 'ruled' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go(`/gateways/${data.id}`, 'ruled')
  await page.getByText(/^Served in .* no limit\.$/).waitFor()
  await page.getByLabel('At most a month, in GiB').fill('much')
  await page.getByRole('alert').getByText('A number of GiB').waitFor()
  await page.getByLabel('At most a month, in GiB').fill('0.5')
  await page.getByLabel(/^Not shown/).check()
  await page.getByRole('button', { name: 'Save rules' }).click()
  await page.getByText('of 512.0 MiB').waitFor()
  await page.getByText('Pages (HTML) are not shown; they are downloads.').waitFor()
  const rules = await askApi(server, 'GET', `/pinyon/v1/gateways/${data.id}/rules`)
  expect(rules).toMatchObject({ html: 'refuse', egress: { quotaBytes: 512 * 1024 ** 2, usedBytes: 0 } })
  await page.getByLabel('At most a month, in GiB').fill('0')
  await page.getByText('So much was served already').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('says what was served this month, and lets the operator bound it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  const { name } = await askApi<{ name: string }>(server, 'GET', '/pinyon/v1/account')
  await go('/operator', 'Operator')
  await page.getByRole('button', { name: `Change ${name}` }).click()
  await page.getByRole('menuitem', { name: 'Change name, quota, public content' }).click()
  await page.getByRole('dialog').getByLabel('Served a month, in GiB').fill('0')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await go('/usage', 'Usage')
  await page.getByRole('heading', { name: 'Served this month' }).waitFor()
  await page.getByText('of a quota of 0 B').waitFor()
  await page.getByText('The quota is reached').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})
