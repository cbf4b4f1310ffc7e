import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Server } from './processes.ts'

/** How long uploads took. */
export interface Times {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** A client that uploads at a steady rate, whatever the answers take. */
export class SteadyUploads {
  readonly #server: Server
  readonly #perSecond: number
  #times: number[] = []
  #isOver = false

  constructor(server: Server, perSecond: number) {
    this.#server = server
    this.#perSecond = perSecond
  }

  /** Uploads until it is stopped. */
  async run(): Promise<void> {
    const waiting = new Set<Promise<void>>()
    while (!this.#isOver) {
      const one = this.#upload().finally(() => waiting.delete(one))
      waiting.add(one)
      await setTimeout(1000 / this.#perSecond)
    }
    await Promise.all(waiting)
  }

  /** How long those took that were answered since this was asked last. */
  take(): Times {
    const times = this.#times.splice(0).toSorted((a, b) => a - b)
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
    return { count: times.length, p50: at(0.5), p99: at(0.99) }
  }

  /** No further ones. */
  stop(): void {
    this.#isOver = true
  }

  async #upload(): Promise<void> {
    const began = performance.now()
    await uploadPrivate(this.#server, randomBytes(16 * 1024))
    this.#times.push(performance.now() - began)
  }
}

/** Uploads one private file; its id. */
export async function uploadPrivate({ url, headers }: Server, bytes: Buffer<ArrayBuffer>): Promise<string> {
  const form = new FormData()
  form.append('network', 'private')
  form.append('file', new Blob([bytes]), 'reclaim.bin')
  const answer = await fetch(`${url}/v3/files`, { method: 'POST', headers, body: form })
  if (!answer.ok) throw new Error(`an upload was answered ${answer.status}`)
  const { data } = (await answer.json()) as { data: { id: string } } // as the route answers
  return data.id
}
