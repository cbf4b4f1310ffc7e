import { statusOf } from '@pinyon/contract/errors.ts'
import { challengeOf, retryAfterOf } from '../http/errors.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { cachingOf, type Reply } from './reply.ts'

/** Says in words why there is nothing, or destroys the connection when the answer had begun. */
export function refuseRequest(services: Pick<Services, 'log' | 'health'>, error: unknown, reply: Reply): void {
  const { response, headOnly, headers } = reply
  const requestId = headers['x-request-id']
  const known =
    error instanceof AppError
      ? error
      : new AppError('internal', `Something went wrong here. The log knows more under request ${requestId}.`)
  const status = statusOf(known.code, 'gateway')
  if (status >= 500 && !expected.has(known.code))
    services.log.error({ err: error, requestId }, 'gateway request failed')
  if (response.headersSent) {
    response.destroy()
    return
  }
  const size = known.facts?.['sizeBytes']
  const retryAfter = retryAfterOf(known, status)
  const body = Buffer.from(`${known.message}\n`)
  response.writeHead(status, {
    ...headers,
    ...known.headers,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    ...(status === 404 ? cachingOf(reply, 'error') : { 'cache-control': 'no-store' }),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(status === 401 ? { 'www-authenticate': challengeOf(known) } : {}),
    ...(services.health.state === 'draining' ? { connection: 'close' } : {}),
    ...(status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    ...(status === 416 && typeof size === 'number' ? { 'content-range': `bytes */${size}` } : {}),
  })
  response.end(headOnly ? undefined : body)
}

/** What others did wrong, or what passes by itself: no operator need look into it. */
const expected = new Set<string>([
  'not_supported',
  'unavailable',
  'not_found_in_time',
  'name_invalid',
  'name_unresolved',
  'redirects_invalid',
])
