import type { IncomingMessage, ServerResponse } from 'node:http'
import { httpTimes } from './times.ts'

const drainBytes = 1024 * 1024 * 1024

/** Whether a request brings a body, by its head. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Whether bytes of a body may still be on their way. */
export function isBringing(raw: IncomingMessage): boolean {
  return hasBody(raw) && !raw.complete && !raw.destroyed
}

/**
 * Takes and forgets the rest of a body that nobody wants, within a bound, so that a client that is still sending reads
 * the answer instead of a reset; beyond the bound the connection is cut. Call it before the answer is sent.
 */
export function drainAfter(raw: IncomingMessage, response: ServerResponse, { drainMs } = httpTimes): void {
  if (!isBringing(raw)) return
  // Node ends a connection that is not kept alive right after the answer, in the middle of the body: we do, after it.
  const wasKept = response.shouldKeepAlive
  response.shouldKeepAlive = true
  let taken = 0
  const cut = () => {
    clearTimeout(timer)
    raw.socket.destroy()
  }
  const timer = setTimeout(cut, drainMs)
  timer.unref()
  raw.once('close', () => clearTimeout(timer))
  raw.once('end', () => {
    clearTimeout(timer)
    if (wasKept) return
    if (response.writableFinished) raw.socket.end()
    else response.once('finish', () => raw.socket.end())
  })
  raw.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken > drainBytes) cut()
  })
  raw.resume()
}
