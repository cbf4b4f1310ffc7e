import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { type ApiFile, listByApi, uploadByApi } from './support/file-api.ts'

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

const table = (page: Page) => page.getByRole('table', { name: 'Files' })
const link = (page: Page, name: string) => table(page).getByRole('link', { name, exact: true })

async function getByApi({ id, network }: ApiFile): Promise<ApiFile | undefined> {
  const files = await listByApi(server, network)
  return files.find((file) => file.id === id)
}

async function chooseFromMenu(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

it('says what the page is for while there is nothing on it', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files?network=private', 'Files')
  await page.getByRole('heading', { name: 'No private files yet' }).waitFor()
  await page.getByText(`curl -X POST '${server.apiUrl}/v3/files'`).waitFor()
  await page
    .getByLabel('Files to upload')
    .setInputFiles([{ name: 'first.txt', mimeType: 'text/plain', buffer: Buffer.from('first') }])
  await page.getByRole('button', { name: 'Upload 1 file' }).click()
  await link(page, 'first.txt').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('finds files by name, CID and key-values, and keeps that in the address', async () => {
  const pine = await uploadByApi(
    server,
    { 'pine.txt': 'pine' },
    { keyvalues: JSON.stringify({ kind: 'tree', age: 7 }) },
  )
  await uploadByApi(server, { 'fern.txt': 'fern' }, { keyvalues: JSON.stringify({ kind: 'plant' }) })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await link(page, 'fern.txt').waitFor()
  const search = page.getByRole('searchbox', { name: 'Search by name or CID' })
  await search.fill('PIN')
  await link(page, 'fern.txt').waitFor({ state: 'detached' })
  await link(page, 'pine.txt').waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('PIN')
  await search.fill(`${server.gatewayUrl}/ipfs/${pine.cid}`)
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toContain(pine.cid)
  await link(page, 'pine.txt').waitFor()
  await expect.poll(() => table(page).getByRole('link').count()).toBe(1)
  await search.fill('')
  await link(page, 'fern.txt').waitFor()

  await page.getByRole('button', { name: 'Key-value' }).click()
  await page.getByRole('textbox', { name: 'Key', exact: true }).fill('kind')
  await page.getByRole('textbox', { name: 'Value', exact: true }).fill('tree')
  await page.getByRole('button', { name: 'Add filter' }).click()
  await link(page, 'fern.txt').waitFor({ state: 'detached' })
  await page.getByRole('combobox', { name: 'Order' }).selectOption('Oldest first')
  await page.reload()
  await link(page, 'pine.txt').waitFor()
  await expect.poll(() => table(page).getByRole('link').count()).toBe(1)
  expect(await page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('oldest')
  await page.getByRole('button', { name: 'Remove kind = tree' }).click()
  await link(page, 'fern.txt').waitFor()
  const names = await table(page).getByRole('link').allTextContents()
  expect(names.indexOf('pine.txt')).toBeLessThan(names.indexOf('fern.txt'))

  await search.fill('nothing like it')
  await page.getByRole('link', { name: 'Show all public files' }).click()
  await link(page, 'fern.txt').waitFor()
  expect(await search.inputValue()).toBe('')
  await page.getByRole('button', { name: 'As API call' }).click()
  await page.getByText(`curl '${server.apiUrl}/v3/files/public'`).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('shows a refused filter in the words of the server', async () => {
  const { page, go, close } = await openConsole(browser, server)
  const pairs = Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, 'v']))
  await go(`/files?kv=${encodeURIComponent(JSON.stringify(pairs))}`, 'Files')
  const alert = page.getByRole('alert')
  await alert.getByText('at most 20 key-values can be asked for at once').waitFor()
  await alert.getByText('INVALID_REQUEST').waitFor()
  await expect.poll(() => table(page).count()).toBe(0)
  await close()
})

it('scrolls over 1,500 rows, by wheel and by keyboard, and comes back to where it was', async () => {
  const own = await startReadyServer()
  for (let n = 0; n < 1_500; n += 10)
    await Promise.all(
      Array.from({ length: 10 }, (_, k) =>
        uploadByApi(own, { [`row-${n + k}.txt`]: `${n + k}` }, { network: 'private' }),
      ),
    )
  const { page, go, complaints, close } = await openConsole(browser, own)
  await go('/files?network=private&order=oldest', 'Files')
  await table(page).getByRole('row').nth(5).waitFor()
  expect(await table(page).getAttribute('aria-rowcount')).toBe('-1')
  await table(page).hover()
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, 4_000)
        return table(page).getAttribute('aria-rowcount')
      },
      { timeout: 20_000 },
    )
    .toBe('1501')
  await page
    .getByRole('row')
    .filter({ hasText: /^.*row-\d+\.txt/ })
    .last()
    .waitFor()
  const all = await listByApi(own, 'private', 'row-1499')
  expect(all).toHaveLength(1)
  await table(page).evaluate((frame) => frame.scrollTo(0, frame.scrollHeight))
  const rows = page.getByRole('row')
  await expect.poll(() => rows.last().getAttribute('aria-rowindex')).toBe('1501')
  await expect.poll(() => rows.count()).toBeLessThan(80)
  await rows.last().getByRole('link').focus()
  for (let n = 0; n < 30; n++) await page.keyboard.press('ArrowUp')
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.closest('[role="row"]')?.getAttribute('aria-rowindex')))
    .toBe('1471')
  await page.keyboard.press('Enter')
  const heading = page.getByRole('heading', { name: /^row-\d+\.txt$/, level: 1 })
  const left = (await heading.textContent()) ?? ''
  await page.goBack()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await link(page, left).waitFor()
  expect(complaints.all).toEqual([])
  await close()
  await own.stop()
  await removeData(own)
}, 120_000)

it('renames, changes key-values and unpins, one and many', async () => {
  const marks = { keyvalues: JSON.stringify({ kept: 3, changed: 'before', gone: 'x' }) }
  const one = await uploadByApi(server, { 'old name.txt': 'to be renamed' }, marks)
  for (let n = 0; n < 6; n++) await uploadByApi(server, { [`many-${n}.txt`]: `many ${n}` })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  await chooseFromMenu(page, 'old name.txt', 'Rename')
  await page.getByRole('textbox', { name: 'Name' }).fill('new name.txt')
  await page.getByRole('button', { name: 'Rename' }).click()
  await link(page, 'new name.txt').click()
  await page.getByRole('heading', { name: 'new name.txt', level: 1 }).waitFor()

  await page.getByRole('button', { name: 'Edit key-values' }).click()
  const dialog = page.getByRole('dialog', { name: 'Key-values' })
  const keys = await Promise.all([1, 2, 3].map((n) => dialog.getByRole('textbox', { name: `Key ${n}` }).inputValue()))
  await dialog.getByRole('textbox', { name: `Value ${keys.indexOf('changed') + 1}` }).fill('after')
  await dialog.getByRole('button', { name: `Remove key-value ${keys.indexOf('gone') + 1}` }).click()
  await dialog.getByRole('button', { name: 'Add a key-value' }).click()
  await dialog.getByRole('textbox', { name: 'Key 3' }).fill('changed')
  await dialog.getByRole('textbox', { name: 'Value 3' }).fill('fresh')
  const save = dialog.getByRole('button', { name: 'Save' })
  expect(await save.getAttribute('aria-disabled')).toBe('true')
  expect(await save.getAttribute('title')).toBe('The key changed is there twice.')
  await dialog.getByRole('textbox', { name: 'Key 3' }).fill('added')
  await save.click()
  await page.getByRole('definition').filter({ hasText: 'fresh' }).waitFor()
  expect((await getByApi(one))?.keyvalues).toEqual({ kept: '3', changed: 'after', added: 'fresh' })
  expect(await kindOfKept(one.id)).toBe(3)

  await page.getByRole('button', { name: 'Unpin' }).click()
  const confirm = page.getByRole('dialog', { name: 'Unpin new name.txt?' })
  await confirm.getByText('We stop keeping it. Space comes back within a minute').waitFor()
  await confirm.getByRole('button', { name: 'Unpin' }).click()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  expect(await getByApi(one)).toBeUndefined()
  await link(page, 'many-5.txt').waitFor()
  await expect.poll(() => link(page, 'new name.txt').count()).toBe(0)

  await page.getByRole('checkbox', { name: 'Select many-5.txt' }).click()
  await page.getByRole('checkbox', { name: 'Select many-1.txt' }).click({ modifiers: ['Shift'] })
  await page.getByText('5 files selected').waitFor()
  await page.getByRole('checkbox', { name: 'Select many-3.txt' }).press('Space')
  await page.getByText('4 files selected').waitFor()
  // One of them is refused, so that the others are seen to go and this one to stay.
  await page.route('**/v3/files/public/*', async (route) => {
    if (route.request().method() === 'DELETE' && isFirst) {
      isFirst = false
      await route.fulfill({
        status: 503,
        contentType: 'application/json',
        body: JSON.stringify({ error: { reason: 'STORAGE_FAILED', message: 'The disk did not answer.' } }),
      })
    } else await route.continue()
  })
  let isFirst = true
  await page.getByRole('button', { name: 'Unpin' }).click()
  const many = page.getByRole('dialog', { name: 'Unpin 4 files?' })
  await many.getByRole('textbox', { name: 'Type unpin 4 to go on' }).fill('unpin 4')
  await many.getByRole('button', { name: 'Unpin' }).click()
  const rest = page.getByRole('dialog', { name: /^Unpin many-\d.txt\?/ })
  await rest.getByText('1 of 4 could not be unpinned:').waitFor()
  await rest.getByText('The disk did not answer.').waitFor()
  expect(await listByApi(server, 'public', 'many-')).toHaveLength(3)
  await rest.getByRole('button', { name: 'Try again' }).click()
  await rest.waitFor({ state: 'detached' })
  const left = await listByApi(server, 'public', 'many-')
  expect(left.map(({ name }) => name).sort()).toEqual(['many-0.txt', 'many-3.txt'])
  await link(page, 'many-1.txt').waitFor({ state: 'detached' })
  await expect.poll(() => page.getByText(/selected$/).count()).toBe(0)
  expect(complaints.all).toEqual([])
  await close()
})

/** The number as the legacy list answers it; v3 writes everything as text. */
async function kindOfKept(id: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${server.key.JWT}` }
  const answer = await fetch(`${server.apiUrl}/data/pinList?pageLimit=1000`, { headers })
  const { rows } = (await answer.json()) as { rows: { id: string; metadata: { keyvalues: Record<string, unknown> } }[] } // by its schema
  return rows.find((row) => row.id === id)?.metadata.keyvalues['kept']
}

it('shows each kind of file, and every spelling of its CID', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="green"/></svg>'
  const hidden = { network: 'private' }
  const picture = await uploadByApi(server, { 'square.svg': svg })
  const secret = await uploadByApi(server, { 'secret.svg': `${svg} ` }, hidden)
  const json = await uploadByApi(server, { 'data.json': '{"deep":{"er":[1,2]}}' }, hidden)
  const long = await uploadByApi(server, { 'long.txt': 'words '.repeat(20_000) })
  const empty = await uploadByApi(server, { 'empty.txt': '' })
  const tree = { 'tree/leaf.txt': 'a leaf', 'tree/branch/twig.md': '# twig', 'tree/branch/pic.svg': svg }
  const folder = await uploadByApi(server, tree, { cid_version: 'v0' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  for (const { id, name } of [picture, secret]) {
    await go(`/files/${id}`, name)
    const image = page.getByRole('img', { name })
    await expect.poll(() => image.evaluate((each) => (each as HTMLImageElement).naturalWidth)).toBe(40)
  }
  await go(`/files/${json.id}`, 'data.json')
  await expect
    .poll(() => page.getByLabel('Content').textContent())
    .toBe(JSON.stringify({ deep: { er: [1, 2] } }, undefined, 2))
  await go(`/files/${long.id}`, 'long.txt')
  await page.getByText('The first 64.0 KiB.').waitFor()
  expect((await page.getByLabel('Content').textContent())?.length).toBe(65_536)
  await go(`/files/${empty.id}`, 'empty.txt')
  await page.getByText('The file is empty.').waitFor()

  await go(`/files/${folder.id}`, 'tree')
  await page.getByRole('link', { name: 'branch' }).click()
  await page.getByRole('link', { name: 'twig.md' }).click()
  await expect.poll(() => page.getByLabel('Content').textContent()).toBe('# twig')
  expect(new URL(page.url()).search).toBe('?path=branch&entry=twig.md')
  await page.reload()
  await page.getByLabel('Content').waitFor()
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'branch' }).click()
  await page.getByRole('link', { name: 'pic.svg' }).click()
  await expect
    .poll(() => page.getByRole('img', { name: 'pic.svg' }).evaluate((each) => (each as HTMLImageElement).naturalWidth))
    .toBe(40)
  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'tree' }).click()
  await page.getByRole('link', { name: 'leaf.txt' }).waitFor()

  expect(folder.cid).toMatch(/^Qm/)
  await page.getByText(folder.cid, { exact: true }).waitFor()
  for (const spelling of [/^bafybei/, /^k2jmtx/, /^zdj7W/, /^1220[0-9a-f]{64}$/])
    await expect.poll(() => page.getByRole('definition').filter({ hasText: spelling }).count()).toBe(1)
  await page.getByRole('button', { name: 'Copy Version 1, base32' }).click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('')
  await page.keyboard.press('Control+v')
  const copied = await page.getByRole('textbox', { name: 'Name' }).inputValue()
  await page.keyboard.press('Escape')
  const answer = await fetch(`${server.gatewayUrl}/ipfs/${copied}/leaf.txt`)
  expect(await answer.text()).toBe('a leaf')
  expect(await page.getByRole('textbox', { name: 'Gateway link' }).inputValue()).toBe(
    `${server.gatewayUrl}/ipfs/${folder.cid}`,
  )
  expect(complaints.all).toEqual([])
  await close()
})

it('runs nothing of what people upload, call their files or write into addresses', async () => {
  const script = '<img src=x onerror="window.ran=(window.ran||0)+1"><script>window.ran=(window.ran||0)+1</script>'
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="window.ran=1"><script>window.ran=1</script></svg>`
  const name = `${script.replaceAll('/', '')}.txt`
  const evil = await uploadByApi(
    server,
    { 'evil.txt': script },
    { name, network: 'private', keyvalues: JSON.stringify({ [script]: script }) },
  )
  const html = await uploadByApi(server, { 'evil.html': `<p>${script}` }, { network: 'private' })
  const picture = await uploadByApi(server, { 'evil.svg': svg }, { network: 'private' })
  const folder = await uploadByApi(
    server,
    { [`evil folder/${name}`]: script, 'evil folder/page.html': script },
    { network: 'private' },
  )
  const { page, go, complaints, close } = await openConsole(browser, server)
  await page.addInitScript(() => Object.assign(window, { alert: () => Object.assign(window, { ran: 99 }) }))
  const ran = () => page.evaluate(() => (window as unknown as { ran?: number }).ran) // what the texts above would set

  await go('/files?network=private', 'Files')
  await link(page, name).waitFor()
  expect(await ran()).toBeUndefined()
  await go(`/files/${evil.id}`, name)
  await expect.poll(() => page.getByLabel('Content').textContent()).toBe(script)
  await page.getByRole('term').filter({ hasText: 'onerror' }).waitFor()
  expect(await ran()).toBeUndefined()
  await go(`/files/${html.id}`, 'evil.html')
  await expect.poll(() => page.getByLabel('Content').textContent()).toBe(`<p>${script}`)
  await go(`/files/${picture.id}`, 'evil.svg')
  await expect
    .poll(() => page.getByRole('img', { name: 'evil.svg' }).evaluate((each) => (each as HTMLImageElement).complete))
    .toBe(true)
  expect(await ran()).toBeUndefined()
  await go(`/files/${folder.id}`, 'evil folder')
  await page.getByRole('link', { name: 'page.html' }).waitFor()
  await page.getByRole('link', { name, exact: true }).click()
  await expect.poll(() => page.getByLabel('Content').textContent()).toBe(script)
  for (const address of [
    `/files?q=${encodeURIComponent(script)}`,
    `/files?network=private&kv=${encodeURIComponent(JSON.stringify({ [script]: script }))}`,
    `/files/${folder.id}?path=${encodeURIComponent(script)}`,
    `/files?type=${encodeURIComponent(script)}`,
  ]) {
    await page.goto(`${server.apiUrl}${address}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await ran()).toBeUndefined()
  }
  await page.goto(`${server.apiUrl}/files/${encodeURIComponent(script)}`)
  await page.getByText('OBJECT_NOT_FOUND').waitFor()
  expect(await ran()).toBeUndefined()
  expect(complaints.all).toEqual([])

  // Gone to as a page, by somebody who was sent the address, it is a download and not a page.
  const download = page.waitForEvent('download')
  await page.goto(`${server.apiUrl}/pinyon/v1/files/${html.id}/content`).catch(() => {}) // a download ends the navigation
  expect((await download).suggestedFilename()).toBe('evil.html')
  await close()
})

it('shows in one tab what changed in another, once it is looked at again', async () => {
  const file = await uploadByApi(server, { 'shared.txt': 'shared' })
  const { page, go, close } = await openConsole(browser, server)
  await go('/files?q=shared', 'Files')
  await link(page, 'shared.txt').waitFor()
  const other = await page.context().newPage()
  await other.goto(`${server.apiUrl}/files/${file.id}`)
  await other.getByRole('button', { name: 'Rename' }).click()
  await other.getByRole('textbox', { name: 'Name' }).fill('shared anew.txt')
  await other.getByRole('button', { name: 'Rename', exact: true }).last().click()
  await other.getByRole('heading', { name: 'shared anew.txt', level: 1 }).waitFor()
  await expect.poll(() => link(page, 'shared.txt').count()).toBe(1)
  // This browser has no window that could lose and win the focus.
  await page.evaluate(() => window.dispatchEvent(new Event('visibilitychange')))
  await link(page, 'shared anew.txt').waitFor()
  await close()
})

it('says that there is no such file', async () => {
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files/019c0000-0000-7000-8000-000000000000', 'File')
  await page.getByRole('alert').getByText('OBJECT_NOT_FOUND').waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it.each(['light', 'dark'] as const)('shuts nobody out of list, detail and dialogs, %s', async (theme) => {
  const longName = `${'a very long name that goes on and on '.repeat(8)}${theme}.txt`
  const file = await uploadByApi(
    server,
    { 'long.txt': `long ${theme}` },
    { name: longName, keyvalues: JSON.stringify({ [`key${'y'.repeat(200)}`]: 'v'.repeat(900) }) },
  )
  const folder = await uploadByApi(server, { [`סל/${'x'.repeat(200)}.txt`]: theme, 'סל/b/c.txt': 'c' })
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  const width = () => page.evaluate(() => document.documentElement.scrollWidth)
  await go('/files', 'Files')
  await link(page, longName).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await width()).toBe(320)
  await page.getByRole('button', { name: `More for ${longName}` }).click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByRole('dialog', { name: 'Rename' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  await go(`/files/${file.id}`, longName)
  await page.getByLabel('Content').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await width()).toBe(320)
  for (const [button, title] of [
    ['Edit key-values', 'Key-values'],
    ['Unpin', /^Unpin/],
  ] as const) {
    await page.getByRole('button', { name: button }).click()
    await page.getByRole('dialog', { name: title }).waitFor()
    expect(await findBarriers(page)).toEqual([])
    await page.keyboard.press('Escape')
  }
  await go(`/files/${folder.id}`, 'סל')
  await page.getByRole('link', { name: 'b', exact: true }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await width()).toBe(320)
  await page.setViewportSize({ width: 1_280, height: 800 })
  await go('/files', 'Files')
  await page.getByRole('checkbox', { name: `Select ${longName}` }).click()
  await page.getByRole('group', { name: 'Selected files' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})
