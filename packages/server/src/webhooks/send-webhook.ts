import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { checkedLookup, DialRefused } from '../ipfs/node/checked-lookup.ts'
import type { DialPolicy } from '../ipfs/node/dial-policy.ts'

/** How long the other side may take, and how much of its answer is read before the connection is closed. */
export interface SendBounds {
  readonly timeoutMs: number
  readonly maxAnswerBytes: number
}

/** The bounds that hold in service. */
const sendBounds: SendBounds = { timeoutMs: 10_000, maxAnswerBytes: 64 * 1024 }

/** How one attempt went. */
export interface Sent {
  /** What was answered; null when nothing was. */
  readonly status: number | null
  /** Why it does not count as accepted, in words; null when it does. */
  readonly error: string | null
  readonly durationMs: number
}

const rule = { namedBy: 'caller', provesItself: false } as const

/**
 * Posts a payload once. Only addresses that `policy` allows are dialled, decided on the address that is really dialled,
 * and redirects are not followed (promises, R12). Accepted is what is answered with 2xx. Never throws.
 */
export async function sendWebhook(
  url: string,
  { headers, payload }: { headers: Record<string, string>; payload: string },
  { policy, signal, bounds = sendBounds }: { policy: DialPolicy; signal: AbortSignal; bounds?: SendBounds },
): Promise<Sent> {
  const began = performance.now()
  const end = (status: number | null, error: string | null): Sent => ({
    status,
    error,
    durationMs: Math.round(performance.now() - began),
  })
  const timeout = AbortSignal.timeout(bounds.timeoutMs)
  try {
    const status = await post(new URL(url), { headers, payload }, policy, AbortSignal.any([signal, timeout]), bounds)
    if (status >= 200 && status < 300) return end(status, null)
    if (status >= 300 && status < 400) return end(status, `It answered ${status}: redirects are not followed.`)
    return end(status, `It answered ${status}.`)
  } catch (error) {
    if (signal.aborted) return end(null, 'The server was stopped while this was sent.')
    if (timeout.aborted) return end(null, `It did not answer within ${bounds.timeoutMs / 1000} seconds.`)
    return end(null, wordsFor(error))
  }
}

/** Resolves with the status once the answer is over, or is longer than anybody reads. */
function post(
  url: URL,
  { headers, payload }: { headers: Record<string, string>; payload: string },
  policy: DialPolicy,
  signal: AbortSignal,
  { maxAnswerBytes }: SendBounds,
): Promise<number> {
  const body = Buffer.from(payload)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // A socket looks up names only, so an address in the URL is held against the rules here.
  const reason = isIP(host) === 0 ? undefined : policy.reasonAgainst(host, rule)
  if (reason !== undefined) return Promise.reject(new DialRefused(reason))
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      signal,
      // A connection of its own each time: what is checked is what is dialled.
      agent: false,
      lookup: checkedLookup(policy, rule),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': body.length,
        'user-agent': 'Pinyon-Webhooks/1',
        connection: 'close',
      },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const status = response.statusCode ?? 0
      let length = 0
      const done = () => {
        resolve(status)
        request.destroy()
      }
      response.on('data', (piece: Buffer) => {
        length += piece.length
        if (length > maxAnswerBytes) done()
      })
      response.on('end', done)
      response.on('error', reject)
    })
    request.end(body)
  })
}

/** What is known of a failure, for the owner of the webhook. */
function wordsFor(error: unknown): string {
  if (error instanceof DialRefused) return `It may not be dialled: ${error.message}.`
  const { code, message } = error as NodeJS.ErrnoException // sending fails with an Error
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Its name is not known.'
    case 'ECONNREFUSED':
      return 'It refused the connection.'
    case 'ECONNRESET':
      return 'It closed the connection without an answer.'
    default:
      return `It could not be reached: ${message.slice(0, 200)}`
  }
}
