import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { outcomes } from '@pinyon/contract/errors.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { answerHeadersOf } from './answer-headers.ts'
import { answerConsole, isOpenedByPerson } from './console.ts'
import type { ConsoleFiles } from './console-files.ts'
import { preflightHeaders } from './cors.ts'
import type { Door } from './door.ts'
import { isUnmet, noteExpectation, noteUnmet } from './expect.ts'
import { fixedSecurityHeaders, one, securityHeaders } from './headers.ts'
import { hasClearHost, unclearHost } from './host.ts'
import { overrideMethod } from './method-override.ts'
import { readQuery } from './query.ts'
import { RateLimits } from './rate-limits.ts'
import { methodsAt, rowAt, tellingRowAt } from './route-match.ts'
import { refuse, serve } from './serve.ts'
import { createServer, type PlainRefusal } from './create-server.ts'
import { checkEveryMs, httpTimes, type HttpTimes } from './times.ts'
import { UnderWay } from './under-way.ts'
import { answerUnreadable } from './unreadable.ts'

/** A listener that answers. */
export interface Listening {
  readonly host: string
  readonly port: number
  /**
   * Lets running requests finish for at most `patienceMs`, then cuts them. Until they have, the port stays open, so that
   * whoever comes is told (503) that this process is going.
   */
  close(patienceMs: number): Promise<void>
}

/** What the api listener has beside the rows and their doors. */
interface ApiOptions {
  readonly times?: HttpTimes
  /** Undefined: the console is not built. */
  readonly consoleFiles?: ConsoleFiles | undefined
}

/**
 * Opens the api listener: every row of the route table with its door, and everything else is the console's. Throws when
 * a row has no door.
 */
export async function listenApi(
  services: Services,
  doors: readonly Door[],
  options: ApiOptions = {},
): Promise<Listening> {
  const app = buildApi(services, doors, options)
  const underWay = new UnderWay(app.server, services.atWork)
  const { host, port } = services.config.api.listen
  await app.listen({ host, port })
  return toListening(app, underWay)
}

function buildApi(
  services: Services,
  doors: readonly Door[],
  { times = httpTimes, consoleFiles }: ApiOptions,
): FastifyInstance {
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
    forceCloseConnections: 'idle',
    return503OnClosing: false, // the rows say it, in their dialect
    serverFactory: (handler) =>
      createServer(
        {
          keepAliveTimeout: times.keepAliveMs,
          requestTimeout: 0, // uploads may take hours; watchBodyRate cuts those that stand still
          headersTimeout: times.headersMs,
          connectionsCheckingInterval: checkEveryMs(times),
          maxHeaderSize: 32_768,
          requireHostHeader: false, // the hook below says it in words
        },
        (request, response) => {
          overrideMethod(request)
          handler(request, response)
        },
        { identity: services.identity, refusal: plainRefusal },
      ),
    frameworkErrors: (error, request, reply) =>
      void refuse(
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
  app.addHook('onRequest', (request, reply, done) => {
    if (!hasClearHost(request.raw)) void refuse(services, request, reply, unclearHost())
    else if (isUnmet(request.raw)) void refuse(services, request, reply, unknownExpectation())
    else done()
  })
  const limits = new RateLimits(services)
  for (const door of doors) mount(app, { services, door, limits, times }, consoleFiles)
  app.options('/*', (request, reply) => {
    const row = rowAt(request.url, request.headers['access-control-request-method'] ?? 'GET')
    reply.headers({
      ...securityHeaders(request),
      ...answerHeadersOf(tellingRowAt(request.url), services.config),
      ...preflightHeaders(
        row?.cors ?? 'none',
        request.headers.origin,
        one(request.headers['access-control-request-headers']),
      ),
    })
    return reply.code(204).send()
  })
  app.setNotFoundHandler((request, reply) => {
    if (answerConsole(services, consoleFiles, request, reply)) return reply
    return refuse(services, request, reply, noSuchRoute(request))
  })
  app.setErrorHandler((error, request, reply) => refuse(services, request, reply, error))
  app.server.on('checkContinue', (raw: IncomingMessage, response: ServerResponse) => {
    noteExpectation(raw, response)
    app.server.emit('request', raw, response)
  })
  // Node's own answer has neither words nor the headers that all of ours have.
  app.server.on('checkExpectation', (raw: IncomingMessage, response: ServerResponse) => {
    noteUnmet(raw)
    app.server.emit('request', raw, response)
  })
  answerUnreadable(app.server, fixedSecurityHeaders, unreadableBody)
  return app
}

function unreadableBody(status: number, text: string): { type: string; text: string } {
  return {
    type: 'application/json; charset=utf-8',
    text: JSON.stringify({ error: { code: status, message: text, reason: reasonOf(status) } }),
  }
}

const plainRefusal: PlainRefusal = { headers: fixedSecurityHeaders, body: (text) => unreadableBody(400, text) }

function reasonOf(status: number): string {
  return Object.values(outcomes).find((outcome) => outcome.status === status)?.reason ?? outcomes.invalid_request.reason
}

function unknownExpectation(): AppError {
  return new AppError('expectation_failed', 'Of the header Expect only 100-continue is known here.')
}

function noSuchRoute(request: FastifyRequest): AppError {
  const others = methodsAt(request.url)
  return others.length === 0
    ? new AppError('not_found', 'There is no such route. GET /docs lists all.')
    : new AppError('method_not_allowed', `${request.method} is not possible here; ${others.join(', ')} is.`)
}

function mount(
  app: FastifyInstance,
  opened: Omit<Parameters<typeof serve>[0], 'implied'>,
  consoleFiles: ConsoleFiles | undefined,
): void {
  const { route } = opened.door
  for (const { path, params } of [
    { path: route.path, params: undefined },
    ...(route.aliases ?? []).map((alias) => ({ path: alias.path, params: alias.params })),
  ]) {
    const mounted = { ...opened, implied: params }
    app.route({
      method: route.method === 'GET' ? ['GET', 'HEAD'] : route.method,
      // `/v3/files/{network}` and the older `/v3/files/{id}` differ only by what stands there.
      url: path.replace(':network', ':network(^public$|^private$)'),
      handler(request, reply) {
        const isPage = isOpenedByPerson(request) && answerConsole(opened.services, consoleFiles, request, reply)
        return isPage ? reply : serve(mounted, request, reply)
      },
    })
  }
}

function requireAllRows(doors: readonly Door[]): void {
  const bound = new Set(doors.map(({ route }) => route.id))
  const missing = routeList.filter((row) => !bound.has(row.id)).map((row) => row.id)
  if (missing.length > 0) throw new Error(`rows of the route table without a door: ${missing.join(', ')}`)
  if (bound.size !== doors.length) throw new Error('a row of the route table has two doors')
}

function toListening(app: FastifyInstance, underWay: UnderWay): Listening {
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no address')
  return {
    host: address.address,
    port: address.port,
    close: async (patienceMs) => {
      await underWay.settled(patienceMs)
      const closed = app.close()
      app.server.closeAllConnections()
      await closed
      if (app.server.listening) await once(app.server, 'close')
    },
  }
}
