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

const harmful = '<img src=x onerror="globalThis.harmed=true">'

async function makeGroup(name: string, network = 'public', more: object = {}): Promise<string> {
  const body = { name, ...more }
  const { data } = await askApi<{ data: { id: string } }>(server, 'POST', `/v3/groups/${network}`, body)
  return data.id
}

const groupOf = async (id: string) =>
  (await askApi<{ group_id: string | null }>(server, 'GET', `/pinyon/v1/files/${id}`)).group_id

it('says what groups are for, makes the first, changes and deletes it, at the address that the API has too', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/groups', 'Groups')
  await page.getByRole('heading', { name: 'No groups of public files yet' }).waitFor()
  await page.getByText(`curl -X POST '${server.apiUrl}/v3/groups/public'`).waitFor()
  await page.getByRole('link', { name: 'private' }).click()
  await page.getByRole('heading', { name: 'No groups of private files yet' }).waitFor()
  await page.getByRole('button', { name: 'New group' }).click()
  const dialog = page.getByRole('dialog')
  const make = dialog.getByRole('button', { name: 'Make group' })
  expect(await make.getAttribute('title')).toBe('Give it a name first.')
  await dialog.getByLabel('Name').fill('Invoices')
  await dialog.getByRole('checkbox', { name: /Whoever knows the CID/ }).click()
  await make.click()
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
  await page.getByRole('heading', { name: 'No files in it yet' }).waitFor()
  await page.getByText('by CID, without a link').waitFor()
  // Reloaded, the address is the console's and not the API's.
  await page.reload()
  await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Change' }).click()
  await dialog.getByLabel('Name').fill('Invoices 2026')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('heading', { name: 'Invoices 2026', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Delete' }).click()
  await dialog.getByText('Its files stay, without a group.').waitFor()
  await dialog.getByRole('button', { name: 'Delete group' }).click()
  await page.getByRole('heading', { name: 'No groups of private files yet' }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('moves chosen files into a group that is there or a new one, and shows the files of one', async () => {
  const [one, two] = [await uploadByApi(server, { 'one.txt': 'one' }), await uploadByApi(server, { 'two.txt': 'two' })]
  const alps = await makeGroup('Alps')
  const { page, go, complaints, close } = await openConsole(browser, server)
  const dialog = page.getByRole('dialog')
  await go('/files', 'Files')
  await page.getByRole('checkbox', { name: 'Select one.txt' }).click()
  await page.getByRole('checkbox', { name: 'Select two.txt' }).click()
  await page.getByRole('button', { name: 'Move to group' }).click()
  await dialog.getByLabel('Group').selectOption('Alps')
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await dialog.waitFor({ state: 'detached' })
  expect([await groupOf(one.id), await groupOf(two.id)]).toEqual([alps, alps])
  await page.getByLabel('Group', { exact: true }).selectOption('Alps')
  await page.getByRole('link', { name: 'Group: Alps' }).waitFor()
  expect(new URL(page.url()).searchParams.get('group')).toBe(alps)
  await page.getByRole('button', { name: 'Remove the filter Alps' }).click()
  await page.getByRole('link', { name: 'Group: Alps' }).waitFor({ state: 'detached' })
  await go(`/files/${one.id}`, 'one.txt')
  await page.getByRole('link', { name: 'Alps', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Move to group' }).click()
  await dialog.getByLabel('Group').selectOption('New group…')
  await dialog.getByLabel('Name of the new group').fill('Made while moving')
  await dialog.getByRole('button', { name: 'Move', exact: true }).click()
  await page.getByRole('link', { name: 'Made while moving' }).click()
  await page.getByRole('heading', { name: 'Made while moving', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Take out one.txt' }).click()
  await page.getByRole('heading', { name: 'No files in it yet' }).waitFor()
  expect(await groupOf(one.id)).toBeNull()
  expect(complaints.all).toEqual([])
  await close()
})

it('uploads into the group that is chosen', async () => {
  const id = await makeGroup('Uploads')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload' })
  const file = { name: 'grouped.txt', mimeType: 'text/plain', buffer: Buffer.from('grouped') }
  await dialog.locator('input[type=file]').first().setInputFiles(file)
  await dialog.getByRole('radio', { name: /Public/ }).check()
  await dialog.getByLabel('Group').selectOption('Uploads')
  await dialog.getByRole('button', { name: 'Upload 1 file' }).click()
  const listed = async () =>
    (await askApi<{ data: { files: { name: string }[] } }>(server, 'GET', `/v3/files/public?group=${id}`)).data.files
  await expect.poll(listed, { timeout: 15_000 }).toMatchObject([{ name: 'grouped.txt' }])
  expect(complaints.all).toEqual([])
  await close()
})

async function visitAll(
  { page, go }: { page: Page; go: (path: string, heading: string | RegExp) => Promise<void> },
  look: (where: string) => Promise<void>,
): Promise<void> {
  const id = await makeGroup(harmful)
  const long = await makeGroup('W'.repeat(1_024), 'private', { is_public: true })
  const file = await uploadByApi(server, { 'مرحبا.txt': `of ${id}` }, { group_id: id })
  const dialog = page.getByRole('dialog')
  await go('/groups', 'Groups')
  await page.getByRole('link', { name: harmful }).first().waitFor()
  await look('list')
  await page
    .getByRole('button', { name: `What to do with ${harmful}` })
    .first()
    .click()
  await page.getByRole('menu').waitFor()
  await look('menu')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'New group' }).click()
  await dialog.waitFor()
  await look('new group')
  await go('/groups?q=nothing', 'Groups')
  await page.getByRole('heading', { name: 'No group is called that' }).waitFor()
  await look('nothing found')
  await go(`/groups/private/${long}`, 'W'.repeat(1_024))
  await look('long name')
  await go(`/groups/public/${id}`, harmful)
  await page.getByRole('link', { name: file.name }).waitFor()
  await look('one group')
  await page.getByRole('button', { name: 'Delete' }).click()
  await dialog.waitFor()
  await look('delete')
  await go('/groups/public/none', 'Group')
  await page.getByRole('alert').waitFor()
  await look('unknown')
  await go(`/files?group=${id}`, 'Files')
  await page.getByRole('link', { name: `Group: ${harmful}` }).waitFor()
  await look('files of a group')
  expect(await page.evaluate(() => 'harmed' in globalThis)).toBe(false)
}

it.each(['light', 'dark'] as const)('shuts nobody out, %s', async (theme) => {
  const opened = await openConsole(browser, server, { theme })
  await visitAll(opened, async (where) => {
    expect(await findBarriers(opened.page), where).toEqual([])
  })
  expect(opened.complaints.all).toEqual([])
  await opened.close()
})

it('fits on a screen 320 pixels wide', async () => {
  const opened = await openConsole(browser, server, { width: 320, height: 640 })
  await visitAll(opened, async (where) => {
    expect(await opened.page.evaluate(() => document.documentElement.scrollWidth), where).toBe(320)
  })
  await opened.close()
})
