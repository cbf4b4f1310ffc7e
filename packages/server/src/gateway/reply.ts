import type { ServerResponse } from 'node:http'
import type { Pull } from '../ipfs/pull.ts'

/** CORS of everything the gateway answers, errors and redirects too: public content may be read from any page. */
export const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'Content-Type, Range, User-Agent, X-Requested-With, X-Pinata-Gateway-Token',
  'access-control-expose-headers':
    'Content-Length, Content-Range, X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Stream-Output, X-Request-Id',
} as const

/** A page shown here runs in an origin of its own: it cannot read the console's or another page's storage. */
export const sandboxPolicy =
  'sandbox allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts'

/** What never changes under an immutable path, and what is made by us from it. */
const cacheControl = {
  immutable: 'public, max-age=29030400, immutable',
  generated: 'public, max-age=604800, stale-while-revalidate=2678400',
  error: 'public, max-age=10',
} as const

/** What may be kept of private files: nothing, by nobody. */
const notKept = 'private, no-store'

/** `Cache-Control` of an answer. */
export function cachingOf({ isPrivate }: Pick<Reply, 'isPrivate'>, kind: keyof typeof cacheControl): string {
  return isPrivate ? notKept : cacheControl[kind]
}

/** Where an answer goes. */
export interface Reply {
  readonly response: ServerResponse
  /** True for HEAD: headers only. */
  readonly headOnly: boolean
  /** True when only some may see it. */
  readonly isPrivate: boolean
  readonly signal: AbortSignal
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
  const first = await nextPiece(pieces)
  response.writeHead(status, headers)
  try {
    for (let piece = first; piece !== undefined;) {
      if (response.destroyed) return
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
      reject(new ClientGone(signal.reason))
    }
    response.once('drain', done)
    response.once('close', gone)
  })
}

/** The client went away in mid-answer; nobody is to blame and nobody can be told. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
  constructor(cause: unknown) {
    super('The client went away.', { cause })
  }
}
