import type { IncomingMessage } from 'node:http'
import type { Route } from '@pinyon/contract/route.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { readCaller } from './authorise.ts'
import { corsHeaders } from './cors.ts'
import { isAnswer, type Door, type DoorRequest } from './door.ts'
import { dialectOfPath, renderError } from './errors.ts'
import { one, securityHeaders } from './headers.ts'
import { parseJson, parseWith, readBody } from './parse.ts'
import type { RateLimits } from './rate-limits.ts'
import { drainAfter } from './refuse.ts'
import { watchBodyRate } from './slow-body.ts'

/** One request through its row: credentials, scope, use, limits, body, door, answer. */
export async function serve(
  services: Services,
  door: Door,
  limits: RateLimits,
  request: FastifyRequest,
  reply: FastifyReply,
  implied: Readonly<Record<string, string>> | undefined,
): Promise<unknown> {
  const { route } = door
  const began = performance.now()
  reply.raw.once('close', () => finish(services, route, request, reply, began))
  const stopWatching =
    route.bodyKind === 'none' ? undefined : watchBodyRate(request.raw, () => request.raw.destroy(slowBody()))
  try {
    reply.headers({ ...securityHeaders(request), ...corsHeaders(route.cors, request.headers.origin) })
    if (services.health.state !== 'ready' && route.tag !== 'System') {
      throw new AppError('unavailable', 'The server is starting or stopping. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    }
    const doorRequest = toDoorRequest(request, reply)
    const caller = route.credentials.length === 0 ? undefined : await readCaller(services, route, doorRequest)
    if (caller !== undefined) doorRequest.raw.pinyonCaller = caller.key?.id ?? caller.user?.id
    reply.headers(await limits.take(route, caller?.key?.id ?? caller?.user?.id ?? request.ip))
    const params = parseWith(route.params, { ...(request.params as object), ...implied }, 'path') // fastify's params are an object
    const query = parseWith(route.query, request.query, 'query')
    const body =
      route.bodyKind === 'json'
        ? parseWith(route.body, parseJson(await readBody(request.raw, route.bodyLimitBytes)), 'body')
        : undefined
    const result = await door.handle({ services, caller, params, query, body, request: doorRequest })
    return await send(route, reply, result)
  } catch (error) {
    return refuse(
      services,
      request,
      reply,
      request.raw.errored instanceof AppError ? request.raw.errored : error,
      route,
    )
  } finally {
    stopWatching?.()
  }
}

function slowBody(): AppError {
  return new AppError('request_timeout', 'The body came too slowly: less than 1 KiB in 12 seconds.')
}

function send(route: Route, reply: FastifyReply, result: unknown): Promise<unknown> | FastifyReply {
  if (!isAnswer(result)) {
    if (route.responseType !== undefined) return reply.type(route.responseType).send(result)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(result ?? {}))
  }
  reply.code(result.status).headers(result.headers)
  const { body } = result
  if (body === undefined || body === null) return reply.send()
  const plain = typeof body === 'object' && !(body instanceof Uint8Array) && !('pipe' in body)
  if (!plain) return reply.send(body)
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** Answers an error in the dialect of the route; nothing of it is shown that is not meant for the client. */
export async function refuse(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  route?: Route,
): Promise<FastifyReply> {
  const rendered = renderError(error, route?.dialect ?? dialectOfPath(request.url), request.id)
  if (rendered.status >= 500 && !(error instanceof AppError && error.code !== 'internal'))
    services.metrics.internalErrors.inc()
  if (rendered.status >= 500)
    services.log.error(
      { err: error, requestId: request.id, route: route?.id, method: request.method },
      'request failed',
    )
  else if (error instanceof AppError && error.cause !== undefined)
    services.log.debug({ err: error, requestId: request.id }, 'request refused')
  if (reply.raw.headersSent) {
    reply.raw.destroy()
    return reply
  }
  if (route === undefined) reply.headers(securityHeaders(request))
  drainAfter(request.raw)
  return reply
    .code(rendered.status)
    .headers(rendered.headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(rendered.body))
}

function finish(services: Services, route: Route, request: FastifyRequest, reply: FastifyReply, began: number): void {
  const ms = performance.now() - began
  const status = reply.raw.writableFinished ? reply.raw.statusCode : 499
  services.metrics.requests.inc({ route: route.id, status: String(status) })
  services.metrics.seconds.observe({ route: route.id }, ms / 1000)
  if (services.log.isLevelEnabled('info')) {
    // The path without its query: links and tokens may stand there.
    const path = request.url.split('?', 1)[0]?.slice(0, 300)
    services.log.info(
      {
        requestId: request.id,
        method: request.method,
        path,
        status,
        ms: Math.round(ms * 10) / 10,
        caller: (request.raw as CallerRequest).pinyonCaller,
        address: request.ip,
      },
      'request',
    )
  }
}

type CallerRequest = IncomingMessage & { pinyonCaller?: string | undefined }

function toDoorRequest(request: FastifyRequest, reply: FastifyReply): DoorRequest & { raw: CallerRequest } {
  let controller: AbortController | undefined
  return {
    requestId: request.id,
    address: request.ip,
    agent: one(request.headers['user-agent'])?.slice(0, 300) ?? null,
    method: request.method,
    url: request.url,
    headers: request.headers,
    raw: request.raw,
    secure: request.protocol === 'https',
    // Made only for the doors that ask: most requests are over before anybody could go away.
    get signal() {
      if (controller === undefined) {
        const made = new AbortController()
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) made.abort(new Error('The client went away.'))
        })
        if (reply.raw.closed) made.abort(new Error('The client went away.'))
        controller = made
      }
      return controller.signal
    },
  }
}
