import type { IncomingMessage } from 'node:http'
import { httpTimes } from './times.ts'

const drainBytes = 1024 * 1024 * 1024

/** Whether a request brings a body, by its head. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/**
 * Takes and forgets the rest of a body that nobody wants, within a bound, so that a client that is still sending reads
 * the answer instead of a reset; beyond the bound the connection is cut. Call it before the answer is sent. The answer
 * does not say `Connection: close`: Node would end the socket right after it, in the middle of the body.
 */
export function drainAfter(raw: IncomingMessage, { drainMs } = httpTimes): void {
  if (raw.complete || raw.destroyed) return
  let taken = 0
  const cut = () => {
    clearTimeout(timer)
    raw.socket.destroy()
  }
  const timer = setTimeout(cut, drainMs)
  timer.unref()
  raw.once('close', () => clearTimeout(timer))
  raw.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken > drainBytes) cut()
  })
  raw.resume()
}
