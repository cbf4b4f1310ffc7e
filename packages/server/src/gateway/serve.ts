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
import { openPrivate, type PrivateView } from './open-private.ts'
import { headerRoots, readGatewayRequest, type GatewayRequest } from './read-request.ts'
import { cachingOf, ClientGone, corsHeaders, type Reply } from './reply.ts'
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
  const reply: Reply = {
    response,
    headOnly: raw.method === 'HEAD',
    isPrivate: /^\/+files\//.test(raw.url ?? ''),
    signal: controller.signal,
  }
  const socketBefore = raw.socket.bytesWritten
  let asked: GatewayRequest | undefined
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
    if (request.space === 'ipfs') asked = request
    refuseRootServiceWorker(request)
    const view: View =
      request.space === 'ipfs' ? { source: publicBlocks(services) } : await openPrivate(services, request, raw.method)
    const sent = await respond(view, request, base, reply)
    services.metrics.servedBytes.inc(reply.headOnly ? 0 : sent)
  } catch (error) {
    if (!(error instanceof ClientGone))
      renderRefusal(services, error, isClear ? base : { ...base, connection: 'close' }, reply)
  } finally {
    services.metrics.requests.inc({ route: 'gateway', status: String(response.statusCode) })
    if (asked !== undefined) note(services, asked, response, raw.socket.bytesWritten - socketBefore)
  }
}

/** What a request may read: everything that is public, or what a link shows. */
type View = { readonly source: BlockSource } & Partial<PrivateView>
/** What was asked for counts, also when it was not there or was not taken to its end. */
function note(
  { traffic }: Services,
  { root, segments, headers }: GatewayRequest,
  response: ServerResponse,
  bytes: number,
) {
  traffic.note({
    root,
    segment: segments.at(-1),
    host: headers.host,
    status: response.headersSent ? response.statusCode : 499,
    userAgent: headers['user-agent'],
    referer: headers.referer,
    bytes,
  })
}

async function respond(
  view: View,
  request: GatewayRequest,
  base: Record<string, string>,
  reply: Reply,
): Promise<number> {
  const { source } = view
  const found = requireFound(
    await resolvePath(source, request.root, request.segments, { signal: reply.signal }),
    request,
  )
  const common = {
    ...base,
    ...(reply.isPrivate ? {} : { 'x-ipfs-path': request.path, 'x-ipfs-roots': headerRoots(found.roots) }),
    // Under one address Accept decides, unless the address says the format: caches must not mix the two.
    ...(request.parameters['format'] ? {} : { vary: 'Accept' }),
  }
  const isFolder = request.format === 'any' && found.node.kind === 'directory'
  if (isFolder && !request.trailingSlash) return redirectToFolder(request, common, reply)
  await view.count?.()
  if (request.format === 'raw') return respondBlock(request, found.node, common, reply)
  if (request.format === 'car') {
    // Blocks on the way from the root would tell of what lies beside what a link shows.
    const isPart = (view.top ?? 0) > 0
    const shown = isPart ? { ...found, pathBlocks: [] } : found
    return respondCar(source, isPart ? { ...request, root: found.node.cid } : request, shown, common, reply)
  }
  if (found.node.kind === 'directory') return respondFolder(view, request, found, common, reply)
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
    { tagCid: found.node.cid, name: request.segments.at(-1) ?? view.name, common },
    reply,
  )
}

/** A directory stands under an address that ends in a slash, or links in it would lead elsewhere. */
function redirectToFolder(request: GatewayRequest, common: Record<string, string>, reply: Reply): number {
  const location = `${request.path}/${request.query}`
  reply.response.writeHead(301, { ...common, location, 'cache-control': cachingOf(reply, 'generated') }).end()
  return 0
}

/** A directory: its index.html when it has one, else a listing. */
async function respondFolder(
  { source, top = 0 }: View,
  request: GatewayRequest,
  found: Extract<Resolved, { outcome: 'found' }>,
  common: Record<string, string>,
  reply: Reply,
): Promise<number> {
  if (found.node.kind !== 'directory') throw new Error('a folder is a directory node')
  const index = await resolvePath(source, found.node.cid, ['index.html'], { signal: reply.signal })
  const page = index.outcome === 'found' ? readableOf(index.node) : undefined
  if (page !== undefined)
    return respondFile(source, request, page, { tagCid: found.node.cid, name: 'index.html', common }, reply)
  return respondDirectory(source, request, { node: found.node, top }, common, reply)
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
      throw new AppError(
        'not_found',
        request.space === 'files'
          ? 'This content is not whole here. The operator is told in the log.'
          : 'This content is not here: no public pin of this server holds it.',
      )
  }
}

/** A worker registered at the root of an address would control every path below it. */
function refuseRootServiceWorker(request: GatewayRequest): void {
  if (request.headers['service-worker'] === 'script' && request.segments.length === 0 && !request.trailingSlash) {
    throw new AppError('invalid_request', 'A service worker cannot be registered for a whole CID here.')
  }
}

function renderRefusal(services: Services, error: unknown, base: Record<string, string>, reply: Reply): void {
  const { response, headOnly } = reply
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
    'cache-control': status === 404 ? cachingOf(reply, 'error') : 'no-store',
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...(services.health.state === 'draining' ? { connection: 'close' } : {}),
    ...(status === 405 ? { allow: 'GET, HEAD, OPTIONS' } : {}),
    ...(status === 416 && typeof size === 'number' ? { 'content-range': `bytes */${size}` } : {}),
  })
  response.end(headOnly ? undefined : body)
}
