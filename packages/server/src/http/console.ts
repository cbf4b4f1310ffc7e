import { randomBytes } from 'node:crypto'
import { routeList } from '@pinyon/contract/routes.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { matchesTag } from './conditional.ts'
import type { Asset, ConsoleFiles } from './console-files.ts'
import { one, securityHeaders } from './headers.ts'
import { drainAfter } from './refuse.ts'

/** First segments of the API. */
const apiSegments = new Set(
  routeList.flatMap((row) => [row.path, ...(row.aliases ?? []).map(({ path }) => path)]).map(firstSegment),
)
/** Those under which the console has pages too: the legacy dialect leaves it no other word. */
const sharedSegments = new Set(['groups'])

/**
 * Answers what the route table does not know and the console does: its files under `/console/`, and its one page for
 * every address that a person opens, since the page reads the address itself. False: nobody's; programs that mistype an
 * address of the API are told so and get no page. Throws `not_found` where a page is wanted and none was built.
 */
export function answerConsole(
  { installation }: Pick<Services, 'installation'>,
  files: ConsoleFiles | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  const path = request.url.split('?', 1)[0] ?? ''
  const asset = files?.assets.get(path)
  if (asset === undefined && !isForPeople(path, request)) return false
  if (files === undefined) throw new AppError('not_found', 'The console is not built; npm start builds it.')
  drainAfter(request.raw, reply.raw)
  reply.headers({ ...securityHeaders(request), 'cross-origin-resource-policy': 'same-origin' })
  if (asset === undefined) sendPage(files.page, new URL(installation.gatewayUrl).origin, reply)
  else sendAsset(asset, request, reply)
  return true
}

/**
 * Whether a request for an address that API and console share is a person's who opens it. Programs bring a credential,
 * and scripts of pages are no navigation; without either the API would refuse it anyway. Browsers say that they navigate
 * only where the page came by TLS or from this machine, so saying nothing is not a no.
 */
export function isOpenedByPerson({ url, method, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (!sharedSegments.has(firstSegment(url.split('?', 1)[0] ?? '')) || !takesPages(headers)) return false
  if (credentialHeaders.some((name) => headers[name] !== undefined)) return false
  return [undefined, 'navigate'].includes(one(headers['sec-fetch-mode']))
}

const credentialHeaders = ['authorization', 'pinata_api_key', 'pinata_secret_api_key']

function isForPeople(path: string, request: FastifyRequest): boolean {
  if (path === '/') return true
  const segment = firstSegment(path)
  if (sharedSegments.has(segment)) return isOpenedByPerson(request)
  return segment !== 'console' && !apiSegments.has(segment) && takesPages(request.headers)
}

function takesPages(headers: FastifyRequest['headers']): boolean {
  return (one(headers.accept) ?? '').includes('text/html')
}

function firstSegment(path: string): string {
  return path.split('/', 2)[1] ?? ''
}

function sendPage(page: string, gateway: string, reply: FastifyReply): void {
  const nonce = randomBytes(16).toString('base64')
  reply.headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': policy(gateway, nonce),
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': permissions,
  })
  void reply.send(page.replaceAll('%NONCE%', nonce))
}

/**
 * The page runs our scripts only and talks to this server only. What users uploaded is shown from the gateway, which is
 * another origin. Styles that libraries make at run time carry the nonce.
 */
function policy(gateway: string, nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' blob: data: ${gateway}`,
    `media-src 'self' blob: ${gateway}`,
    "font-src 'self'",
    "connect-src 'self'",
    `frame-src ${gateway}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
    "manifest-src 'self'",
  ].join('; ')
}

const permissions =
  'accelerometer=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), geolocation=(), gyroscope=(), hid=(), ' +
  'magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()'

function sendAsset(asset: Asset, { headers }: FastifyRequest, reply: FastifyReply): void {
  const coding = chooseCoding(asset, one(headers['accept-encoding']) ?? '')
  // Bytes that differ have tags that differ (RFC 9110 section 8.8.3.3).
  const etag = coding === undefined ? `"${asset.tag}"` : `"${asset.tag}-${coding}"`
  reply.headers({
    'cache-control': asset.isHashed ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
    vary: 'Accept-Encoding',
    etag,
  })
  if (matchesTag(headers['if-none-match'], etag)) {
    void reply.code(304).send()
    return
  }
  if (coding !== undefined) reply.header('content-encoding', coding)
  void reply.type(asset.contentType).send(coding === undefined ? asset.bytes : asset.compressed[coding])
}

function chooseCoding({ compressed }: Asset, accepted: string): 'br' | 'gzip' | undefined {
  const takes = (coding: string) =>
    accepted.split(',').some((each) => {
      const [name = '', ...weights] = each.split(';').map((piece) => piece.trim().toLowerCase())
      return name === coding && !weights.some((weight) => /^q=0(\.0*)?$/.test(weight))
    })
  return (['br', 'gzip'] as const).find((coding) => compressed[coding] !== undefined && takes(coding))
}
