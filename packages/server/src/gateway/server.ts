import { once } from 'node:events'
import type { Server } from 'node:net'
import { createServer } from '../http/create-server.ts'
import type { Listening } from '../http/server.ts'
import { checkEveryMs, httpTimes, type HttpTimes } from '../http/times.ts'
import { UnderWay } from '../http/under-way.ts'
import { answerUnreadable } from '../http/unreadable.ts'
import { blockListOf } from '../ipfs/node/dial-policy.ts'
import type { GatewayServices } from '../services.ts'
import { acceptTunnels } from './accept-tunnels.ts'
import { GatewayRates } from './gateway-rates.ts'
import { HotAnswers } from './hot-answers.ts'
import { corsHeaders } from './reply.ts'
import { serveGateway, type GatewayRules } from './serve.ts'

/** A listener of the gateway, and its socket, for other processes to listen on as well. */
export interface GatewayListening extends Listening {
  readonly socket: Server
}

/**
 * Opens the gateway listener: bare node:http, since every request here is a read and speed is what counts. It takes its
 * connections from `socket` where another process listens already. Listens before it first waits for anything.
 */
export async function listenGateway(
  services: GatewayServices,
  { times: told, socket }: { times?: HttpTimes; socket?: Server } = {},
): Promise<GatewayListening> {
  const times = told ?? { ...httpTimes, readerMs: services.config.gateway.stallMs }
  const rules = readRules(services)
  const server = createServer(
    {
      headersTimeout: times.headersMs,
      requestTimeout: 2 * times.headersMs, // nothing here has a body; one that comes all the same is read away
      connectionsCheckingInterval: checkEveryMs(times),
      keepAliveTimeout: times.keepAliveMs,
      maxHeaderSize: 32_768,
      requireHostHeader: false, // serveGateway says it in words
    },
    (request, response) => serveGateway(services, rules, request, response),
    { identity: services.identity, refusal: { headers: unreadableHeaders, body: unreadableBody } },
  )
  // A client that takes nothing for so long is gone.
  server.setTimeout(times.readerMs)
  answerUnreadable(server, unreadableHeaders, (_status, text) => unreadableBody(text))
  if (services.config.gateway.proxy) acceptTunnels(server)
  const underWay = new UnderWay(server, services.atWork)
  const { host, port } = services.config.gateway.listen
  if (socket === undefined) server.listen(port, host)
  else server.listen(socket)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no address')
  return {
    socket: server,
    host: address.address,
    port: address.port,
    close: async (patienceMs) => {
      await underWay.settled(patienceMs)
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const unreadableHeaders = { ...corsHeaders, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

function unreadableBody(text: string): { type: string; text: string } {
  return { type: 'text/plain; charset=utf-8', text: `${text}\n` }
}

function readRules(services: GatewayServices): GatewayRules {
  const { config, identity } = services
  const { gateway, trustedProxies } = config
  return {
    hot: new HotAnswers(services),
    rates: new GatewayRates(services),
    trusted: trustedProxies.length === 0 ? undefined : blockListOf(trustedProxies),
    proxy: gateway.proxy,
    secure: identity !== undefined,
    subdomains: gateway.subdomains,
    dnslinkHosts: gateway.dnslink === 'hosts',
    own: [config.api.url, gateway.url].flatMap((url) => (url === undefined ? [] : [new URL(url).hostname])),
  }
}
