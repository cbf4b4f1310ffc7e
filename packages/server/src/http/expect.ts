import type { IncomingMessage, ServerResponse } from 'node:http'

/** Requests whose clients wait to be told whether their body is wanted: `Expect: 100-continue` (RFC 9110 section 10.1.1). */
const waiting = new WeakMap<IncomingMessage, ServerResponse>()

/** Remembers that the client of a request waits before it sends its body. */
export function noteExpectation(raw: IncomingMessage, response: ServerResponse): void {
  waiting.set(raw, response)
}

/** Requests that expect what this server does not know (RFC 9110 section 10.1.1). */
const unmet = new WeakSet<IncomingMessage>()

/** Remembers that a request expects something other than to be told to go on. */
export function noteUnmet(raw: IncomingMessage): void {
  unmet.add(raw)
}

/** Whether a request expects something that nobody here does. */
export function isUnmet(raw: IncomingMessage): boolean {
  return unmet.has(raw)
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
