import type { ServerResponse } from 'node:http'
import type { Pull } from '../ipfs/pull.ts'
import { ClientGone } from '../lib/client-gone.ts'

/** CORS of everything the gateway answers, errors and redirects too: public content may be read from any page. */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Content-Type, Range, User-Agent, X-Requested-With, X-Pinata-Gateway-Token',
  'access-control-expose-headers':
    'Content-Length, Content-Range, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output, X-Request-Id, Pinata-Signature, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset',
} as const

/** A page shown here runs in an origin of its own: it cannot read the console's or another page's storage. */
export const sandboxPolicy =
  'sandbox allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts'

/** How long an answer stays true: for ever, as long as the name leads there (undefined: nobody says), or for one reader. */
export type Lasting = 'always' | 'private' | { readonly ttlMs: number | undefined }

/** What never changes under an immutable path, what is made by us from it, and what may be otherwise soon. */
const cacheControl = {
  content: 'public, max-age=29030400, immutable',
  generated: 'public, max-age=604800, stale-while-revalidate=2678400',
  error: 'public, max-age=10',
} as const

/** `Cache-Control` of an answer, where there is one. */
export function cachingOf(
  { lasting }: Pick<Reply, 'lasting'>,
  kind: keyof typeof cacheControl,
): Record<string, string> {
  if (lasting === 'private') return { 'cache-control': 'private, no-store' }
  if (lasting === 'always' || kind === 'error') return { 'cache-control': cacheControl[kind] }
  // Without a time, caches may decide, and what they have they can ask for by its tag.
  return lasting.ttlMs === undefined ? {} : { 'cache-control': `public, max-age=${Math.floor(lasting.ttlMs / 1_000)}` }
}

/** Where an answer goes, and what all of its forms have in common. */
export interface Reply {
  readonly response: ServerResponse
  /** True for HEAD: headers only. */
  readonly headOnly: boolean
  readonly lasting: Lasting
  /** Headers of every form. */
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** True where pages that others made are not shown. */
  readonly refusesPages?: boolean
  /** Asked before each piece of an answer that has begun; what it throws cuts it. */
  readonly requireShown?: (() => void) | undefined
  /** Told of an answer with status 200 that was sent whole. */
  readonly keep?: ((headers: Readonly<Record<string, string | number>>, body: Uint8Array) => void) | undefined
}

/** Sends an answer whose body is there. */
export function sendWhole(
  { response, headOnly, keep }: Reply,
  status: number,
  headers: Record<string, string | number>,
  body: Uint8Array,
): void {
  response.writeHead(status, headers).end(headOnly ? undefined : body)
  if (status === 200 && !headOnly) keep?.(headers, body)
}

/**
 * Sends pieces one after another at the pace of the client. A piece that cannot be had in mid-body destroys the
 * connection, so that the client sees an incomplete answer and never a short one that looks whole.
 */
export async function sendPieces(
  reply: Reply,
  status: number,
  headers: Record<string, string | number>,
  pieces: Pull<Uint8Array> | AsyncIterator<Uint8Array>,
): Promise<void> {
  const { response } = reply
  if (reply.headOnly) {
    response.writeHead(status, headers).end()
    return
  }
  // The first piece before the status line: what fails here can still be said in words.
  const firstly = nextPiece(pieces)
  const first = firstly instanceof Promise ? await firstly : firstly
  if (first !== undefined && first.length === headers['content-length']) {
    sendWhole(reply, status, headers, first)
    return
  }
  response.writeHead(status, headers)
  try {
    for (let piece = first; piece !== undefined;) {
      if (response.destroyed) return
      reply.requireShown?.()
      if (!response.write(piece)) await drained(reply)
      const next = nextPiece(pieces)
      piece = next instanceof Promise ? await next : next
    }
    response.end()
  } catch (error) {
    response.destroy()
    throw error
  } finally {
    if ('return' in pieces && typeof pieces.return === 'function') await pieces.return()
  }
}

function nextPiece(
  pieces: Pull<Uint8Array> | AsyncIterator<Uint8Array>,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const next = pieces.next()
  if (!(next instanceof Promise)) return next // a Pull that answered at once
  return next.then((value) => {
    if (value === undefined || value instanceof Uint8Array) return value
    return value.done === true ? undefined : value.value
  })
}

function drained({ response, signal }: Reply): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', gone)
      resolve()
    }
    const gone = () => {
      response.off('drain', done)
      reject(new ClientGone({ cause: signal.reason }))
    }
    response.once('drain', done)
    response.once('close', gone)
  })
}
