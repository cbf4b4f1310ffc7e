import { type BlockList, isIP } from 'node:net'
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import { blockListOf, type DialPolicy } from './dial-policy.ts'

/** So long a peer that lied is kept away. */
const deniedMs = 3_600_000
const maxDenied = 10_000

/**
 * What libp2p asks before it dials or lets in. Addresses that callers named may be dialled while they are being
 * dialled; others, which peers or records told of, only when they are public, and in network `local` not at all.
 */
export class Gater {
  readonly #policy: DialPolicy
  readonly #isLocal: boolean
  /** Multiaddrs with peer ids that are being dialled for somebody, and how often. */
  readonly #named = new Map<string, number>()
  readonly #denied = new LRUCache<string, string>({ max: maxDenied, ttl: deniedMs })

  /** What the operator keeps away. */
  readonly #unwanted: ReadonlySet<string>
  readonly #unwantedRanges: BlockList

  constructor(policy: DialPolicy, { network, deny = [] }: { network: 'local' | 'public'; deny?: readonly string[] }) {
    this.#policy = policy
    this.#isLocal = network === 'local'
    this.#unwanted = new Set(deny)
    this.#unwantedRanges = blockListOf(deny.filter((each) => isIP(each.split('/')[0] ?? '') !== 0))
  }

  readonly gater: ConnectionGater = {
    denyDialPeer: (peerId) => this.isDenied(peerId),
    denyInboundConnection: ({ remoteAddr }) => this.#isUnwanted(remoteAddr),
    denyDialMultiaddr: (address) => !this.#mayDial(address),
    denyInboundEncryptedConnection: (peerId) => this.isDenied(peerId),
    denyOutboundEncryptedConnection: (peerId) => this.isDenied(peerId),
    // What peers say of themselves is kept only when it could be dialled.
    filterMultiaddrForPeer: (_peerId, address) => this.#isPublic(address),
  }

  /** Lets these addresses be dialled until `dial` is done. */
  async naming<T>(addresses: readonly Multiaddr[], dial: () => Promise<T>): Promise<T> {
    const names = addresses.map(String)
    for (const name of names) this.#named.set(name, (this.#named.get(name) ?? 0) + 1)
    try {
      return await dial()
    } finally {
      for (const name of names) {
        const left = (this.#named.get(name) ?? 1) - 1
        if (left > 0) this.#named.set(name, left)
        else this.#named.delete(name)
      }
    }
  }

  /** Keeps a peer away for an hour; what connects it now is cut. */
  deny(peerId: PeerId, detail: string, connections: readonly Connection[]): void {
    this.#denied.set(peerId.toString(), detail)
    for (const connection of connections) connection.abort(new Error(`The peer is kept away: ${detail}`))
  }

  isDenied(peerId: PeerId): boolean {
    const name = peerId.toString()
    return this.#unwanted.has(name) || this.#denied.has(name)
  }

  #isUnwanted(address: Multiaddr): boolean {
    const ip = address.getComponents()[0]?.value ?? ''
    const family = isIP(ip)
    return family !== 0 && this.#unwantedRanges.check(ip, family === 6 ? 'ipv6' : 'ipv4')
  }

  #mayDial(address: Multiaddr): boolean {
    if (this.#isUnwanted(address)) return false
    if (this.#named.has(address.toString())) return true
    return !this.#isLocal && this.#isPublic(address)
  }

  /** Names are looked up only for addresses that callers named, so others must be IP addresses. */
  #isPublic(address: Multiaddr): boolean {
    const [first, ...rest] = address.getComponents()
    if (first?.value === undefined || isIP(first.value) === 0) return false
    if (rest.some(({ name }) => name === 'p2p-circuit')) return false
    return this.#policy.reasonAgainst(first.value, { namedBy: 'network', provesItself: true }) === undefined
  }
}
