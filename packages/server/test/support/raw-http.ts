import { once } from 'node:events'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** False when the connection ended before the answer did. */
  readonly complete: boolean
}

/** One request by Node's own client, which sends the path and headers exactly as given. */
export async function rawAsk(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string | string[]> = {},
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  const { hostname, port } = new URL(base)
  const length =
    body === undefined || 'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) }
  const sent = request({
    host: hostname.replace(/[[\]]/g, ''),
    port,
    method,
    path,
    headers: { ...length, ...headers },
    agent: false,
  })
  sent.end(body)
  const [response] = await once(sent, 'response')
  sent.on('error', () => undefined) // after the answer it can only be about the rest of the body
  const pieces: Buffer[] = []
  // A connection that is cut ends the stream with an error; `complete` says so.
  await new Promise<void>((resolve) => {
    response.on('data', (piece: Buffer) => pieces.push(piece))
    response.on('error', () => resolve())
    response.on('close', () => resolve())
  })
  const all = Buffer.concat(pieces)
  return {
    status: response.statusCode,
    headers: response.headers,
    body: all,
    text: all.toString(),
    complete: response.complete,
  }
}

/** A connection on which bytes are written as they are. */
export interface RawConnection {
  readonly socket: Socket
  /** All that came so far. */
  received(): string
  /** Resolves when what came fits. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with all that came when the server ends the connection, and how long that took. */
  closed(): Promise<{ text: string; afterMs: number }>
}

/** Connects and writes. */
export async function rawConnect(base: string, first?: string | Uint8Array): Promise<RawConnection> {
  const { hostname, port } = new URL(base)
  const began = performance.now()
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  await once(socket, 'connect')
  let text = ''
  let ended = false
  let isOver: () => void = () => undefined
  const over = new Promise<void>((resolve) => (isOver = resolve))
  const watchers = new Set<() => void>()
  socket.setEncoding('latin1')
  socket.on('data', (piece: string) => {
    text += piece
    for (const watcher of watchers) watcher()
  })
  socket.on('error', () => undefined) // a reset is an end like any other here
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      ended = true
      socket.end()
      isOver()
    })
  }
  if (first !== undefined) socket.write(first)
  return {
    socket,
    received: () => text,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!pattern.test(text)) return ended ? reject(new Error(`the connection ended after: ${text}`)) : undefined
          watchers.delete(look)
          return resolve(text)
        }
        watchers.add(look)
        over.then(look, reject)
        look()
      }),
    async closed() {
      await over
      return { text, afterMs: performance.now() - began }
    },
  }
}
