import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { checkedLookup, DialRefused } from './checked-lookup.ts'
import type { DialPolicy } from './dial-policy.ts'

/** What an HTTP server answered. */
export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** Redirects that are followed; each place is held against the rules anew. */
const maxRedirects = 3

/**
 * GET of at most `maxBytes`. `policy` decides which addresses may be dialled; without one all may, which is for servers
 * that the operator named. Rejects when the server cannot be reached, answers more, or takes longer than `timeoutMs`.
 */
export async function httpGet(
  url: URL,
  {
    policy,
    maxBytes,
    timeoutMs,
    signal,
    accept,
  }: {
    policy: DialPolicy | undefined
    maxBytes: number
    timeoutMs: number
    signal: AbortSignal
    accept: string
  },
  redirects = 0,
): Promise<HttpAnswer> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new DialRefused(`${url.protocol} is not followed`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const rule = { namedBy: 'caller', provesItself: false } as const
  // A socket looks up names only, so an address in the URL is held against the rules here.
  if (policy !== undefined && isIP(host) !== 0) {
    const reason = policy.reasonAgainst(host, rule)
    if (reason !== undefined) throw new DialRefused(reason)
  }
  const answer = await requestOnce(
    url,
    {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { accept, 'user-agent': 'pinyon' },
      ...(policy === undefined ? {} : { lookup: checkedLookup(policy, rule) }),
    },
    maxBytes,
  )
  if (answer.location === undefined || answer.status < 300 || answer.status > 399) return answer
  if (redirects >= maxRedirects) throw new DialRefused(`${url.host} redirects without an end`)
  const next = new URL(answer.location, url)
  return httpGet(next, { policy, maxBytes, timeoutMs, signal, accept }, redirects + 1)
}

function requestOnce(
  url: URL,
  options: http.RequestOptions,
  maxBytes: number,
): Promise<HttpAnswer & { readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, { ...options, agent: agents[url.protocol] })
    request.on('error', reject)
    request.on('response', (response) => {
      const pieces: Buffer[] = []
      let length = 0
      response.on('data', (piece: Buffer) => {
        length += piece.length
        if (length > maxBytes) request.destroy(new RangeError(`${url.host} answers more than ${maxBytes} bytes`))
        else pieces.push(piece)
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces), location: response.headers.location }),
      )
    })
  })
}

/** Connections are kept for the next block, few for each server. What was checked when they were opened stays true. */
const agents: Record<string, http.Agent> = {
  'http:': new http.Agent({ keepAlive: true, maxSockets: 8, maxFreeSockets: 8, timeout: 30_000 }),
  'https:': new https.Agent({ keepAlive: true, maxSockets: 8, maxFreeSockets: 8, timeout: 30_000 }),
}
