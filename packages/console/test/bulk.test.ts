import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { askApi } from './support/ask-api.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { listByApi, uploadByApi } from './support/file-api.ts'

/** More than one page of the list, and more than the server does before it answers. */
const many = 120

// Moving a hundred files takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

let server: ReadyServer
let browser: Browser

beforeAll(async () => {
  server = await startReadyServer()
  browser = await launchBrowser()
  for (let at = 0; at < many; at += 20) {
    const some = Array.from({ length: 20 }, (_, n) => at + n)
    await Promise.all(some.map((n) => uploadByApi(server, { [`leaf ${n}.txt`]: `leaf ${n}` })))
  }
  await uploadByApi(server, { 'root.txt': 'root' })
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
})

const makeGroup = async (name: string) =>
  (await askApi<{ data: { id: string } }>(server, 'POST', '/v3/groups/public', { name })).data.id
const countIn = async (group: string) => {
  const { data } = await askApi<{ data: { count: number } }>(
    server,
    'GET',
    `/v3/files/public?limit=1&includeCount=true&group=${group}`,
  )
  return data.count
}

const bar = (page: Page) => page.getByRole('group', { name: 'Selected files' })
/** Chooses one row, and then all that the filter lets through. */
async function chooseAll(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Select leaf 1.txt', exact: true }).click()
  await bar(page)
    .getByRole('button', { name: `Select all ${many} that match` })
    .click()
  await bar(page).getByText(`All ${many} files that match selected`).waitFor()
}

it('moves all that match, far beyond the rows in sight, and takes it back where they were in one group', async () => {
  const [trees, woods] = [await makeGroup('Trees'), await makeGroup('Woods')]
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  const dialog = page.getByRole('dialog')
  const moveTo = async (group: string) => {
    await chooseAll(page)
    await bar(page).getByRole('button', { name: 'Move to group' }).click()
    await dialog.getByRole('combobox', { name: 'Group' }).selectOption({ label: group })
  }
  const begin = async () => {
    await dialog.getByRole('button', { name: `Move ${many} files` }).click()
    await dialog.waitFor({ state: 'detached', timeout: 60_000 })
  }
  await go('/files?q=leaf&order=oldest', 'Files')
  await moveTo('Trees')
  await dialog.getByText('this cannot be taken back at once').waitFor()
  expect(await findBarriers(page)).toEqual([])
  await begin()
  expect(await countIn(trees)).toBe(many)
  await go(`/files?q=leaf&group=${trees}&order=oldest`, 'Files')
  await moveTo('Woods')
  await begin()
  expect(await countIn(woods)).toBe(many)
  await page.getByRole('status', { name: 'Undo' }).getByRole('button', { name: 'Undo' }).click()
  await expect.poll(() => countIn(trees), { timeout: 60_000 }).toBe(many)
  expect(complaints.all).toEqual([])
  await close()
})

it('names each that failed with the reason, and gives all of them as a file', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  const failed = {
    item: 'id-1',
    state: 'failed',
    name: 'leaf 9.txt',
    fileId: null,
    reason: 'not_found',
    message: 'No file =id-1',
  }
  const done = { item: 'id-2', state: 'done', name: null, fileId: null, reason: null, message: null }
  await page.route('**/pinyon/v1/bulk/unpin', (route) =>
    route.fulfill({ json: { job: null, results: [failed, done] } }),
  )
  await go('/files?q=leaf&order=oldest', 'Files')
  // By the keyboard alone.
  await page.getByRole('checkbox', { name: 'Select leaf 1.txt', exact: true }).press('Space')
  await bar(page)
    .getByRole('button', { name: `Select all ${many} that match` })
    .press('Enter')
  await bar(page).getByRole('button', { name: 'Unpin' }).press('Enter')
  const dialog = page.getByRole('dialog', { name: `Unpin all ${many} files that match?` })
  await dialog.getByRole('textbox').fill(`unpin ${many}`)
  await page.keyboard.press('Enter')
  await dialog.getByText('1 unpinned.').waitFor()
  await dialog.getByRole('listitem').filter({ hasText: 'leaf 9.txt id-1: No file =id-1' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  const saving = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Save as CSV' }).click()
  const text = await readFile(await (await saving).path(), 'utf8')
  expect(text).toBe('id,name,reason,message\r\nid-1,leaf 9.txt,not_found,No file =id-1\r\n')
  expect(complaints.all).toEqual([])
  await close()
})

it('unpins all that match and nothing else, once the number was typed', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.setDefaultTimeout(60_000)
  await go('/files?q=leaf&order=oldest', 'Files')
  await chooseAll(page)
  await bar(page).getByRole('button', { name: 'Unpin' }).click()
  const dialog = page.getByRole('dialog', { name: `Unpin all ${many} files that match?` })
  await dialog.getByRole('textbox').fill(`unpin ${many}`)
  await dialog.getByRole('button', { name: `Unpin ${many} files` }).click()
  await page.getByText('No file matches').waitFor({ timeout: 60_000 })
  await dialog.waitFor({ state: 'detached', timeout: 60_000 })
  expect((await listByApi(server, 'public')).map(({ name }) => name)).toEqual(['root.txt'])
  expect(complaints.all).toEqual([])
  await close()
})
