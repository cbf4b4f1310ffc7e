import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One message that came in. */
export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly path: string
}

/** A server on loopback that takes webhooks, and answers as the test says. */
export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** What is answered from now on; a function may also never answer. */
  answer: number | ((received: Received) => number | Promise<number>)
  close(): Promise<void>
}

/** Opens one. */
export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (piece: string) => (body += piece))
    request.on('end', () => {
      const message = { headers: request.headers, body, path: request.url ?? '' }
      received.push(message)
      const { answer } = receiver
      void Promise.resolve(typeof answer === 'number' ? answer : answer(message)).then((status) => {
        response.writeHead(status, { location: '/elsewhere' }).end('thanks')
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: 200,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
