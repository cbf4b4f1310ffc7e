import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What a stand-in is asked. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What it answers; `breaksOff` ends the connection before the body is whole. */
export interface Said {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
  readonly breaksOff?: boolean
  readonly trailers?: Record<string, string>
}

/** JSON, as it is sent. */
export function json(value: unknown, status = 200): Said {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

/** A small server on a free port of loopback, and everything it was asked. */
export async function serve(answer: (asked: Asked) => Said | Promise<Said>) {
  const log: Asked[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked: Asked = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://stand.in'),
      headers: request.headers,
      body: await text(request),
    }
    log.push(asked)
    const { status = 200, headers = {}, body = '', breaksOff = false, trailers } = await answer(asked)
    response.writeHead(status, {
      ...headers,
      ...(trailers === undefined ? {} : { trailer: Object.keys(trailers).join() }),
    })
    if (trailers !== undefined) response.addTrailers(trailers)
    if (breaksOff) response.write(body.slice(0, body.length / 2), () => response.destroy())
    else response.end(body)
  }
  const server = createServer((request, response) => {
    respond(request, response).catch((error: Error) => response.destroy(error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
