import { setPriority } from 'node:os'
import { imageBounds, type ImageOptions, type MadeImage } from './image-options.ts'
import { makeImage, NoImage, restrictSharp } from './make-image.ts'

/** What the process is asked. */
export interface ImageTask {
  readonly input: Uint8Array
  readonly options: ImageOptions
}

/** What it answers. */
export type ImageResult = MadeImage | { readonly failed: NoImage['reason'] }

/*
 * The process that images are made in, one at a time: what reads pixels is written in C, and may be led astray by them.
 * It gets no settings and no secrets, writes no file, and ends when a picture takes too much time or memory.
 */
restrictSharp()
try {
  setPriority(10) // reading goes before
} catch {
  // A service manager may forbid it (deploy/pinyon.service does): then images are as urgent as the rest.
}

// By SIGKILL: an ordinary end would wait for the picture under way.
const end = () => process.kill(process.pid, 'SIGKILL')
process.on('disconnect', end)
// The parent finishes its requests first and then lets go.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
let cpuBefore = process.cpuUsage()
setInterval(() => {
  const { user, system } = process.cpuUsage(cpuBefore)
  if (process.memoryUsage.rss() > imageBounds.memoryBytes || (user + system) / 1_000 > imageBounds.cpuMs) end()
}, 50).unref()

process.on('message', (task: ImageTask) => void answer(task))

process.send?.('ready')

async function answer({ input, options }: ImageTask): Promise<void> {
  cpuBefore = process.cpuUsage()
  let result: ImageResult
  try {
    result = await makeImage(input, options)
  } catch (error) {
    if (!(error instanceof NoImage)) throw error
    result = { failed: error.reason }
  }
  process.send?.(result)
}
