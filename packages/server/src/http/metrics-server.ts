import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { ListenAddress } from '../config.ts'
import type { Services } from '../services.ts'
import type { Listening } from './server.ts'

/** Opens the listener for what watches the process: metrics and health, on loopback by default, without credentials. */
export async function listenMetrics(services: Services, { host, port }: ListenAddress): Promise<Listening> {
  const server = createServer((request, response) => {
    answer(services, request.url ?? '/', response).catch((error: unknown) => {
      services.log.error({ err: error }, 'metrics could not be collected')
      response.destroy()
    })
  })
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no address')
  return {
    host: address.address,
    port: address.port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(services: Services, url: string, response: ServerResponse): Promise<void> {
  const { state } = services.health
  if (url === '/metrics') {
    const text = await services.metrics.registry.metrics()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  } else if (url === '/health/live' || url === '/health/ready') {
    const ok = url === '/health/live' || state === 'ready'
    response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ status: state }))
  } else {
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('Here are /metrics, /health/live and /health/ready.\n')
  }
}
