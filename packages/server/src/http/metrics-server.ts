import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { ListenAddress } from '../config/config.ts'
import type { Services } from '../services.ts'
import { fixedSecurityHeaders } from './headers.ts'
import type { Listening } from './server.ts'
import { httpTimes } from './times.ts'

/** Opens the listener for what watches the process: metrics and health, on loopback by default, without credentials. */
export async function listenMetrics(services: Services, { host, port }: ListenAddress): Promise<Listening> {
  const server = createServer(
    { headersTimeout: httpTimes.headersMs, requestTimeout: 2 * httpTimes.headersMs, maxHeaderSize: 32_768 },
    (request, response) => {
      answer(services, request, response).catch((error: unknown) => {
        services.log.error({ err: error }, 'metrics could not be collected')
        response.destroy()
      })
    },
  )
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

async function answer(
  services: Services,
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { state } = services.health
  const path = url.split('?', 1)[0]
  response.setHeaders(new Map(Object.entries(fixedSecurityHeaders)))
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
  } else if (path === '/metrics') {
    const text = await services.metrics.registry.metrics()
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text)
  } else if (path === '/health/live' || path === '/health/ready') {
    const ok = path === '/health/live' || state === 'ready'
    const status = path === '/health/live' ? 'alive' : state
    response
      .writeHead(ok ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(status === 'ready' ? { status, ...services.writeFaults.told } : { status }))
  } else {
    response
      .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
      .end('Here are /metrics, /health/live and /health/ready.\n')
  }
}
