import { BlockSession } from './block-session.ts'
import { delegateAddresses } from './delegate-addresses.ts'
import { DialPolicy } from './dial-policy.ts'
import { Exchange } from './exchange.ts'
import { HttpSource } from './http-source.ts'
import type { BlockFetch, FetchOptions, IpfsNode } from './node.ts'
import type { NodeKey } from './node-key.ts'
import type { NodeSettings } from './node-settings.ts'
import { sortOrigins } from './origin-dialer.ts'
import { usualTimes } from './session-times.ts'

/**
 * Stands for the node where there is none: no peer is dialled, nothing is announced or served. Blocks come only from
 * gateways that the operator named and from HTTP addresses among the origins. Its delegates are where the node of this
 * installation would listen, so that `/psa` answers as its clients need it.
 */
export function openOffNode(settings: NodeSettings, { peerId }: Pick<NodeKey, 'peerId'>): IpfsNode {
  // One: nobody answers there, and each costs a client the time of a dial.
  const delegates = delegateAddresses({ ...settings, peerId }).slice(0, 1)
  const policy = new DialPolicy(settings)
  const exchange = new Exchange()
  return {
    kind: 'off',
    peerId,
    network: settings.network,
    listens: () => [],
    announces: () => [],
    delegates: () => delegates,
    openFetch: (options) => fetchByHttp(exchange, policy, settings, options),
    announce: async () => undefined,
    withdraw: async () => undefined,
    publishRecord: async () => undefined,
    findRecord: async () => undefined,
    reachability: async () => ({
      state: 'off',
      message: 'The IPFS network is off here (PINYON_IPFS=off, or a process without the role node): nobody reaches it.',
    }),
    peers: () => [],
    close: async () => undefined,
  }
}

function fetchByHttp(
  exchange: Exchange,
  policy: DialPolicy,
  settings: NodeSettings,
  { origins, signal }: FetchOptions,
): BlockFetch {
  const gateways: HttpSource[] = []
  // Nobody can come along, so nobody is waited for.
  const times = { ...usualTimes, patienceMs: 0, gatewaysAfterMs: 0 }
  const session: BlockSession = new BlockSession({ exchange, signal, gateways, times })
  const toSource = (url: string, rules: DialPolicy | undefined) =>
    new HttpSource({ url, exchange, session: () => session, policy: rules })
  for (const url of settings.gateways) gateways.push(toSource(url, undefined))
  const { peers, urls } = sortOrigins(session, origins)
  for (const addresses of peers.values()) {
    for (const { text } of addresses) session.tell(text, 'refused', 'the IPFS network is off here')
  }
  for (const url of urls) session.prefer(toSource(url, policy))
  return session
}
