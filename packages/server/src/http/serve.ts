import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { Route } from '@pinyon/contract/route.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../caller.ts'
import { noteDenied } from '../keys/verify-key.ts'
import { ClientGone, isClientGone } from '../lib/client-gone.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Services } from '../services.ts'
import { answerHeadersOf } from './answer-headers.ts'
import { readCaller } from './authorise.ts'
import { corsHeaders } from './cors.ts'
import { isAnswer, type Door } from './door.ts'
import { addressOf, toDoorRequest, type CallerRequest } from './door-request.ts'
import { dialectOfPath, renderError } from './errors.ts'
import { goOn, isUnmet, isWaiting } from './expect.ts'
import { one, securityHeaders } from './headers.ts'
import { hasClearHost } from './host.ts'
import { holdBody, readJsonContent } from './json-content.ts'
import { parseJson, parseWith, readBody } from './parse.ts'
import type { RateLimits } from './rate-limits.ts'
import { drainAfter, isBringing } from './refuse.ts'
import { readRequestName, repeatable } from './repeat.ts'
import { methodsAt, rowAt } from './route-match.ts'
import { watchBodyRate } from './slow-body.ts'
import type { HttpTimes } from './times.ts'
import { failpoint } from '../lib/failpoint.ts'

/** What a mounted row needs for each of its requests. */
export interface Mounted {
  readonly services: Services
  readonly door: Door
  readonly limits: RateLimits
  readonly times: HttpTimes
  /** Parameters that the mount implies. */
  readonly implied: Readonly<Record<string, string>> | undefined
}

/** One request through its row: credentials, scope, use, limits, body, door, answer. */
export async function serve(mounted: Mounted, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { services, door, times } = mounted
  const { route } = door
  const { raw } = request
  const began = performance.now()
  reply.raw.once('close', () => finish(services, route, request, reply, began))
  let stopWatching: (() => void) | undefined
  if (route.bodyKind !== 'none') {
    stopWatching = watchBodyRate(raw, times.bodyWindowMs, () => {
      reply.raw.once('finish', () => raw.destroy(slowBody()))
      void refuse(services, request, reply, slowBody(), route)
    })
  } else drainAfter(raw, reply.raw, times) // several clients send `{}` with everything
  try {
    reply.headers({
      ...securityHeaders(request),
      ...corsHeaders(route.cors, request.headers.origin),
      ...answerHeadersOf(route, services.config),
      // Caches know Authorization; they do not know Pinata's headers.
      ...(route.credentials.length > 0 ? { 'cache-control': 'private, no-store' } : {}),
    })
    if (services.health.state !== 'ready' && route.tag !== 'System') throw notReady()
    return await send(route, request, reply, await handle(mounted, request, reply), times)
  } catch (error) {
    return await refuse(services, request, reply, error, route)
  } finally {
    stopWatching?.()
  }
}

async function handle(
  { services, door, limits, implied }: Mounted,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { route } = door
  refuseForeignPage(services, route, request)
  const doorRequest = toDoorRequest(services, request, reply)
  const asking = route.credentials.length === 0 ? undefined : await readCaller(services, route, doorRequest)
  const caller = asking?.caller
  const name = readRequestName(route, doorRequest)
  const who = caller?.key?.id ?? caller?.user?.id
  doorRequest.raw.pinyonCaller = who
  reply.headers(await limits.take(route, who ?? doorRequest.address ?? 'unknown'))
  // What is repeated is no use, which shows when the body is there.
  if (name === undefined) await asking?.countUse()
  const params = parseWith(route.params, { ...(request.params as object), ...implied }, 'path') // fastify's params are an object
  const query = parseWith(route.query, request.query, 'query')
  const { contentField } = route
  const limitBytes = Math.min(route.bodyLimitBytes, services.config.limits.jsonBytes)
  using places = new DisposableStack()
  places.use(holdBody(contentField === undefined ? 0 : mostBytesOf(request, limitBytes)))
  const bytes = route.bodyKind === 'json' ? await readBody(request.raw, limitBytes) : undefined
  if (route.bodyKind === 'multipart') goOn(request.raw)
  const readJson = (json: Buffer): unknown =>
    contentField === undefined ? parseWith(route.body, parseJson(json), 'body') : readJsonContent(json, contentField)
  const perform = async (to: Services) => {
    const body = bytes === undefined ? undefined : await readJson(bytes)
    failpoint('request-next')
    return door.handle({ services: to, caller, params, query, body, request: doorRequest })
  }
  try {
    if (name === undefined || asking === undefined || bytes === undefined) return await perform(services)
    const repeat = { caller: asking.caller, name, request: doorRequest, body: bytes }
    return await repeatable(services, route, repeat, async (once) => {
      await asking.countUse()
      return perform(once)
    })
  } catch (error) {
    if (caller !== undefined && error instanceof AppError) noteRefusal(services, route, caller, error)
    throw error
  }
}

/** Tells those who look after account and key of what an operation refused for a bound of theirs. */
function noteRefusal(services: Services, route: Route, caller: Caller, error: AppError): void {
  services.quotaRefusals.note(caller.accountId, error)
  if (error.code !== 'outside_bounds' || caller.key === undefined) return
  noteDenied(services, { id: caller.key.id, accountId: caller.accountId }, error, caller.origin, route)
}

/** Bytes that a body has at most: what it says, or what is taken. */
function mostBytesOf({ headers }: FastifyRequest, limitBytes: number): number {
  const said = headers['content-length']
  return said === undefined ? limitBytes : Math.min(Number(said), limitBytes)
}

function notReady(): AppError {
  return new AppError('unavailable', 'The server is starting or stopping. Try again in a moment.', {
    retryAfterSeconds: 2,
  })
}

function slowBody(): AppError {
  return new AppError('request_timeout', 'The body came too slowly: less than 1 KiB in 12 seconds.')
}

function send(
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  result: unknown,
  { readerMs }: HttpTimes,
): Promise<unknown> | FastifyReply {
  if (!isAnswer(result)) {
    if (route.responseType !== undefined) return reply.type(route.responseType).send(result)
    return reply.type('application/json; charset=utf-8').send(JSON.stringify(result ?? {}))
  }
  reply.code(result.status).headers(result.headers)
  const { body } = result
  if (body === undefined || body === null) return reply.send()
  if (body instanceof Readable) {
    if (request.method === 'HEAD') {
      body.destroy() // nothing of it was read yet
      return reply.send()
    }
    cutStandingReader(request.raw.socket, reply, readerMs)
    return reply.send(body)
  }
  if (typeof body !== 'object' || body instanceof Uint8Array) return reply.send(body)
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** A client that takes nothing for so long is gone; it would keep blocks in memory and a drain waiting. */
function cutStandingReader(socket: Socket, reply: FastifyReply, readerMs: number): void {
  const cut = () => socket.destroy()
  socket.setTimeout(readerMs, cut)
  reply.raw.once('close', () => socket.setTimeout(0, cut))
}

/** Answers an error in the dialect of the route; nothing of it is shown that is not meant for the client. */
export async function refuse(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  thrown: unknown,
  route: Route | undefined = rowAt(request.url, request.method),
): Promise<FastifyReply> {
  const error = isLeft(reply, thrown) ? new ClientGone({ cause: thrown }) : ofFramework(thrown)
  const rendered = renderError(error, route?.dialect ?? dialectOfPath(request.url), request.id)
  if (rendered.status >= 500 && isOurs(error)) {
    if (!(error instanceof AppError) || error.code === 'internal') services.metrics.internalErrors.inc()
    services.log.error(
      { err: error, requestId: request.id, route: route?.id, method: request.method },
      'request failed',
    )
  } else if (error instanceof AppError && error.cause !== undefined)
    services.log.debug({ err: error, requestId: request.id }, 'request refused')
  if (reply.raw.headersSent) {
    reply.raw.destroy()
    return reply
  }
  // What was set for the answer that did not come says nothing about this one.
  for (const name of Object.keys(reply.getHeaders())) {
    if (!name.startsWith('x-ratelimit-')) reply.removeHeader(name)
  }
  const { raw } = request
  // Whoever waits to send its body and may not is through with this connection (RFC 9110 section 10.1.1).
  const isUnclear = isUnmet(raw) || !hasClearHost(raw)
  const isOver = isWaiting(raw) || isUnclear || (services.health.state === 'draining' && !isBringing(raw))
  reply.headers({
    ...securityHeaders(request),
    ...(route === undefined ? {} : corsHeaders(route.cors, request.headers.origin)),
    ...answerHeadersOf(route, services.config),
    'cache-control': 'no-store',
    ...rendered.headers,
    ...(rendered.status === 405 ? { allow: [...methodsAt(request.url), 'OPTIONS'].join(', ') } : {}),
    ...(isOver ? { connection: 'close' } : {}),
  })
  if (!isOver) drainAfter(raw, reply.raw)
  return reply.code(rendered.status).type('application/json; charset=utf-8').send(JSON.stringify(rendered.body))
}

/** Whether an answer that is a stream ended because nobody is there to take it, before its first piece was. */
function isLeft({ raw }: FastifyReply, thrown: unknown): boolean {
  if (!raw.destroyed && raw.socket?.destroyed !== true) return false
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_STREAM_PREMATURE_CLOSE'
}

/** Whether somebody should look at it: not what we never do, do not do now, or did for somebody who left. */
function isOurs(error: unknown): boolean {
  if (isClientGone(error)) return false
  return !(error instanceof AppError && (error.code === 'unavailable' || error.code === 'not_supported'))
}

/** What the framework refuses by itself (content types that are none, malformed lengths) is bad input like any other. */
function ofFramework(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('statusCode' in error)) return error
  const { statusCode, message } = error
  if (typeof statusCode !== 'number' || statusCode >= 500) return error
  if (statusCode === 415)
    return new AppError('unsupported_media_type', 'The header Content-Type is not readable.', { cause: error })
  return new AppError(statusCode === 413 ? 'too_large' : 'invalid_request', message, { cause: error })
}

function finish(services: Services, route: Route, request: FastifyRequest, reply: FastifyReply, began: number): void {
  const ms = performance.now() - began
  const status = reply.raw.writableFinished ? reply.raw.statusCode : 499
  services.metrics.requests.inc({ route: route.id, status: String(status) })
  services.metrics.seconds.observe({ route: route.id }, ms / 1000)
  if (services.log.isLevelEnabled('info')) {
    // The path without its query: links and tokens may stand there.
    const path = request.url.split('?', 1)[0]?.slice(0, 300)
    requestLog(services.log).info(
      {
        requestId: request.id,
        method: request.method,
        path,
        status,
        ms: Math.round(ms * 10) / 10,
        caller: (request.raw as CallerRequest).pinyonCaller,
        address: addressOf(request),
      },
      'request',
    )
  }
}

const requestLogs = new WeakMap<Logger, Logger>()

/**
 * For the line of a request, whose fields are chosen above and none of them is a secret: looking through them for secrets
 * costs ten times the line.
 */
function requestLog(log: Logger): Logger {
  const known = requestLogs.get(log)
  if (known !== undefined) return known
  const made = log.child({}, { redact: [] })
  requestLogs.set(log, made)
  return made
}

/**
 * Sign-in, set-up and the like are for our own pages and for programs. A form on another page could otherwise sign its
 * visitor in as somebody else (login CSRF): browsers say where a request comes from, older ones by Origin alone, and
 * programs say nothing.
 */
function refuseForeignPage({ installation }: Services, route: Route, { headers, method }: FastifyRequest): void {
  if (route.cors !== 'none' || method === 'GET' || method === 'HEAD') return
  const site = one(headers['sec-fetch-site'])
  const isForeign =
    site === undefined
      ? headers.origin !== undefined && headers.origin !== new URL(installation.apiUrl).origin
      : site === 'same-site' || site === 'cross-site'
  if (isForeign)
    throw new AppError('forbidden', 'This can be asked from the pages of this server only, not from another page.')
}
