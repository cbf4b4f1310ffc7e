import { Worker } from 'node:worker_threads'
import { AppError } from '../lib/errors.ts'
import { type JsonContent, type ReadJsonContent, takeApart } from './json-parts.ts'
import { parseJson } from './parse.ts'

/** Up to this size a body is read here, in less time than handing it over takes. */
const smallBytes = 1024 * 1024
/** What the thread may use, in MiB: far more than `mostParsedBytes` lets a body become, as running out of it ends the process. */
const heapMb = 1_024
/** Large bodies that are held at the same time; more are told to come again. */
const mostHeld = 4

let held = 0
let reading: Promise<unknown> = Promise.resolve()

/**
 * Keeps a place for a body of so many bytes until it is disposed of; small ones need none. Throws `unavailable` when too
 * many large ones are held already: what they take in memory is bounded by their number.
 */
export function holdBody(bytes: number): Disposable {
  if (bytes <= 10 * smallBytes) return { [Symbol.dispose]() {} }
  if (held >= mostHeld) {
    throw new AppError('unavailable', 'Several large JSON bodies are being read already. Try again in a moment.', {
      retryAfterSeconds: 5,
    })
  }
  held++
  return {
    [Symbol.dispose]() {
      held--
    },
  }
}

/**
 * Takes content and the rest of a JSON body apart. Large ones are read by a thread of their own, one at a time, so that
 * nothing else waits for it. Throws `invalid_request` for what is no JSON, `too_large` for what needs too much memory.
 */
export async function readJsonContent(bytes: Buffer, field: string): Promise<JsonContent> {
  if (bytes.length <= smallBytes) return takeApart(parseJson(bytes), field)
  const mine = reading.then(() => readApart(bytes, field))
  reading = mine.catch(() => {}) // whoever waits for it gets it
  return mine
}

function readApart(bytes: Buffer, field: string): Promise<JsonContent> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./json-thread.ts', import.meta.url), {
      workerData: { bytes, field },
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    })
    const end = (settle: () => void) => {
      thread.removeAllListeners()
      void thread.terminate()
      settle()
    }
    thread.once('message', (read: ReadJsonContent) =>
      end(() => ('refusal' in read ? reject(new AppError(read.refusal, read.message)) : resolve(read))),
    )
    thread.once('error', (error: Error) => end(() => reject(error)))
  })
}
