import type { ClientRequest, IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { bytesText } from './output.ts'

/**
 * As `fetch`, but sends a body that is streamed by `node:http`: an answer that comes before the end of the body (a
 * refusal) stops the sending and is given, where `fetch` may report a broken connection instead. Rejects with what the
 * body's source throws.
 */
export const sendRequest: typeof fetch = async (input, init) => {
  const body: unknown = init?.body
  if (init === undefined || typeof input !== 'string' || !isStream(body)) return fetch(input, init)
  const outgoing = await openRequest(input, init)
  try {
    const answer = await exchange(outgoing, body)
    return toResponse(answer, await buffer(answer))
  } finally {
    outgoing.destroy()
  }
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

async function openRequest(url: string, { method, headers, signal }: RequestInit): Promise<ClientRequest> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  return request(url, {
    method: method ?? 'POST',
    headers: Object.fromEntries(new Headers(headers)),
    agent: false,
    ...(signal == null ? {} : { signal }),
  })
}

/** Sends and waits for the answer at the same time. */
async function exchange(outgoing: ClientRequest, body: AsyncIterable<Uint8Array>): Promise<IncomingMessage> {
  const answered = Promise.withResolvers<IncomingMessage>()
  let sentBytes = 0
  let isAnswered = false
  let wake = (): void => undefined
  outgoing.once('response', (answer) => {
    isAnswered = true
    answered.resolve(answer)
  })
  outgoing.on('drain', () => wake())
  outgoing.on('close', () => wake())
  outgoing.on('error', (error: NodeJS.ErrnoException) => answered.reject(describeBreak(error, sentBytes)))
  const send = async () => {
    for await (const piece of body) {
      if (outgoing.destroyed || isAnswered) return
      sentBytes += piece.length
      if (!outgoing.write(piece)) await new Promise<void>((resolve) => (wake = resolve))
    }
    outgoing.end()
  }
  send().catch(answered.reject)
  return answered.promise
}

function describeBreak(error: NodeJS.ErrnoException, sentBytes: number): Error {
  const isBreak = error.code === 'EPIPE' || error.code === 'ECONNRESET'
  return isBreak && sentBytes > 0
    ? new Error(`the connection broke after ${bytesText(sentBytes)}`, { cause: error })
    : error
}

function toResponse({ statusCode, headers }: IncomingMessage, body: Uint8Array<ArrayBuffer>): Response {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  )
  return new Response(body, { status: statusCode ?? 502, headers: given })
}
