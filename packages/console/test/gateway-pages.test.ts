import { createHash, randomBytes } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeData } from '../../../acceptance/support/server.ts'
import { collectComplaints, launchBrowser } from './support/browser.ts'
import { type ReadyServer, startReadyServer } from './support/console-page.ts'
import { webm } from './support/webm.ts'

/** A site of modules with a service worker, as builders write them. */
const site = {
  'index.html':
    '<!doctype html><title>Pines</title><link rel="stylesheet" href="look.css"><h1>Pines</h1><p id="said"></p><script type="module" src="app/main.mjs"></script>',
  'look.css': 'h1 { color: rgb(10, 90, 40) }',
  'app/main.mjs':
    "import { words } from './words.js'; document.querySelector('#said').textContent = words; await navigator.serviceWorker.register('/worker.js'); await navigator.serviceWorker.ready; document.title = 'ready'",
  'app/words.js': "export const words = 'from a module'",
  'worker.js':
    "self.addEventListener('install', () => self.skipWaiting()); self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim())); self.addEventListener('fetch', (e) => { if (new URL(e.request.url).pathname === '/made-up') e.respondWith(new Response('by the worker')) })",
}

describe('Chromium at the gateway', () => {
  let browser: Browser
  let server: ReadyServer
  let siteCid: string
  let folderCid: string
  let soundCid: string
  const sound = wave(60)

  beforeAll(async () => {
    browser = await launchBrowser()
    server = await startReadyServer()
    siteCid = await upload(Object.entries(site).map(([name, text]) => [`site/${name}`, Buffer.from(text)] as const))
    folderCid = await upload(Array.from({ length: 5_000 }, (_, i) => [`many/file-${String(i).padStart(4, '0')}.txt`, Buffer.from(`file ${i}`)] as const)) // prettier-ignore
    soundCid = await upload([['wind.wav', sound]])
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await server.stop()
    await removeData(server)
  })

  async function upload(files: readonly (readonly [string, Buffer])[]): Promise<string> {
    const form = new FormData()
    form.append('network', 'public')
    for (const [name, content] of files) form.append('file', new Blob([new Uint8Array(content)]), name)
    const answer = await fetch(`${server.apiUrl}/v3/files`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key.JWT}` },
      body: form,
    })
    expect(answer.status).toBe(200)
    return ((await answer.json()) as { data: { cid: string } }).data.cid // what an upload answers
  }

  async function open<T>(work: (page: Page, complaints: readonly string[]) => Promise<T>): Promise<T> {
    const context = await browser.newContext()
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    const complaints = collectComplaints(page)
    try {
      return await work(page, complaints.all)
    } finally {
      await context.close()
    }
  }
  const port = () => new URL(server.gatewayUrl).port

  it('runs a site of modules with a service worker in an origin of its own', () =>
    open(async (page, complaints) => {
      // A content path on a host of sub-domains leads there.
      await page.goto(`http://localhost:${port()}/ipfs/${siteCid}/`)
      const origin = `http://${siteCid}.ipfs.localhost:${port()}`
      expect(page.url()).toBe(`${origin}/`)
      await page.waitForFunction(() => document.title === 'ready')
      expect(await page.locator('#said').textContent()).toBe('from a module')
      expect(await page.locator('h1').evaluate((each) => getComputedStyle(each).color)).toBe('rgb(10, 90, 40)')
      const text = () => page.evaluate(async () => (await fetch('/made-up')).text())
      await expect.poll(text, { timeout: 20_000 }).toBe('by the worker')
      // Storage works there, and is not another content's.
      await page.evaluate(() => localStorage.setItem('tree', 'pine'))
      await page.goto(`http://${folderCid}.ipfs.localhost:${port()}/`)
      expect(await page.evaluate(() => localStorage.getItem('tree'))).toBe(null)
      expect(complaints).toEqual([])
    }), 60_000) // prettier-ignore

  it('runs nothing of it that lasts where contents share a host', () =>
    open(async (page) => {
      await page.goto(`http://127.0.0.1:${port()}/ipfs/${siteCid}/`)
      expect(await page.evaluate(() => window.origin)).toBe('null')
      const stored = await page.evaluate(() => {
        try {
          localStorage.setItem('tree', 'pine')
          return 'stored'
        } catch (error) {
          return (error as Error).name // what a storage that is shut throws
        }
      })
      expect(stored).toBe('SecurityError')
      const worker = await page.evaluate(async (path) => {
        try {
          await navigator.serviceWorker.register(path)
          return 'registered'
        } catch {
          return 'refused'
        }
      }, `/ipfs/${siteCid}/worker.js`)
      expect(worker).toBe('refused')
    }), 60_000) // prettier-ignore

  it('seeks in a recording by ranges, and reads every byte of it right', () =>
    open(async (page) => {
      await page.goto(`http://127.0.0.1:${port()}/ipfs/${folderCid}/file-0000.txt`)
      const ranges: string[] = []
      page.on('request', (request) => {
        if (request.url().includes(soundCid)) ranges.push(request.headers()['range'] ?? '')
      })
      const played = await page.evaluate(async (url) => {
        const audio = new Audio(url)
        audio.muted = true
        const heard = (name: string) =>
          new Promise((resolve, reject) => {
            audio.addEventListener(name, resolve, { once: true })
            audio.addEventListener('error', () => reject(new Error(audio.error?.message ?? 'no media')), { once: true })
          })
        const ready = heard('loadedmetadata')
        audio.load()
        await ready
        const sought = heard('seeked')
        audio.currentTime = 55
        await sought
        return { duration: audio.duration, at: audio.currentTime, seekable: audio.seekable.end(0) }
      }, `http://127.0.0.1:${port()}/ipfs/${soundCid}?filename=wind.wav`)
      expect(played).toEqual({ duration: 60, at: 55, seekable: 60 })
      expect(ranges[0]).toBe('bytes=0-')
      expect(ranges.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 1_000_000)).toBe(true)
      const digest = await page.evaluate(async (url) => {
        const bytes = await (await fetch(url)).arrayBuffer()
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
        return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      }, `http://127.0.0.1:${port()}/ipfs/${soundCid}`)
      expect(digest).toBe(createHash('sha256').update(sound).digest('hex'))
    }), 60_000) // prettier-ignore

  it('seeks in a video by ranges, and shows the picture of that moment', () =>
    open(async (page) => {
      await page.goto(`http://127.0.0.1:${port()}/ipfs/${folderCid}/file-0000.txt`)
      const cid = await upload([['hue.webm', await video(page)]])
      const ranges: string[] = []
      page.on('request', (request) => {
        if (request.url().includes(cid)) ranges.push(request.headers()['range'] ?? '')
      })
      const shown = await page.evaluate(async (url) => {
        const player = document.createElement('video')
        player.muted = true
        // Else it may have read the whole before it is asked to seek.
        player.preload = 'metadata'
        player.crossOrigin = 'anonymous'
        player.src = url
        const happens = (name: string) =>
          new Promise((resolve, reject) => {
            player.addEventListener(name, resolve, { once: true })
            player.addEventListener('error', () => reject(new Error(player.error?.message ?? 'no media')), { once: true })
          })
        await happens('loadeddata')
        const canvas = new OffscreenCanvas(1, 1)
        const pen = canvas.getContext('2d')
        if (pen === null) throw new Error('there is nothing to draw on')
        const greens: number[] = []
        for (const moment of [50.5, 10.5]) {
          const sought = happens('seeked')
          player.currentTime = moment
          await sought
          pen.drawImage(player, 0, 0, 1, 1)
          greens.push(pen.getImageData(0, 0, 1, 1).data[1] ?? -1)
        }
        return { duration: player.duration, width: player.videoWidth, greens }
      }, `http://127.0.0.1:${port()}/ipfs/${cid}?filename=hue.webm`)
      expect(shown).toMatchObject({ duration: 60, width: 64 })
      // A second is four steps of green, of which the encoder keeps about as many.
      const [late = 0, early = 255] = shown.greens
      expect(late - early).toBeGreaterThan(100)
      expect(ranges[0]).toBe('bytes=0-')
      expect(ranges.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 16_000_000)).toBe(true)
    }), 120_000) // prettier-ignore

  it('leafs through a directory of 5,000 files, and opens one of them', () =>
    open(async (page, complaints) => {
      const base = `http://127.0.0.1:${port()}/ipfs/${folderCid}/`
      await page.goto(base)
      const names = new Set<string>()
      for (let pages = 1; ; pages++) {
        for (const name of await page.locator('td:first-child a').allTextContents()) names.add(name)
        const next = page.getByRole('link', { name: /Next/ })
        if ((await next.count()) === 0) break
        expect(pages).toBeLessThan(6)
        const before = page.url()
        await next.click()
        await page.waitForURL((url) => url.href !== before)
      }
      expect(names.size).toBe(5_000)
      await page.goto(base)
      const first = page.locator('td:first-child a').first()
      const name = (await first.textContent()) ?? ''
      await first.click()
      await page.waitForURL(`${base}${name}`)
      expect(await page.locator('body').textContent()).toBe(`file ${Number(name.slice(5, 9))}`)
      expect(complaints).toEqual([])
    }), 60_000) // prettier-ignore
})

/** A minute that grows greener, encoded by this Chromium, some 30 MB from end to end. */
async function video(page: Page): Promise<Buffer> {
  const frames = await page.evaluate(async () => {
    const made: { timeMs: number; isKey: boolean; bytes: number[] }[] = []
    let failure: Error | undefined
    const encoder = new VideoEncoder({
      output(chunk) {
        const bytes = new Uint8Array(chunk.byteLength)
        chunk.copyTo(bytes)
        made.push({ timeMs: chunk.timestamp / 1_000, isKey: chunk.type === 'key', bytes: [...bytes] })
      },
      error: (error) => (failure = error),
    })
    encoder.configure({ codec: 'vp8', width: 64, height: 64 })
    const canvas = new OffscreenCanvas(64, 64)
    const pen = canvas.getContext('2d')
    if (pen === null) throw new Error('there is nothing to draw on')
    for (let second = 0; second < 60; second++) {
      pen.fillStyle = `rgb(40, ${4 * second}, 40)`
      pen.fillRect(0, 0, 64, 64)
      const frame = new VideoFrame(canvas, { timestamp: second * 1_000_000 })
      encoder.encode(frame, { keyFrame: second % 4 === 0 })
      frame.close()
    }
    await encoder.flush()
    if (failure !== undefined) throw failure
    return made
  })
  const pictures = frames.map(({ bytes, ...rest }) => ({ ...rest, bytes: Uint8Array.from(bytes) }))
  return webm(pictures, { width: 64, height: 64, durationMs: 60_000, paddingBytes: 2_000_000 })
}

/** A recording of noise: 16 bits, one channel, 44,100 a second. */
function wave(seconds: number): Buffer {
  const data = randomBytes(seconds * 44_100 * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(44_100, 24)
  head.writeUInt32LE(88_200, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
