import type { IncomingMessage } from 'node:http'

const drainBytes = 256 * 1024 * 1024
const drainMs = 10_000

/**
 * After a refusal that was answered before its body was read: takes the rest of the body within a bound, so that the
 * client reads the answer instead of a reset; beyond the bound the connection is cut. Call it before the answer is sent.
 * The answer does not say `Connection: close`: Node would end the socket right after it, in the middle of the body.
 */
export function drainAfter(raw: IncomingMessage): void {
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
