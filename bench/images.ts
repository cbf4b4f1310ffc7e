// Processor time of an image in another size, beside sharp alone: `node bench/images.ts`. A photograph of 3000 x 2000 pixels
// (0.6 MB) to 500 wide, twenty each; the process that makes them is asked by way of the kernel, which counts hundredths.
import { readFileSync } from 'node:fs'
import sharp, { type Sharp } from 'sharp'
import type { ImageFormat, ImageOptions } from '../packages/server/src/images/image-options.ts'
import { ImageWorker } from '../packages/server/src/images/image-worker.ts'

const rounds = 20
const tickMs = 10
const noise = { type: 'gaussian', mean: 128, sigma: 12 } as const
const photo = await sharp({ create: { width: 3_000, height: 2_000, channels: 3, background: '#284', noise } })
  .blur(1.5)
  .jpeg({ quality: 90 })
  .toBuffer()
console.log(`the photograph: ${(photo.length / 1e6).toFixed(1)} MB`)
sharp.cache(false)
sharp.concurrency(1)

/** Formats with the effort that the server gives them. */
const formats: readonly (readonly [ImageFormat, (image: Sharp) => Sharp])[] = [
  ['jpeg', (image) => image.jpeg({ quality: 85 })],
  ['webp', (image) => image.webp({ quality: 85, effort: 3 })],
  ['png', (image) => image.png({ compressionLevel: 6 })],
  ['avif', (image) => image.avif({ quality: 85, effort: 2 })],
]

const worker = new ImageWorker()
for (const [format, encode] of formats) {
  const options: ImageOptions = { width: 500, height: null, fit: 'scale-down', gravity: 'centre', quality: 85, format, animated: true, sharpen: 0, metadata: 'none' } // prettier-ignore
  await worker.make(photo, options)
  const pid = worker.pid
  if (pid === undefined) throw new Error('the process that makes images is gone')
  const [theirs, ours, began] = [cpuOf(pid), process.cpuUsage(), performance.now()]
  for (let i = 0; i < rounds; i++) await worker.make(photo, options)
  const wall = (performance.now() - began) / rounds
  const made = (cpuOf(pid) - theirs) / rounds
  const asked = milliseconds(process.cpuUsage(ours)) / rounds
  const alone = process.cpuUsage()
  for (let i = 0; i < rounds; i++) await encode(sharp(photo).resize(500)).toBuffer()
  const bare = milliseconds(process.cpuUsage(alone)) / rounds
  console.log(
    `${format}: ${made.toFixed(0)} ms of processor in the worker and ${asked.toFixed(1)} ms in the gateway (${wall.toFixed(0)} ms by the clock); sharp alone ${bare.toFixed(0)} ms`,
  )
}
worker.close()

/** Milliseconds of processor that a process took so far (proc_pid_stat(5)). */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}
