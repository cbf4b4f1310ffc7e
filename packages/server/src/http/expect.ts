import type { IncomingMessage, ServerResponse } from 'node:http'

/** Requests whose clients wait to be told whether their body is wanted: `Expect: 100-continue` (RFC 9110 section 10.1.1). */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** Remembers that the client of a request waits before it sends its body. */
export function noteExpectation(raw: IncomingMessage, response: ServerResponse): void {
  waiting.set(raw, response)
}

/** Whether the client still waits: then nothing of the body is on its way. */
export function isWaiting(raw: IncomingMessage): boolean {
  return waiting.has(raw)
}

/** Tells a client that waits to send its body. Call it when the request is accepted and its body about to be read. */
export function goOn(raw: IncomingMessage): void {
  const response = waiting.get(raw)
  if (response === undefined) return
  waiting.delete(raw)
  if (!response.destroyed) response.writeContinue()
}
