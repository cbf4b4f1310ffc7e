import type { IncomingMessage, ServerResponse } from 'node:http'
import { strictTransport } from '../http/headers.ts'
import { hasClearHost, unclearHost } from '../http/host.ts'
import { ClientGone, isClientGone } from '../lib/client-gone.ts'
import type { ServedGateway } from '../gateways/served-gateways.ts'
import { AppError } from '../lib/errors.ts'
import { shownBlocks } from '../pins/read-blocks.ts'
import type { GatewayServices } from '../services.ts'
import { answerContent, type View } from './answer.ts'
import { admit, findDedicated, requireHeld, swapContent, type Admission } from './admit.ts'
import { findArrival, readArrival, type Arrival, type ArrivalRules } from './arrival.ts'
import { orEndedMeanwhile } from './ended-meanwhile.ts'
import { findContent, type Content } from './find-content.ts'
import type { GatewayRates } from './gateway-rates.ts'
import { findHostForm, isSettled, type HostForm, type HostRules } from './host-form.ts'
import { withFirstByte } from './first-byte.ts'
import { sendAgain, type HotAnswers } from './hot-answers.ts'
import { refusesPages } from './page-policy.ts'
import { noteServed, type Asked } from './note-served.ts'
import { openPrivate, type PrivateView } from './open-private.ts'
import { openView } from './open-view.ts'
import { readGatewayRequest, type Elsewhere, type GatewayRequest } from './read-request.ts'
import { refuseRequest } from './refuse.ts'
import { corsHeaders, type Reply } from './reply.ts'
import { respondRecord } from './respond-record.ts'

/** What the settings say of hosts. */
export type GatewayRules = ArrivalRules & HostRules & { readonly hot: HotAnswers; readonly rates: GatewayRates }

/**
 * One request of the gateway listener: host, form, visibility, negotiation, path, conditions, bytes. What is asked for
 * again and again goes the short way.
 */
export function serveGateway(
  services: GatewayServices,
  rules: GatewayRules,
  raw: IncomingMessage,
  response: ServerResponse,
): void {
  const isClear = hasClearHost(raw)
  if (!isClear || !answerAgain(services, rules, raw, response)) void serveAnew(services, rules, isClear, raw, response)
}

/** False when there is nothing that could be given again. Whatever `answer` asks of a request for public content before it looks at it is to be asked here as well. */
function answerAgain(
  services: GatewayServices,
  rules: GatewayRules,
  raw: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { denials, egressLimits } = services
  if (services.health.state !== 'ready' || !denials.isFresh || !egressLimits.isFresh) return false
  const arrival = findArrival(raw, rules)
  const found = arrival === undefined ? undefined : rules.hot.find(raw, arrival)
  if (arrival === undefined || found === undefined || !egressLimits.isSharedFree(found.content.root)) return false
  if (!rules.rates.take('gateway-address', arrival.address)) return false
  const socketBefore = raw.socket.bytesWritten
  sendAgain(found, services.newId(), response)
  services.metrics.servedBytes.inc(found.body.length)
  services.metrics.requests.inc({ route: 'gateway', status: '200' })
  const asked = { request: found.request, content: found.content }
  noteServed(services, asked, raw, response, raw.socket.bytesWritten - socketBefore)
  return true
}

async function serveAnew(
  services: GatewayServices,
  rules: GatewayRules,
  isClear: boolean,
  raw: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new ClientGone())
  })
  const headers = {
    ...corsHeaders,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-request-id': services.newId(),
    ...(services.identity === undefined ? {} : strictTransport(raw.headers.host)),
  }
  const reply: Reply = {
    response,
    headOnly: raw.method === 'HEAD',
    lasting: /^(https?:\/\/[^/]*)?\/+files\//i.test(raw.url ?? '') ? 'private' : 'always',
    headers,
    signal: controller.signal,
  }
  const socketBefore = raw.socket.bytesWritten
  const asked: Asked = {}
  try {
    if (!isClear) throw unclearHost()
    if (raw.method === 'OPTIONS') return answerPreflight(raw, reply)
    if (raw.method !== 'GET' && raw.method !== 'HEAD')
      throw new AppError('method_not_allowed', 'Only GET, HEAD and OPTIONS are answered here.')
    if (services.health.state !== 'ready')
      throw new AppError('unavailable', 'The server is starting or stopping. Try again in a moment.', {
        retryAfterSeconds: 2,
      })
    const answering = answer(services, rules, { raw, method: raw.method, asked }, reply)
    const sent = await withFirstByte(answering, { response, controller, ms: services.config.gateway.firstByteMs })
    services.metrics.servedBytes.inc(reply.headOnly ? 0 : sent)
  } catch (error) {
    if (!isClientGone(error)) {
      const refusal = asked.isGated === true ? { ...reply, lasting: 'private' as const } : reply
      const told = await orEndedMeanwhile(services, asked, error).catch(() => error)
      refuseRequest(services, told, isClear ? refusal : { ...refusal, headers: { ...headers, connection: 'close' } })
    }
  } finally {
    services.metrics.requests.inc({ route: 'gateway', status: String(response.statusCode) })
    noteServed(services, asked, raw, response, raw.socket.bytesWritten - socketBefore)
  }
}

async function answer(
  services: GatewayServices,
  rules: GatewayRules,
  { raw, method, asked }: { raw: IncomingMessage; method: 'GET' | 'HEAD'; asked: Asked },
  reply: Reply,
): Promise<number> {
  const arrival = readArrival(raw, rules)
  rules.rates.require('gateway-address', arrival.address)
  // Nothing is decided by what was so a second ago.
  await services.denials.fresh()
  await services.egressLimits.fresh()
  const dedicated = await findDedicated(services.servedGateways, arrival, rules)
  if (dedicated !== undefined) rules.rates.require('gateway', dedicated.id)
  const form = dedicated === undefined ? await formOf(services, rules, arrival) : pathForm
  const request = readAt(dedicated, arrival, form, raw)
  if ('location' in request) return redirect(request, reply)
  asked.request = request
  // Before anything that depends on what there is.
  const isPublic = request.space !== 'files'
  const admission = dedicated === undefined || !isPublic ? undefined : admit(dedicated, arrival, request)
  asked.isGated = admission?.byControl === true
  if (admission !== undefined) {
    const { id, accountId } = admission.gateway
    services.egressLimits.requireGateway({ id, accountId })
    asked.by = { accountId, gatewayId: id }
  }
  refuseRootServiceWorker(request)
  const pages = refusesPages({
    own: dedicated?.html,
    isCustomDomain: !rules.subdomains.some((host) => arrival.hostname.endsWith(`.${host}`)),
    installation: services.config.gateway.html,
    isIsolated: form.kind !== 'path',
  })
  const shown = { ...reply, refusesPages: pages }
  if (request.space === 'ipns') services.denials.requireName(request.name, request.segments)
  if (request.format === 'ipns-record') {
    return respondRecord({ names: services.names, now: services.clock.now() }, request, reply)
  }
  const found = await findContent(services.names, request)
  asked.content = found
  if (admission !== undefined) return answerDedicated(services, admission, { request, found, asked }, shown)
  if (!isPublic) {
    const view = await openPrivate(services, { ...request, root: found.root }, method)
    services.egressLimits.requireAccount(view.accountId)
    asked.by = { accountId: view.accountId, gatewayId: '' }
    return answerContent(withImages(services, view), request, found, { ...shown, lasting: found.lasting })
  }
  await services.egressLimits.requireShared(found.root)
  const held = publicView(services, arrival.address)
  const opened = await openView(services, rules, { arrival, request, content: found, held, signal: reply.signal })
  const view = opened ?? held
  // What is not held here is asked for by each request: hot answers stand on what is.
  const keeping =
    opened === undefined && isSettled(form, arrival, rules)
      ? rules.hot.keeping(raw, arrival, { source: view.source, request, content: found })
      : undefined
  return answerContent({ ...view, source: keeping?.source ?? view.source }, request, found, {
    ...shown,
    lasting: found.lasting,
    keep: keeping?.keep,
  })
}

/** What is asked for; at the gateway of an account an address that is none is said as Pinata's programs know it (ERR_ID:00004). */
function readAt(
  dedicated: ServedGateway | undefined,
  arrival: Arrival,
  form: HostForm,
  { headers }: IncomingMessage,
): ReturnType<typeof readGatewayRequest> {
  try {
    return readGatewayRequest(arrival, form, headers)
  } catch (error) {
    if (dedicated === undefined || !(error instanceof AppError)) throw error
    if (error.code !== 'not_found' && error.code !== 'invalid_cid') throw error
    throw new AppError('invalid_request', `${error.message} ERR_ID:00004`, { cause: error })
  }
}

/** As the gateway of an account shows it: what the account holds, or anything public where a control let the request in. */
async function answerDedicated(
  services: GatewayServices,
  admission: Admission,
  { request, found, asked }: { request: GatewayRequest; found: Content; asked: Asked },
  reply: Reply,
): Promise<number> {
  const { servedGateways } = services
  await requireHeld(servedGateways, admission, found)
  const signature = await servedGateways.signatureOf(admission.gateway, found.root)
  const content = await swapContent(servedGateways, admission, found)
  asked.swapped = content
  const headers = signature === undefined ? reply.headers : { ...reply.headers, 'pinata-signature': signature }
  return answerContent(publicView(services, admission.gateway.accountId), request, content, {
    ...reply,
    headers,
    lasting: content.lasting,
  })
}

/** What anybody may see; images in it are made on behalf of `share`. */
function publicView(services: GatewayServices, share: string): View {
  const source = shownBlocks(services)
  return { source, denials: services.denials, making: { images: services.images, source, scope: 'public', share } }
}

/** What was made for one account is given to no other: that it comes fast would tell of another's files. */
function withImages({ images, denials }: GatewayServices, view: PrivateView): View {
  const { source, accountId, pinId } = view
  return { ...view, denials, making: { images, source, scope: `${accountId} ${pinId}`, share: accountId } }
}

const pathForm = { kind: 'path' } as const

function formOf({ names }: GatewayServices, rules: GatewayRules, arrival: Arrival): Promise<HostForm> {
  return findHostForm(arrival, rules, async (name) => (await names.findLink(name)) !== undefined)
}

function answerPreflight(raw: IncomingMessage, { response, headers }: Reply): void {
  const asked = raw.headers['access-control-request-headers']
  response
    .writeHead(204, {
      ...headers,
      ...(asked === undefined
        ? {}
        : {
            'access-control-allow-headers': `${corsHeaders['access-control-allow-headers']}, ${asked.replace(/[^\w ,-]/g, '')}`,
          }),
      'access-control-max-age': '86400',
    })
    .end()
}

/** Another address for the same: it may be another one when settings change, so nobody keeps it for long. */
function redirect({ status, location }: Elsewhere, { response, headers }: Reply): number {
  response.writeHead(status, { ...headers, location, 'cache-control': 'public, max-age=60' }).end()
  return 0
}

/** A worker registered at the root of an address would control every path below it. */
function refuseRootServiceWorker({ headers, segments, trailingSlash, form }: GatewayRequest): void {
  if (form.kind === 'path' && headers['service-worker'] === 'script' && segments.length === 0 && !trailingSlash) {
    throw new AppError('invalid_request', 'A service worker cannot be registered for a whole CID here.')
  }
}
