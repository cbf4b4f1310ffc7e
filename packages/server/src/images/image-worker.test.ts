import sharp from 'sharp'
import { afterEach, describe, expect, it } from 'vitest'
import { imageBounds, type ImageOptions } from './image-options.ts'
import { ImageWorker } from './image-worker.ts'

const options: ImageOptions = {
  width: 20,
  height: null,
  fit: 'scale-down',
  gravity: 'centre',
  quality: 85,
  format: 'webp',
  animated: true,
  sharpen: 0,
  metadata: 'none',
}
const noise = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 60 } } }) // prettier-ignore
    .png({ compressionLevel: 1 })
    .toBuffer()
/** Whether there is such a process. */
function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('the process that images are made in', { timeout: 60_000 }, () => {
  let worker: ImageWorker
  afterEach(() => worker.close())

  it('makes one after another, the same bytes from the same', async () => {
    worker = new ImageWorker()
    const input = await noise(60, 40)
    const [first, pid] = [await worker.make(input, options), worker.pid]
    expect(await worker.make(input, options)).toEqual(first)
    expect([first.format, worker.pid === pid]).toEqual(['webp', true])
    await expect(worker.make(Buffer.from('no image'), options)).rejects.toMatchObject({
      code: 'unsupported_media_type',
    })
    expect(worker.pid).toBe(pid)
  })

  it('ends with the image that takes too long, and the next one has another', async () => {
    worker = new ImageWorker({ timeMs: 1 })
    const [large, small] = [await noise(800, 600), await noise(20, 20)]
    await expect(worker.make(large, { ...options, width: null, format: 'png', sharpen: 10 })).rejects.toMatchObject({
      code: 'too_large',
    })
    expect(worker.pid).toBeUndefined()
    worker = new ImageWorker()
    expect((await worker.make(small, options)).bytes.length).toBeGreaterThan(0)
  })

  it('that is killed is replaced', async () => {
    worker = new ImageWorker()
    const input = await noise(20, 20)
    await worker.make(input, options)
    const pid = worker.pid!
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => isAlive(pid), { timeout: 20_000 }).toBe(false)
    // The one that finds it dead is refused, the next one has another.
    await worker.make(input, options).catch(() => undefined)
    expect((await worker.make(input, options)).format).toBe('webp')
  })

  it('ends when nobody needed it for a while', async () => {
    worker = new ImageWorker({ idleMs: 1 })
    await worker.make(await noise(20, 20), options)
    await expect.poll(() => worker.pid, { timeout: 20_000 }).toBeUndefined()
  })

  it('reads four formats out of memory and nothing else: no SVG, no TIFF, no AVIF', async () => {
    worker = new ImageWorker()
    const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
    for (const format of ['jpeg', 'png', 'webp', 'gif'] as const) {
      const { format: made } = await worker.make(await picture.clone()[format]().toBuffer(), options)
      expect([format, made]).toEqual([format, 'webp'])
    }
    const others = [
      await picture.clone().tiff().toBuffer(),
      await picture.clone().avif().toBuffer(),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      // Begins as one of the four, and goes on as another.
      Buffer.concat([Buffer.from('GIF89a'), Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')]),
    ]
    for (const input of others)
      await expect(worker.make(input, options)).rejects.toMatchObject({ code: 'unsupported_media_type' })
  })

  it('refuses an image that says to be vast before it reads it', async () => {
    worker = new ImageWorker()
    const vast = Buffer.from(await noise(9, 9))
    vast.writeUInt32BE(30_000, 16)
    vast.writeUInt32BE(30_000, 20)
    const refused = worker.make(vast, options)
    await expect(refused).rejects.toMatchObject({ code: expect.stringMatching(/too_large|unsupported_media_type/) })
    expect(imageBounds.inputPixels).toBeLessThan(30_000 * 30_000)
  })
})
