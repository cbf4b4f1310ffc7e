import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, mkdir, open, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { removeData, startServer } from '../../../acceptance/support/server.ts'
import { findBarriers, launchBrowser } from './support/browser.ts'
import { openConsole, type ReadyServer, startReadyServer } from './support/console-page.ts'
import { listByApi } from './support/file-api.ts'

const mebibyte = 1_048_576
const sizeBytes = 128 * mebibyte

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

const drawer = (page: Page) => page.getByRole('region', { name: 'Uploads' })
const row = (page: Page, name: string) => drawer(page).getByRole('listitem').filter({ hasText: name })

/** A file of which no two parts are alike, and its digest. */
async function makeLarge(name: string): Promise<{ path: string; digest: string }> {
  const path = join(place, name)
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  const piece = Buffer.alloc(mebibyte)
  for (let offset = 0; offset < sizeBytes; offset += piece.length) {
    createHash('sha256').update(`${name} ${offset}`).digest().copy(piece)
    hash.update(piece)
    await file.write(piece)
  }
  await file.close()
  return { path, digest: hash.digest('hex') }
}

/** Begins to send a file, slowly, and comes back when some of it is on the server's disk. */
async function beginSlowly(page: Page, path: string, name: string, label = 'Files to upload'): Promise<CDPSession> {
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Upload' })
  await dialog.getByLabel(label).setInputFiles(path)
  await dialog.getByRole('radio', { name: /^Public/ }).check()
  const devtools = await page.context().newCDPSession(page)
  await throttle(devtools, 16 * mebibyte)
  await page.getByRole('button', { name: /^Upload \d+ file/ }).click()
  // After 2 s or 32 MiB the server has stored what came.
  await row(page, name)
    .getByText(/^(4[5-9]|[5-9]\d)[\d.]* MiB of/)
    .waitFor()
  return devtools
}

async function throttle(devtools: CDPSession, bytesPerSecond: number): Promise<void> {
  await devtools.send('Network.enable')
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  })
}

/** Where each request for bytes of a file began. */
function watchOffsets(page: Page): number[] {
  const offsets: number[] = []
  page.on('request', (request) => {
    const offset = request.method() === 'PATCH' ? request.headers()['upload-offset'] : undefined
    if (offset !== undefined) offsets.push(Number(offset))
  })
  return offsets
}

async function digestOf(from: ReadyServer, name: string): Promise<string> {
  const [file] = (await listByApi(from, 'public', name)) as unknown as { cid: string; size: number }[]
  expect(file?.size).toBe(sizeBytes)
  const answer = await fetch(`${from.gatewayUrl}/ipfs/${file?.cid ?? ''}`)
  return createHash('sha256')
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest('hex')
}

/** What this browser keeps of unfinished uploads. */
const keptHere = (page: Page) =>
  page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith('pinyon.upload.')))

it('pauses a large file, and goes on from where the server stands', async () => {
  const { path, digest } = await makeLarge('paused.bin')
  const { page, go, complaints, close } = await openConsole(browser, server)
  const offsets = watchOffsets(page)
  await go('/files', 'Files')
  const devtools = await beginSlowly(page, path, 'paused.bin')
  await drawer(page)
    .getByText(/MiB\/s · .* left$/)
    .waitFor()
  await page.getByRole('button', { name: 'Pause paused.bin' }).click()
  await row(page, 'paused.bin')
    .getByText(/MiB of 128.0 MiB · paused/)
    .waitFor()
  await drawer(page).getByRole('heading', { name: '1 unfinished upload' }).waitFor()
  expect(offsets).toEqual([0])
  await throttle(devtools, -1)
  await page.getByRole('button', { name: 'Resume paused.bin' }).click()
  await row(page, 'paused.bin').getByText('public, done').waitFor()
  expect(offsets).toHaveLength(2)
  expect(offsets[1]).toBeGreaterThan(16 * mebibyte)
  expect(await digestOf(server, 'paused.bin')).toBe(digest)
  expect(await keptHere(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
})

it('goes on from the stored offset when the server is killed and comes back', async () => {
  const own = await startReadyServer()
  const { path, digest } = await makeLarge('survivor.bin')
  const { page, go, close } = await openConsole(browser, own)
  const offsets = watchOffsets(page)
  await go('/files', 'Files')
  await page.waitForLoadState('networkidle')
  const devtools = await beginSlowly(page, path, 'survivor.bin')
  await own.kill()
  await drawer(page).getByRole('heading', { name: 'Waiting for the server' }).waitFor()
  await throttle(devtools, -1)
  const ports = { api: Number(new URL(own.apiUrl).port), gateway: Number(new URL(own.gatewayUrl).port) }
  const again = await startServer({ dataDir: own.dataDir, ports })
  await row(page, 'survivor.bin').getByText('public, done').waitFor({ timeout: 60_000 })
  expect(offsets.at(-1)).toBeGreaterThan(16 * mebibyte)
  expect(await digestOf(own, 'survivor.bin')).toBe(digest)
  await close()
  await again.stop()
  await removeData(own)
}, 120_000)

it('goes on after a reload when the same file is chosen again, and with no other', async () => {
  const { path, digest } = await makeLarge('reloaded.bin')
  const { page, go, complaints, close } = await openConsole(browser, server, { width: 320, height: 700 })
  const offsets = watchOffsets(page)
  page.on('dialog', (dialog) => void dialog.accept())
  await go('/files', 'Files')
  const devtools = await beginSlowly(page, path, 'reloaded.bin')
  await page.reload()
  await row(page, 'reloaded.bin')
    .getByText(/^Choose the file again to go on · [1-9][\d.]* MiB of 128.0 MiB$/)
    .waitFor()
  await drawer(page).getByRole('heading', { name: '1 unfinished upload' }).waitFor()
  expect(JSON.stringify(await keptHere(page))).not.toMatch(/password|secret|token|eyJ/i)
  expect(await findBarriers(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
  // Another tab leaves it to this one.
  const other = await page.context().newPage()
  await other.goto(`${server.apiUrl}/files`)
  await other.waitForLoadState('networkidle')
  await expect.poll(() => drawer(other).count()).toBe(0)
  await other.close()

  const input = row(page, 'reloaded.bin').getByLabel('reloaded.bin, to go on with')
  await mkdir(join(place, 'touched'))
  const touched = join(place, 'touched', 'reloaded.bin')
  await copyFile(path, touched)
  await utimes(touched, new Date(), new Date(2_000_000_000_000))
  await input.setInputFiles(touched)
  await row(page, 'reloaded.bin').getByRole('alert').getByText('This file was changed since the upload began').waitFor()
  await input.setInputFiles({ name: 'other.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('other') })
  await row(page, 'reloaded.bin').getByRole('alert').getByText('This is other.bin').waitFor()
  expect(await findBarriers(page)).toEqual([])
  expect(offsets).toEqual([0])

  await throttle(devtools, -1)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Choose reloaded.bin again' }).click(),
  ])
  await chooser.setFiles(path)
  await row(page, 'reloaded.bin').getByText('public, done').waitFor()
  expect(offsets[1]).toBeGreaterThan(16 * mebibyte)
  expect(await digestOf(server, 'reloaded.bin')).toBe(digest)
  expect(await keptHere(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
}, 120_000)

it('gives up on the server what is cancelled after a reload, and forgets names at signing out', async () => {
  const { path } = await makeLarge('unwanted.bin')
  const { page, go, close } = await openConsole(browser, server)
  page.on('dialog', (dialog) => void dialog.accept())
  await go('/files', 'Files')
  await beginSlowly(page, path, 'unwanted.bin')
  await page.reload()
  const ended = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await page.getByRole('button', { name: 'Cancel unwanted.bin' }).click()
  expect((await ended).status()).toBe(204)
  expect(await keptHere(page)).toEqual([])
  await page.reload()
  await page.getByRole('heading', { name: 'Files', level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  await expect.poll(() => drawer(page).count()).toBe(0)

  await beginSlowly(page, path, 'unwanted.bin')
  await page.getByRole('button', { name: 'Pause unwanted.bin' }).click()
  expect(await keptHere(page)).toHaveLength(1)
  await page.getByRole('button', { name: /^Account / }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
  expect(await keptHere(page)).toEqual([])
  await close()
})

it('goes on with a folder after a reload when it is chosen again, and sends only what is missing', async () => {
  const folder = join(place, 'atlas')
  await mkdir(folder)
  const piece = Buffer.alloc(mebibyte)
  for (let n = 0; n < 110; n++) {
    piece.write(`sheet ${n}`)
    await writeFile(join(folder, `sheet-${n}.bin`), piece)
  }
  const large = await makeLarge('map.bin')
  await copyFile(large.path, join(folder, 'zz-map.bin'))
  const { page, go, complaints, close } = await openConsole(browser, server)
  page.on('dialog', (dialog) => void dialog.accept())
  const batches: number[] = []
  page.on('request', (request) => {
    if (/folder-uploads\/[^/]+\/files$/.test(request.url())) batches.push(1)
  })
  const offsets = watchOffsets(page)
  await go('/files', 'Files')
  const devtools = await beginSlowly(page, folder, 'atlas', 'Folder to upload')
  await page.reload()
  await row(page, 'atlas')
    .getByText(/^Choose the folder again to go on · [1-9][\d.]* MiB of 111 files, 238.0 MiB$/)
    .waitFor()
  const before = batches.length
  await row(page, 'atlas').getByLabel('atlas, to go on with').setInputFiles(folder)
  // All small ones, and some of the large one.
  await row(page, 'atlas')
    .getByText(/^1[5-9]\d[\d.]* MiB of/)
    .waitFor()
  // 110 MiB are seven forms of 16 MiB.
  expect(batches.length - before).toBeLessThan(7)
  expect(offsets).toEqual([0])
  await page.getByRole('button', { name: 'Pause atlas' }).click()
  await row(page, 'atlas')
    .getByText(/MiB of 111 files, 238.0 MiB · paused/)
    .waitFor()
  await throttle(devtools, -1)
  await page.getByRole('button', { name: 'Resume atlas' }).click()
  await row(page, 'atlas').getByText('public, done').waitFor()
  expect(offsets).toHaveLength(2)
  expect(offsets[1]).toBeGreaterThan(8 * mebibyte)
  const [file] = await listByApi(server, 'public', 'atlas')
  expect(file).toMatchObject({ number_of_files: 111 })
  const digest = async (path: string) => {
    const answer = await fetch(`${server.gatewayUrl}/ipfs/${file?.cid ?? ''}/${path}`)
    return createHash('sha256')
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest('hex')
  }
  expect(await digest('zz-map.bin')).toBe(large.digest)
  expect(await digest('sheet-109.bin')).toBe(createHash('sha256').update(piece).digest('hex'))
  expect(await keptHere(page)).toEqual([])
  expect(complaints.all).toEqual([])
  await close()
}, 120_000)
