import type { IncomingMessage, ServerResponse } from 'node:http'
import { statusOf } from '@pinyon/contract/errors.ts'
import { retryAfterOf } from '../http/errors.ts'
import { strictTransport } from '../http/headers.ts'
import { hasClearHost, unclearHost } from '../http/host.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { readableOf } from '../ipfs/readable-of.ts'
import { resolvePath, type Resolved } from '../ipfs/resolve-path.ts'
import { AppError } from '../lib/errors.ts'
import { publicBlocks } from '../pins/read-blocks.ts'
import type { Services } from '../services.ts'
import { headerRoots, readGatewayRequest, type GatewayRequest } from './read-request.ts'
import { cacheControl, ClientGone, corsHeaders, type Reply } from './reply.ts'
import { respondBlock } from './respond-block.ts'
import { respondCar } from './respond-car.ts'
import { respondDirectory } from './respond-directory.ts'
import { respondFile } from './respond-file.ts'

/** One request of the gateway listener: form, visibility, negotiation, path, conditions, bytes. */
export async function serveGateway(services: Services, raw: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = services.newId()
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The client went away.'))
  })
  const base = {
    ...corsHeaders,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-request-id': requestId,
    ...(services.identity === undefined ? {} : strictTransport(raw.headers.host)),
  }
  const isClear = hasClearHost(raw)
  const reply: Reply = { response, headOnly: raw.method === 'HEAD', signal: controller.signal }
  try {
    if (!isClear) throw unclearHost()
    if (raw.method === 'OPTIONS') {
      const asked = raw.headers['access-control-request-headers']
      response
        .writeHead(204, {
          ...base,
          ...(asked === undefined
            ? {}
            : {
                'access-control-allow-headers': `${corsHeaders['access-control-allow-headers']}, ${asked.replace(/[^\w ,-]/g, '')}`,
              }),
          'access-control-max-age': '86400',
        })
        .end()
      return
    }
    if (raw.method !== 'GET' && raw.method !== 'HEAD')
      throw new AppError('method_not_allowed', 'Only GET, HEAD and OPTIONS are answered here.')
    if (services.health.state !== 'ready')
      throw new AppError('unavailable', 'The server is starting or stopping. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    const request = readGatewayRequest(raw.url ?? '/', raw.headers)
    refuseRootServiceWorker(request)
    const sent = await respond(publicBlocks(services), request, base, reply)
    services.metrics.servedBytes.inc(reply.headOnly ? 0 : sent)
  } catch (error) {
    if (!(error instanceof ClientGone))
      renderRefusal(services, error, isClear ? base : { ...base, connection: 'close' }, reply)
  } finally {
    services.metrics.requests.inc({ route: 'gateway', status: String(response.statusCode) })
  }
}

async function respond(
  source: BlockSource,
  request: GatewayRequest,
  base: Record<string, string>,
  reply: Reply,
): Promise<number> {
  const found = requireFound(
    await resolvePath(source, request.root, request.segments, { signal: reply.signal }),
    request,
  )
  const common = {
    ...base,
    'x-ipfs-path': request.path,
    'x-ipfs-roots': headerRoots(found.roots),
    // Under one address Accept decides, unless the address says the format: caches must not mix the two.
    ...(request.parameters['format'] ? {} : { vary: 'Accept' }),
  }
  if (request.format === 'raw') return respondBlock(request, found.node, common, reply)
  if (request.format === 'car') return respondCar(source, request, found, common, reply)
  if (found.node.kind === 'directory') return respondFolder(source, request, found, common, reply)
  const readable = readableOf(found.node)
  if (readable === undefined)
    throw new AppError(
      'not_acceptable',
      'This is neither a file nor a directory. Ask for it with format=raw or format=car.',
    )
  return respondFile(
    source,
    request,
    readable,
    { tagCid: found.node.cid, name: request.segments.at(-1), common },
    reply,
  )
}

/** A directory: its index.html when it has one, else a listing; always under an address that ends in a slash. */
async function respondFolder(
  source: BlockSource,
  request: GatewayRequest,
  found: Extract<Resolved, { outcome: 'found' }>,
  common: Record<string, string>,
  reply: Reply,
): Promise<number> {
  if (found.node.kind !== 'directory') throw new Error('a folder is a directory node')
  if (!request.trailingSlash) {
    reply.response
      .writeHead(301, {
        ...common,
        location: `${request.path}/${request.query}`,
        'cache-control': cacheControl.generated,
      })
      .end()
    return 0
  }
  const index = await resolvePath(source, found.node.cid, ['index.html'], { signal: reply.signal })
  const page = index.outcome === 'found' ? readableOf(index.node) : undefined
  if (page !== undefined)
    return respondFile(source, request, page, { tagCid: found.node.cid, name: 'index.html', common }, reply)
  return respondDirectory(source, request, found.node, common, reply)
}

/** Absent and not visible for this caller are the same. */
function requireFound(resolved: Resolved, request: GatewayRequest): Extract<Resolved, { outcome: 'found' }> {
  switch (resolved.outcome) {
    case 'found':
      return resolved
    case 'missing':
      throw new AppError(
        'not_found',
        `There is no "${resolved.missing.slice(0, 200)}" in this path (segment ${resolved.index + 1}).`,
      )
    case 'value':
      throw new AppError('not_supported', 'The path ends inside a block, on a value that is no link.')
    case 'absent':
      if (/\bonly-if-cached\b/.test(request.headers['cache-control'] ?? ''))
        throw new AppError('precondition_failed', 'This content is not here.')
      throw new AppError('not_found', 'This content is not here: no public pin of this server holds it.')
  }
}

/** A worker registered at the root of an address would control every path below it. */
function refuseRootServiceWorker(request: GatewayRequest): void {
  if (request.headers['service-worker'] === 'script' && request.segments.length === 0 && !request.trailingSlash) {
    throw new AppError('invalid_request', 'A service worker cannot be registered for a whole CID here.')
  }
}

function renderRefusal(
  services: Services,
  error: unknown,
  base: Record<string, string>,
  { response, headOnly }: Reply,
): void {
  const known =
    error instanceof AppError
      ? error
      : new AppError('internal', `Something went wrong here. The log knows more under request ${base['x-request-id']}.`)
  const status = statusOf(known.code, 'gateway')
  if (status >= 500 && status !== 501 && known.code !== 'unavailable')
    services.log.error({ err: error, requestId: base['x-request-id'] }, 'gateway request failed')
  if (response.headersSent) {
    response.destroy()
    return
  }
  const size = known.facts?.['sizeBytes']
  const retryAfter = retryAfterOf(known, status)
  const body = Buffer.from(`${known.message}\n`)
  response.writeHead(status, {
    ...base,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    'cache-control': status === 404 ? cacheControl.error : 'no-store',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(services.health.state === 'draining' ? { connection: 'close' } : {}),
    ...(status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    ...(status === 416 && typeof size === 'number' ? { 'content-range': `bytes */${size}` } : {}),
  })
  response.end(headOnly ? undefined : body)
}
