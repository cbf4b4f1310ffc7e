import { createServer as createPlainServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { ServerIdentity } from '../tls/server-identity.ts'

/** What a listener answers to a request without TLS where TLS is spoken. */
export interface PlainRefusal {
  readonly headers: Readonly<Record<string, string>>
  readonly body: (text: string) => { readonly type: string; readonly text: string }
}

/**
 * A server of HTTP, over TLS where there is an identity; that may change while it runs. Who speaks plain HTTP to it is
 * told so in words, and nothing is served.
 */
export function createServer(
  options: ServerOptions,
  handler: RequestListener,
  { identity, refusal }: { identity: ServerIdentity | undefined; refusal: PlainRefusal },
): Server {
  if (identity === undefined) return createPlainServer(options, handler)
  const { cert, key } = identity.pair
  const server = createSecureServer({ ...options, cert, key, minVersion: 'TLSv1.2' }, handler)
  const ignore = identity.onChange((pair) => server.setSecureContext({ ...pair, minVersion: 'TLSv1.2' }))
  server.on('close', ignore)
  lookFirst(server, refusal, options.headersTimeout ?? 60_000)
  return server
}

/** Connections are handed to TLS once their first bytes are no plain request. */
function lookFirst(server: ReturnType<typeof createSecureServer>, refusal: PlainRefusal, waitMs: number): void {
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[] // what the event gives
  server.removeAllListeners('connection')
  const waiting = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    waiting.add(socket)
    const drop = () => socket.destroy()
    const timer = setTimeout(drop, waitMs)
    socket.on('error', drop)
    socket.once('close', () => {
      clearTimeout(timer)
      waiting.delete(socket)
    })
    socket.once('data', (first: Buffer) => {
      socket.pause()
      const head = first.toString('latin1')
      if (/^[A-Z]{3,16} \S/.test(head)) {
        answerPlain(socket, head, refusal)
        return
      }
      clearTimeout(timer)
      waiting.delete(socket)
      socket.off('error', drop)
      socket.unshift(first)
      for (const listener of listeners) listener.call(server, socket)
    })
  })
  const closeAll = server.closeAllConnections.bind(server)
  server.closeAllConnections = () => {
    for (const socket of waiting) socket.destroy()
    closeAll()
  }
}

function answerPlain(socket: Socket, head: string, { headers, body }: PlainRefusal): void {
  const host = /\r\nhost: *([\w.:[\]-]{1,253})\r\n/i.exec(head)?.[1]
  const { type, text } = body(
    `HTTPS is spoken here, and this request came without. Write https:// in place of http://${host === undefined ? '' : `: https://${host}`}`,
  )
  const lines = [
    'HTTP/1.1 400 Bad Request',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-type: ${type}`,
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
  ]
  // The rest of the request is read away, or the client would see a broken connection in place of the words.
  socket.resume()
  socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`)
}
