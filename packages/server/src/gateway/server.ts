import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Listening } from '../http/server.ts'
import type { Services } from '../services.ts'
import { serveGateway } from './serve.ts'

/** Opens the gateway listener: bare node:http, since every request here is a read and speed is what counts. */
export async function listenGateway(services: Services): Promise<Listening> {
  const server = createServer(
    {
      headersTimeout: 15_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 72_000,
      maxHeaderSize: 32_768,
    },
    (request, response) => void serveGateway(services, request, response),
  )
  // A client that takes nothing for two minutes is gone.
  server.setTimeout(120_000)
  const { host, port } = services.config.gateway.listen
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no address')
  return {
    host: address.address,
    port: address.port,
    close: async (patienceMs) => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => server.closeAllConnections(), patienceMs)
      await closed
      clearTimeout(timer)
    },
  }
}
