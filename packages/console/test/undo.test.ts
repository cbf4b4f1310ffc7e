import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { uploadByApi } from './support/file-api.ts'

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

const bar = (page: Page) => page.getByRole('status', { name: 'Undo' })
const fileOf = (id: string) =>
  askApi<{ group_id: string | null; name: string; keyvalues: object }>(server, 'GET', `/pinyon/v1/files/${id}`)
const groupOf = async (id: string) => (await fileOf(id)).group_id

async function makeGroup(name: string): Promise<string> {
  return (await askApi<{ data: { id: string } }>(server, 'POST', '/v3/groups/public', { name })).data.id
}

/** Drags the name of a file onto a group, as a hand does it. */
async function drag(page: Page, name: string, group: string): Promise<void> {
  const from = await page.getByRole('link', { name }).boundingBox()
  if (from === null) return expect.fail(`${name} is not in sight`)
  await page.mouse.move(from.x + 5, from.y + 5)
  await page.mouse.down()
  await page.mouse.move(from.x + 40, from.y + 40, { steps: 5 })
  const target = page.getByRole('region', { name: 'Drop on a group' }).getByText(group, { exact: true })
  const to = await target.boundingBox()
  if (to === null) return expect.fail(`${group} is not in sight`)
  await page.mouse.move(to.x + 5, to.y + 5, { steps: 5 })
  await page.mouse.up()
}

it('moves files to a group by dragging one or all that are selected, and takes it back', async () => {
  const one = await uploadByApi(server, { 'drag one.txt': 'drag one' })
  const two = await uploadByApi(server, { 'drag two.txt': 'drag two' })
  const alps = await makeGroup('Alps')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files?q=drag', 'Files')
  await page.getByRole('option', { name: 'Alps' }).waitFor({ state: 'attached' })
  await drag(page, 'drag one.txt', 'Alps')
  await bar(page).getByText('1 file moved to Alps').waitFor()
  await page.getByRole('region', { name: 'Drop on a group' }).waitFor({ state: 'detached' })
  expect([await groupOf(one.id), await groupOf(two.id)]).toEqual([alps, null])
  expect(await findBarriers(page)).toEqual([])
  await page.keyboard.press('Control+z')
  await bar(page).getByText('moved').waitFor({ state: 'detached' })
  expect(await groupOf(one.id)).toBeNull()
  await page.getByRole('checkbox', { name: 'Select drag one.txt' }).click()
  await page.getByRole('checkbox', { name: 'Select drag two.txt' }).click()
  await drag(page, 'drag one.txt', 'Alps')
  await bar(page).getByText('2 files moved to Alps').waitFor()
  expect([await groupOf(one.id), await groupOf(two.id)]).toEqual([alps, alps])
  await bar(page).getByRole('button', { name: 'Undo' }).click()
  await bar(page).getByText('moved').waitFor({ state: 'detached' })
  expect([await groupOf(one.id), await groupOf(two.id)]).toEqual([null, null])
  expect(complaints.all).toEqual([])
  await close()
})

it('does the same by keyboard, and names each file that could not be moved', async () => {
  const one = await uploadByApi(server, { 'key one.txt': 'key one' })
  const two = await uploadByApi(server, { 'key two.txt': 'key two' })
  const sea = await makeGroup('Sea')
  const { page, go, complaints, close } = await openConsole(browser, server)
  const dialog = page.getByRole('dialog', { name: 'Move 2 files to group' })
  await go('/files?q=key+', 'Files')
  for (const name of ['key one.txt', 'key two.txt']) {
    await page.getByRole('checkbox', { name: `Select ${name}` }).focus()
    await page.keyboard.press('Space')
  }
  await page.keyboard.press('m')
  await dialog.getByLabel('Group').selectOption('Sea')
  // Somebody else was faster.
  await askApi(server, 'DELETE', `/v3/files/public/${two.id}`)
  await dialog.getByRole('button', { name: 'Move' }).click()
  await dialog.getByText('1 of 2 could not be moved').waitFor()
  await dialog.getByRole('listitem').getByText('key two.txt').waitFor()
  expect(await groupOf(one.id)).toBe(sea)
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await bar(page).getByText('1 file moved to Sea').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('takes back a name and key-values, says when that fails, and offers it for ten seconds', async () => {
  const file = await uploadByApi(server, { 'before.txt': 'name' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  const dialog = page.getByRole('dialog')
  await page.clock.install()
  await go(`/files/${file.id}`, 'before.txt')
  await page.getByRole('button', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('שם אחר')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('heading', { name: 'שם אחר', level: 1 }).waitFor()
  await bar(page).getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('heading', { name: 'before.txt', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Edit key-values' }).click()
  await dialog.getByRole('textbox', { name: 'Key 1' }).fill('tree')
  await dialog.getByRole('textbox', { name: 'Value 1' }).fill('fir')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await bar(page).getByText('Key-values changed').waitFor()
  expect((await fileOf(file.id)).keyvalues).toEqual({ tree: 'fir' })
  await page.route('**/v3/files/public/*', (route) =>
    route.fulfill({ status: 404, json: { error: { code: 404, message: 'It is gone.', reason: 'NOT_FOUND' } } }),
  )
  await bar(page).getByRole('button', { name: 'Undo' }).click()
  await bar(page).getByText('It could not be taken back. It is gone.').waitFor()
  await page.unroute('**/v3/files/public/*')
  await bar(page).getByRole('button', { name: 'Dismiss' }).click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('after.txt')
  await dialog.getByRole('button', { name: 'Rename' }).click()
  await bar(page).getByText('Renamed to after.txt').waitFor()
  await page.mouse.move(0, 0)
  await page.getByRole('heading', { name: 'after.txt' }).click()
  await page.clock.runFor(10_500)
  await bar(page).getByText('Renamed').waitFor({ state: 'detached' })
  expect(complaints.all).toEqual([])
  await close()
})

it('saves a view of the list in this browser, shows it in another tab, and removes it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files?network=private&q=minutes&kv=%7B"year"%3A"2026"%7D', 'Files')
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByRole('menuitem', { name: 'Save this view…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Save this view' })
  expect(await dialog.getByRole('button', { name: 'Save' }).getAttribute('title')).toBe('Give it a name first.')
  await dialog.getByLabel('Name').fill('<b>Minutes</b>')
  expect(await findBarriers(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Save' }).click()
  const other = await page.context().newPage()
  await other.goto(`${server.apiUrl}/files`)
  await other.getByRole('button', { name: 'Views' }).click()
  await other.getByRole('menuitem', { name: '<b>Minutes</b>' }).click()
  await other.getByText('year = 2026').waitFor()
  expect(new URL(other.url()).searchParams.get('network')).toBe('private')
  await other.getByRole('button', { name: 'Views' }).click()
  await other.getByRole('menuitem', { name: 'Remove this view' }).click()
  await other.getByRole('status', { name: 'Undo' }).getByText('View <b>Minutes</b> removed').waitFor()
  await page.getByRole('button', { name: 'Views' }).click()
  await page.getByText('None saved yet').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})
