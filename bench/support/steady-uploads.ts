import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { Server } from './processes.ts'

/** How long uploads took, in milliseconds, shortest first. */
export type Times = readonly number[]

/** The time within which this share of them was answered. */
export function timeOf(times: Times, share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
}

/** A client that uploads at a steady rate, whatever the answers take. */
export class SteadyUploads {
  readonly #server: Server
  readonly #perSecond: number
  #sent: Promise<number>[] = []
  #isOver = false

  constructor(server: Server, perSecond: number) {
    this.#server = server
    this.#perSecond = perSecond
  }

  /** Uploads until it is stopped. */
  async run(): Promise<void> {
    const began = performance.now()
    for (let count = 1; !this.#isOver; count++) {
      this.#sent.push(this.#upload())
      await setTimeout(Math.max(0, began + (count * 1000) / this.#perSecond - performance.now()))
    }
    await Promise.all(this.#sent)
  }

  /** How long those took that were sent since this was asked last; waits for their answers, while others are sent. */
  async take(): Promise<Times> {
    const sent = this.#sent.splice(0)
    return (await Promise.all(sent)).toSorted((a, b) => a - b)
  }

  /** No further ones. */
  stop(): void {
    this.#isOver = true
  }

  async #upload(): Promise<number> {
    const began = performance.now()
    await uploadPrivate(this.#server, randomBytes(16 * 1024))
    return performance.now() - began
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
