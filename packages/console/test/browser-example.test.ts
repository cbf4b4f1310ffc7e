import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { startPinyon, type StartedPinyon } from '@pinyon/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, openContext } from './support/browser.ts'

let pinyon: StartedPinyon
let browser: Browser
let site: Server
let origin: string

beforeAll(async () => {
  pinyon = await startPinyon()
  browser = await launchBrowser()
  const types: Record<string, string> = { '/': 'text/html', '/upload.js': 'text/javascript' }
  site = createServer((request, response) => {
    const path = request.url ?? '/'
    const file = path === '/' ? 'index.html' : path.slice(1)
    if (types[path] === undefined) return void response.writeHead(404).end()
    readFile(fileURLToPath(new URL(`../../../examples/browser/${file}`, import.meta.url))).then(
      (bytes) => response.writeHead(200, { 'content-type': types[path] }).end(bytes),
      () => response.writeHead(500).end(),
    )
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}` // it listens on TCP
})
afterAll(async () => {
  await browser.close()
  site.close()
  await pinyon.stop()
})

async function makeKey(origins: string[]): Promise<string> {
  const answer = await fetch(`${pinyon.urls.api}/v3/pinata/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${pinyon.key.jwt}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      keyName: 'page',
      permissions: { endpoints: { files: { upload: true } } },
      bounds: { origins },
    }),
  })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { JWT: string }).JWT // what the creation of a key answers
}

it('a page on another origin uploads 200 MB with a key that can do nothing else, and shows progress', async () => {
  const page = await (await openContext(browser)).newPage()
  await page.goto(origin)
  await page.getByLabel('Server').fill(pinyon.urls.api)
  await page.getByLabel('JWT').fill(await makeKey([origin]))
  // Made in the page: what a test hands a browser is bounded.
  await page.evaluate(() => {
    const bytes = new Uint8Array(200_000_000).map((_, at) => at >> 12)
    const chosen = new DataTransfer()
    chosen.items.add(new File([bytes], 'large.bin'))
    const input = document.querySelector<HTMLInputElement>('input[type=file]')
    if (input !== null) input.files = chosen.files
    const seen: number[] = ((globalThis as { seen?: number[] }).seen = [])
    const progress = document.querySelector('progress')
    setInterval(() => seen.push(progress?.value ?? 0), 5)
  })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByText(/^large\.bin: bafy/).waitFor({ timeout: 50_000 })
  const seen = await page.evaluate(() => (globalThis as { seen?: number[] }).seen ?? [])
  expect(seen.filter((value) => value > 0 && value < 1).length).toBeGreaterThan(0)
  expect(seen.at(-1)).toBe(1)
})

it('the same key is refused in a page of somebody else, in words that the page can show', async () => {
  const page = await (await openContext(browser)).newPage()
  await page.goto(origin)
  await page.getByLabel('Server').fill(pinyon.urls.api)
  await page.getByLabel('JWT').fill(await makeKey(['https://elsewhere.example']))
  await page.getByLabel('File').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') })
  await page.getByRole('button', { name: 'Upload' }).click()
  await page.getByText(/origin/i).waitFor()
  expect(await page.locator('output').textContent()).toMatch(/origin/i)
})
