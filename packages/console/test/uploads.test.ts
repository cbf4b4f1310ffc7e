import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData, startServer } from '../../../acceptance/support/server.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { listByApi, uploadByApi } from './support/file-api.ts'

const mebibyte = 1_048_576

let server: ReadyServer
let browser: Browser
let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'pinyon-console-'))
  server = await startReadyServer()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  await server.stop()
  await removeData(server)
  await rm(place, { recursive: true })
})

/** The dialog that asks before anything is sent. */
async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  return page.getByRole('dialog', { name: 'Upload' })
}

async function start(page: Page) {
  await page.getByRole('button', { name: /^Upload .*file/ }).click()
}

const drawer = (page: Page) => page.getByRole('region', { name: 'Uploads' })
const row = (page: Page, name: string) => drawer(page).getByRole('listitem').filter({ hasText: name })

/** A file of so many bytes, none like the other. */
async function makeLarge(name: string, sizeBytes: number): Promise<string> {
  const path = join(place, name)
  const file = await open(path, 'w')
  const piece = Buffer.alloc(mebibyte)
  for (let offset = 0; offset < sizeBytes; offset += piece.length) {
    createHash('sha256').update(`${name} ${offset}`).digest().copy(piece)
    await file.write(piece, 0, Math.min(piece.length, sizeBytes - offset))
  }
  await file.close()
  return path
}

it('uploads a folder of 10,000 files under the CID that the API gives it', async () => {
  const folder = join(place, 'herbarium')
  const contents: Record<string, string> = {}
  for (let shelf = 0; shelf < 100; shelf++) {
    await mkdir(join(folder, `shelf-${shelf}`), { recursive: true })
    for (let sheet = 0; sheet < 100; sheet++) {
      const path = `shelf-${shelf}/sheet-${sheet}.txt`
      contents[`herbarium/${path}`] = `${path} `.padEnd(2_048, '.')
      await writeFile(join(folder, path), contents[`herbarium/${path}`] ?? '')
    }
  }
  const expected = await uploadByApi(server, contents, { network: 'private' })
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  await dialog.getByLabel('Folder to upload').setInputFiles(folder)
  await dialog.getByRole('status').getByText('10,000 files, 19.5 MiB').waitFor()
  await dialog.getByRole('radio', { name: /^Public/ }).check()
  await start(page)
  await row(page, 'herbarium').getByText('public, done').waitFor({ timeout: 60_000 })
  const [file] = await listByApi(server, 'public', 'herbarium')
  expect(file).toMatchObject({ cid: expected.cid, number_of_files: 10_000, name: 'herbarium' })
  expect(complaints.all).toEqual([])
  await close()
}, 120_000)

it('uploads 1 GiB without holding it in memory', async () => {
  const sizeBytes = 1_024 * mebibyte
  const path = await makeLarge('large.bin', sizeBytes)
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(path)
  await dialog.getByText('1 file, 1.0 GiB').waitFor()
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable')
  const heapMb = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / mebibyte
  }
  const before = { heap: await heapMb(), all: memoryOfBrowserMb() }
  const began = performance.now()
  await start(page)
  const most = { heap: 0, all: 0 }
  const done = row(page, 'large.bin').getByText('private, done').waitFor({ timeout: 150_000 })
  let isDone = false
  void done.then(() => (isDone = true))
  while (!isDone) {
    most.heap = Math.max(most.heap, await heapMb())
    most.all = Math.max(most.all, memoryOfBrowserMb())
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  await done
  console.log(
    `1 GiB in ${((performance.now() - began) / 1_000).toFixed(1)} s; script memory ${before.heap.toFixed(1)} to at most ${most.heap.toFixed(1)} MiB, all of the browser ${before.all.toFixed(0)} to at most ${most.all.toFixed(0)} MiB`,
  )
  expect(most.heap - before.heap).toBeLessThan(32)
  expect(most.all - before.all).toBeLessThan(256)
  expect(await listByApi(server, 'private', 'large.bin')).toMatchObject([{ size: sizeBytes }])
  expect(complaints.all).toEqual([])
  await close()
  await rm(path)
}, 240_000)

/** Resident memory of the browser with all its processes. */
function memoryOfBrowserMb(): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,rss='], { encoding: 'utf8' }).trim().split('\n')
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]) // three columns are asked for
  const family = new Set([process.pid])
  for (let size = 0; size < family.size;) {
    size = family.size
    for (const [pid, parent] of processes) if (family.has(parent)) family.add(pid)
  }
  return processes
    .filter(([pid]) => family.has(pid) && pid !== process.pid && pid !== server.process.pid)
    .reduce((sum, [, , kib]) => sum + kib / 1_024, 0)
}

it('goes on by itself when the server is killed in the middle and comes back', async () => {
  const own = await startReadyServer()
  const path = await makeLarge('survivor.bin', 192 * mebibyte)
  const { page, go, close } = await openConsole(browser, own)
  await go('/files', 'Files')
  // Every page is there before it is gone to.
  await page.waitForLoadState('networkidle')
  const dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(path)
  const devtools = await page.context().newCDPSession(page)
  await throttle(devtools, 40 * mebibyte)
  await start(page)
  await row(page, 'survivor.bin')
    .getByText(/^[1-9][\d.]* MiB of/)
    .waitFor()
  await own.kill()
  await drawer(page).getByRole('heading', { name: 'Waiting for the server' }).waitFor()
  await drawer(page).getByText('This goes on by itself as soon as it does.').waitFor()
  // Pages come and go meanwhile; the uploads stay.
  await page.getByRole('link', { name: 'Connect' }).first().click()
  await page.getByRole('heading', { name: 'Connect', level: 1 }).waitFor()
  await throttle(devtools, -1)
  const ports = { api: Number(new URL(own.apiUrl).port), gateway: Number(new URL(own.gatewayUrl).port) }
  const again = await startServer({ dataDir: own.dataDir, ports })
  await row(page, 'survivor.bin').getByText('private, done').waitFor({ timeout: 60_000 })
  expect(await listByApi(own, 'private')).toMatchObject([{ name: 'survivor.bin', size: 192 * mebibyte }])
  await close()
  await again.stop()
  await removeData(own)
}, 150_000)

async function throttle(devtools: CDPSession, bytesPerSecond: number): Promise<void> {
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  })
}

it('leaves nothing of an upload that was cancelled, and begins it again when asked to', async () => {
  const path = await makeLarge('undecided.bin', 64 * mebibyte)
  const { page, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(path)
  const devtools = await page.context().newCDPSession(page)
  await throttle(devtools, 8 * mebibyte)
  await start(page)
  await row(page, 'undecided.bin')
    .getByText(/^[1-9][\d.]* MiB of/)
    .waitFor()
  await drawer(page)
    .getByText(/MiB\/s · .* left$/)
    .waitFor()
  expect(await asksBeforeLeaving(page)).toBe(true)
  await page.getByRole('button', { name: 'Cancel undecided.bin' }).click()
  await row(page, 'undecided.bin').getByText('cancelled, nothing was kept').waitFor()
  expect(await asksBeforeLeaving(page)).toBe(false)
  expect(await listByApi(server, 'private', 'undecided')).toEqual([])
  await throttle(devtools, -1)
  await page.getByRole('button', { name: 'Retry undecided.bin' }).click()
  await row(page, 'undecided.bin').getByText('private, done').waitFor()
  expect(await listByApi(server, 'private', 'undecided')).toHaveLength(1)
  await close()
})

function asksBeforeLeaving(page: Page): Promise<boolean> {
  return page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })))
}

it('takes files and folders that are dropped on any page', async () => {
  const folder = join(place, 'dropped')
  await mkdir(join(folder, 'deeper', 'empty'), { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'a')
  await writeFile(join(folder, 'deeper', 'b.txt'), 'b')
  await writeFile(join(place, 'loose.txt'), 'loose')
  const { page, go, complaints, close } = await openConsole(browser, server)
  await go('/connect', 'Connect')
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder, join(place, 'loose.txt')], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data })
  await page.getByText('Drop files and folders here').waitFor()
  await devtools.send('Input.dispatchDragEvent', { type: 'drop', x: 500, y: 300, data })
  const dialog = page.getByRole('dialog', { name: 'Upload' })
  await dialog.getByText('3 files, 7 B').waitFor()
  await dialog.getByText('1 empty folder is left out').waitFor()
  expect(await dialog.getByRole('radio', { name: /^Private/ }).isChecked()).toBe(true)
  await start(page)
  await drawer(page).getByRole('heading', { name: '2 uploads done' }).waitFor()
  const [dropped] = await listByApi(server, 'private', 'dropped')
  const same = await uploadByApi(server, { 'dropped/a.txt': 'a', 'dropped/deeper/b.txt': 'b' })
  expect(dropped).toMatchObject({ cid: same.cid, number_of_files: 2 })
  expect(await listByApi(server, 'private', 'loose.txt')).toHaveLength(1)
  await row(page, 'loose.txt').getByRole('link', { name: 'loose.txt' }).click()
  await page.getByRole('heading', { name: 'loose.txt', level: 1 }).waitFor()
  expect(complaints.all).toEqual([])
  await close()
})

it('puts loose files together as a folder, reads CARs, and remembers who may read', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  let dialog = await openDialog(page)
  const files = ['one.txt', 'two.txt'].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) }))
  await dialog.getByLabel('Files to upload').setInputFiles(files)
  await dialog.getByText('Together as a folder').click()
  await dialog.getByLabel('Name of the folder').fill('pair')
  await dialog.getByRole('radio', { name: /^Public/ }).check()
  await start(page)
  await row(page, 'pair').getByText('public, done').waitFor()
  expect(await listByApi(server, 'public', 'pair')).toMatchObject([{ number_of_files: 2 }])

  await page.reload()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  dialog = await openDialog(page)
  expect(await dialog.getByRole('radio', { name: /^Public/ }).isChecked()).toBe(true)
  await dialog
    .getByLabel('Files to upload')
    .setInputFiles([{ name: 'broken.car', mimeType: 'application/vnd.ipld.car', buffer: Buffer.from('no CAR') }])
  await dialog.getByRole('checkbox', { name: /^Read as CAR/ }).check()
  await start(page)
  await row(page, 'broken.car').getByText('INVALID_CAR').waitFor()
  await drawer(page).getByRole('heading', { name: '1 upload failed, 0 done' }).waitFor()

  dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(files.slice(0, 1))
  await start(page)
  await row(page, 'one.txt').getByText('public, done').waitFor()
  dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(files.slice(0, 1))
  await start(page)
  await row(page, 'one.txt').getByText('was here already').waitFor()
  await close()
})

it('sends many loose files that are put together resumably, and keeps nothing for a reload that could not go on', async () => {
  const { page, go, close } = await openConsole(browser, server)
  const begun: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/pinyon/v1/folder-uploads')) begun.push(request.url())
  })
  await go('/files', 'Files')
  await page.evaluate(() => {
    const set = localStorage.setItem.bind(localStorage)
    const kept: string[] = []
    Object.assign(globalThis, { kept })
    Storage.prototype.setItem = function (name: string, value: string) {
      kept.push(name)
      set(name, value)
    }
  })
  const dialog = await openDialog(page)
  const files = Array.from({ length: 101 }, (_, i) => `${i}.txt`)
  await dialog
    .getByLabel('Files to upload')
    .setInputFiles(files.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })))
  await dialog.getByText('Together as a folder').click()
  await dialog.getByLabel('Name of the folder').fill('hundred')
  await start(page)
  await row(page, 'hundred').getByText('private, done').waitFor()
  expect(await listByApi(server, 'private', 'hundred')).toMatchObject([{ number_of_files: 101 }])
  expect(begun).toHaveLength(1)
  const kept = await page.evaluate(() => (globalThis as unknown as { kept: string[] }).kept)
  expect(kept.filter((name) => name.startsWith('pinyon.upload.'))).toEqual([])
  await close()
})

it('says that a file was changed since it was chosen, and sends nothing of it', async () => {
  const path = join(place, 'fleeting.txt')
  await writeFile(path, 'now')
  const { page, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  await dialog.getByLabel('Files to upload').setInputFiles(path)
  await dialog.getByText('1 file, 3 B').waitFor()
  await rm(path)
  await start(page)
  await row(page, 'fleeting.txt').getByText('cannot be read any more').waitFor()
  expect(await listByApi(server, 'private', 'fleeting')).toEqual([])
  await close()
})

it('keeps 10,000 loose files in a list that stays quick', async () => {
  const { page, go, close } = await openConsole(browser, server)
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  // Made in the page: the tool that drives it would take longer to name them than the page to send them.
  await page.evaluate(() => {
    const items = Array.from({ length: 10_000 }, (_, n) => new File([`loose ${n}`], `loose-${n}.txt`))
    const dataTransfer = {
      types: ['Files'],
      items: items.map((file) => ({ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file })),
    }
    window.dispatchEvent(Object.assign(new Event('drop', { cancelable: true }), { dataTransfer }))
  })
  await dialog.getByText('10,000 files').first().waitFor()
  await start(page)
  await drawer(page)
    .getByRole('heading', { name: /^Uploading: \d+ of 10,000 uploads done/ })
    .waitFor()
  await expect.poll(() => drawer(page).getByRole('listitem').count()).toBeLessThan(40)
  await drawer(page)
    .getByRole('heading', { name: /^Uploading: [1-9]\d of/ })
    .waitFor()
  await drawer(page).getByRole('button', { name: 'Cancel all' }).click()
  await drawer(page)
    .getByRole('heading', { name: /uploads? done$/ })
    .waitFor()
  await drawer(page).getByRole('button', { name: 'Clear ended' }).click()
  await drawer(page).waitFor({ state: 'detached' })
  await close()
})

it('says what the account refuses and what it has no room for', async () => {
  const own = await startReadyServer()
  const patch = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${own.key.JWT}`, 'content-type': 'application/json' }
    const answer = await fetch(`${own.apiUrl}${path}`, { method: 'PATCH', headers, body: JSON.stringify(body) })
    expect(answer.status).toBe(200)
    return (await answer.json()) as { id: string } // an account
  }
  const { id } = await patch('/pinyon/v1/account', { publicContent: 'refused' })
  await patch(`/pinyon/v1/accounts/${id}`, { quotaBytes: 1_000_000 })
  const { page, go, complaints, close } = await openConsole(browser, own)
  await go('/files', 'Files')
  expect(await page.getByRole('link', { name: 'Private' }).getAttribute('aria-current')).toBe('page')
  const dialog = await openDialog(page)
  expect(await dialog.getByRole('radio', { name: /^Public/ }).isDisabled()).toBe(true)
  await dialog.getByText('This account refuses public content.').waitFor()
  await dialog
    .getByLabel('Files to upload')
    .setInputFiles([{ name: 'fat.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_500_000) }])
  await dialog.getByText('more than the 976.6 KiB that this account has left').waitFor()
  await start(page)
  await row(page, 'fat.bin').getByText('QUOTA_REACHED').waitFor()
  await row(page, 'fat.bin')
    .getByText(/The account's quota is reached: 0 of 1000000 bytes are used/)
    .waitFor()
  expect(complaints.all).toEqual([])
  await close()
  await own.stop()
  await removeData(own)
})

it.each(['light', 'dark'] as const)('shuts nobody out of the dialog and the drawer, %s', async (theme) => {
  const { page, go, complaints, close } = await openConsole(browser, server, { theme, width: 320, height: 700 })
  await go('/files', 'Files')
  const dialog = await openDialog(page)
  const name = `a-name-that-goes-on-${'and-on-'.repeat(30)}.txt`
  await dialog.getByLabel('Files to upload').setInputFiles([
    { name, mimeType: 'text/plain', buffer: Buffer.from(`long ${theme}`) },
    { name: 'זמן.car', mimeType: 'text/plain', buffer: Buffer.from('no CAR') },
  ])
  await dialog.getByRole('checkbox', { name: /^Read as CAR/ }).check()
  expect(await findBarriers(page)).toEqual([])
  await start(page)
  await drawer(page).getByRole('heading', { name: '1 upload failed, 1 done' }).waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  expect(complaints.all).toEqual([])
  await close()
})
