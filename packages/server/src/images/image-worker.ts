import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { AppError } from '../lib/errors.ts'
import { imageBounds, type ImageOptions, type MadeImage } from './image-options.ts'
import type { ImageResult, ImageTask } from './image-process.ts'

interface Process {
  readonly child: ChildProcess
  /** Rejects when it ends before it can do anything. */
  readonly ready: Promise<unknown>
  /** Aborts when it ends. */
  readonly over: AbortSignal
}

const program = fileURLToPath(new URL('image-process.ts', import.meta.url))

/**
 * A process in which images are made, one at a time. It is started by the first one, ends when there was none for a while,
 * and is killed with the one that takes too long.
 */
export class ImageWorker {
  readonly #idleMs: number
  readonly #timeMs: number
  #process: Process | undefined
  #idle: NodeJS.Timeout | undefined

  constructor({ idleMs = 60_000, timeMs = imageBounds.timeMs }: { idleMs?: number; timeMs?: number } = {}) {
    this.#idleMs = idleMs
    this.#timeMs = timeMs
  }

  /** The process, while there is one. */
  get pid(): number | undefined {
    return this.#process?.child.pid
  }

  /** Makes one image, and only one at a time. Throws `unsupported_media_type`, `too_large`, `unavailable`. */
  async make(input: Uint8Array, options: ImageOptions): Promise<MadeImage> {
    clearTimeout(this.#idle)
    if (this.#process?.over.aborted === true) this.#process = undefined
    const running = (this.#process ??= start())
    holdOpen(running, true)
    try {
      await running.ready
    } catch (error) {
      this.#end(running)
      throw new AppError(
        'unavailable',
        'Images cannot be changed at the moment. Without img- options it is served as it is.',
        {
          cause: error,
          retryAfterSeconds: 10,
        },
      )
    }
    try {
      return await this.#ask(running, { input, options })
    } finally {
      holdOpen(running, false)
      if (this.#process === running) this.#idle = setTimeout(() => this.close(), this.#idleMs).unref()
    }
  }

  /** Ends the process; what it is making fails. */
  close(): void {
    clearTimeout(this.#idle)
    if (this.#process !== undefined) this.#end(this.#process)
  }

  async #ask(running: Process, task: ImageTask): Promise<MadeImage> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), this.#timeMs)
    try {
      // The process ends by itself when it takes more time or memory than one image may.
      const answer = once(running.child, 'message', { signal: AbortSignal.any([late.signal, running.over]) })
      running.child.send(task, (error) => {
        if (error !== null) late.abort()
      })
      const [result] = (await answer) as [ImageResult] // what image-process.ts sends
      if (!('failed' in result)) return result
      throw result.failed === 'too_large'
        ? new AppError(
            'too_large',
            `This image is too large to be changed: it has more than ${imageBounds.inputPixels / 1e6} million pixels.`,
          )
        : new AppError('unsupported_media_type', 'This image cannot be read: it is damaged, or not what it begins as.')
    } catch (error) {
      if (error instanceof AppError) throw error
      this.#end(running)
      throw new AppError('too_large', 'This image takes too much work to be changed.', { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #end(running: Process): void {
    if (this.#process === running) this.#process = undefined
    running.child.kill('SIGKILL')
  }
}

/** Only a process that works keeps the program from ending. */
function holdOpen({ child }: Process, isNeeded: boolean): void {
  const change = isNeeded ? 'ref' : 'unref'
  child[change]()
  child.channel?.[change]()
}

function start(): Process {
  const child = fork(program, [], {
    serialization: 'advanced',
    execArgv: ['--no-warnings', '--max-old-space-size=128', '--permission', '--allow-fs-read=*', '--allow-addons'],
    // No setting and no secret of ours. One arena: what was freed goes back to the system.
    env: { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '2' },
    // What its libraries have to say of somebody's picture belongs into no log.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const over = new AbortController()
  child.once('exit', () => over.abort())
  child.on('error', () => over.abort())
  const ready = once(child, 'message', { signal: over.signal })
  ready.catch(() => undefined) // whoever waits for it hears of it
  return { child, ready, over: over.signal }
}
