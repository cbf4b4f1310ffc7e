import type { IncomingMessage, ServerResponse } from 'node:http'

const drainBytes = 256 * 1024 * 1024
const drainMs = 10_000

/**
 * After a refusal that was answered before its body was read: takes the rest of the body within a bound, so that the
 * client reads the answer instead of a reset, then closes the connection. Call it before the answer is sent.
 */
export function drainAfter(raw: IncomingMessage, response: ServerResponse): void {
  if (raw.complete || raw.socket.destroyed) return
  response.setHeader('connection', 'close')
  const socket = raw.socket
  let taken = 0
  const end = () => {
    clearTimeout(timer)
    socket.destroy()
  }
  const timer = setTimeout(end, drainMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
  raw.on('data', (chunk: Buffer) => {
    taken += chunk.length
    if (taken > drainBytes) end()
  })
  raw.resume()
}
