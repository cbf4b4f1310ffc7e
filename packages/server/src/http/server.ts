import { once } from 'node:events'
import { routeList } from '@pinyon/contract/routes.ts'
import { fastify, type FastifyInstance } from 'fastify'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { preflightHeaders } from './cors.ts'
import type { Door } from './door.ts'
import { one, securityHeaders } from './headers.ts'
import { readQuery } from './query.ts'
import { RateLimits } from './rate-limits.ts'
import { methodsAt, rowAt } from './route-match.ts'
import { refuse, serve } from './serve.ts'

/** A listener that answers. */
export interface Listening {
  readonly host: string
  readonly port: number
  /** Stops taking connections, lets running requests finish for at most `patienceMs`, then cuts them. */
  close(patienceMs: number): Promise<void>
}

/** Opens the api listener: every row of the route table with its door, and nothing else. Throws when a row has no door. */
export async function listenApi(services: Services, doors: readonly Door[]): Promise<Listening> {
  const app = buildApi(services, doors)
  const { host, port } = services.config.api.listen
  await app.listen({ host, port })
  return toListening(app)
}

function buildApi(services: Services, doors: readonly Door[]): FastifyInstance {
  requireAllRows(doors)
  const app: FastifyInstance = fastify({
    logger: false,
    trustProxy: services.config.trustedProxies.length > 0 ? [...services.config.trustedProxies] : false,
    bodyLimit: Number.MAX_SAFE_INTEGER, // each row has its own limit, applied while the body is read
    routerOptions: {
      querystringParser: readQuery,
      maxParamLength: 4_096,
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
    },
    exposeHeadRoutes: false,
    keepAliveTimeout: 72_000, // longer than the usual proxy's, so that it never meets a closing connection
    requestTimeout: 0, // uploads may take hours; watchBodyRate cuts those that stand still
    forceCloseConnections: 'idle',
    http: { headersTimeout: 15_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 32_768 },
    frameworkErrors: (error, request, reply) =>
      refuse(
        services,
        request,
        reply,
        new AppError('invalid_request', 'The address of the request is malformed.', { cause: error }),
      ),
    genReqId: () => services.newId(),
  })
  // Bodies are read by the row, not by the framework.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const limits = new RateLimits(services.config.rateLimits)
  for (const door of doors) mount(app, services, door, limits)
  app.options('/*', (request, reply) => {
    const row = rowAt(request.url, String(request.headers['access-control-request-method'] ?? 'GET'))
    reply.headers({
      ...securityHeaders(request),
      ...preflightHeaders(
        row?.cors ?? 'none',
        request.headers.origin,
        one(request.headers['access-control-request-headers']),
      ),
    })
    return reply.code(204).send()
  })
  app.setNotFoundHandler((request, reply) => {
    const others = methodsAt(request.url)
    if (others.length > 0) {
      reply.header('allow', [...others, 'OPTIONS'].join(', '))
      return refuse(
        services,
        request,
        reply,
        new AppError('method_not_allowed', `${request.method} is not possible here; ${others.join(', ')} is.`),
      )
    }
    return refuse(services, request, reply, new AppError('not_found', 'There is no such route. GET /docs lists all.'))
  })
  app.setErrorHandler((error, request, reply) => refuse(services, request, reply, error))
  app.server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  return app
}

function mount(app: FastifyInstance, services: Services, door: Door, limits: RateLimits): void {
  const { route } = door
  for (const { path, params } of [
    { path: route.path, params: undefined },
    ...(route.aliases ?? []).map((alias) => ({ path: alias.path, params: alias.params })),
  ]) {
    app.route({
      method: route.method === 'GET' ? ['GET', 'HEAD'] : route.method,
      url: path,
      handler: (request, reply) => serve(services, door, limits, request, reply, params),
    })
  }
}

function requireAllRows(doors: readonly Door[]): void {
  const bound = new Set(doors.map(({ route }) => route.id))
  const missing = routeList.filter((row) => !bound.has(row.id)).map((row) => row.id)
  if (missing.length > 0) throw new Error(`rows of the route table without a door: ${missing.join(', ')}`)
  if (bound.size !== doors.length) throw new Error('a row of the route table has two doors')
}

function toListening(app: FastifyInstance): Listening {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no address')
  return {
    host: address.address,
    port: address.port,
    close: async (patienceMs) => {
      const closed = app.close()
      const timer = setTimeout(() => app.server.closeAllConnections(), patienceMs)
      await closed
      clearTimeout(timer)
      if (app.server.listening) await once(app.server, 'close')
    },
  }
}
