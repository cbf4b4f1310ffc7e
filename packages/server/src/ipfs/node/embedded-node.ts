import type { Libp2p, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../lib/log.ts'
import type { Cid } from '../cid.ts'
import { Announcements } from './announcements.ts'
import { Bitswap } from './bitswap/bitswap.ts'
import type { PublicBlocks } from './bitswap/servings.ts'
import { BlockSession } from './block-session.ts'
import { delegateAddresses } from './delegate-addresses.ts'
import { DhtRecords } from './dht-records.ts'
import { DialPolicy } from './dial-policy.ts'
import { Exchange } from './exchange.ts'
import { findProviders } from './find-providers.ts'
import { Gater } from './gater.ts'
import { HttpSource } from './http-source.ts'
import { keepBootstrapped } from './keep-bootstrapped.ts'
import { openLibp2p } from './libp2p.ts'
import type { BlockFetch, FetchOptions, IpfsNode, Reachability } from './node.ts'
import type { NodeKey } from './node-key.ts'
import type { NodeSettings } from './node-settings.ts'
import { keepConnected, type PeerDialer, sortOrigins } from './origin-dialer.ts'
import { openReachability } from './reachability.ts'
import { resolvePeerAddress } from './resolve-peer-address.ts'
import { type SessionTimes, usualTimes } from './session-times.ts'

const dialMs = 10_000
/** Peers with this mark are the last to be cut when there are too many. */
const wantedTag = 'pinyon-wanted'

/** Listens, and joins the network it is told to. Throws when an address cannot be listened on. */
export async function openEmbeddedNode(options: {
  readonly settings: NodeSettings
  readonly key: NodeKey
  readonly blocks: PublicBlocks
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly times?: SessionTimes
  /** Where network `public` begins; the well-known nodes unless told. */
  readonly bootstrap?: readonly string[]
}): Promise<IpfsNode> {
  const { settings, key } = options
  const policy = new DialPolicy(settings)
  const gater = new Gater(policy, settings)
  const libp2p = await openLibp2p({
    key,
    listen: settings.listen,
    announce: settings.announce,
    gater: gater.gater,
    isPublic: settings.network === 'public',
  })
  const node = new EmbeddedNode({ ...options, libp2p, policy, gater })
  await node.start()
  return node
}

class EmbeddedNode implements IpfsNode, PeerDialer {
  readonly kind = 'embedded'
  readonly peerId: string
  readonly #libp2p: Libp2p
  readonly #policy: DialPolicy
  readonly #gater: Gater
  readonly #settings: NodeSettings
  readonly #times: SessionTimes
  readonly #exchange = new Exchange()
  readonly #bitswap: Bitswap
  readonly #announcements: Announcements
  readonly #records: DhtRecords
  readonly #log: Pick<Logger, 'debug' | 'info' | 'warn'>
  readonly #bootstrap: readonly string[] | undefined
  readonly #closing = new AbortController()
  /** What peers say they are, of the latest. */
  readonly #agents = new LRUCache<string, string>({ max: 1_000 })
  readonly #lookAtReachability: ReturnType<typeof openReachability>
  /** When somebody came from outside last, by `performance.now()`. */
  #reachedAt: number | undefined
  /** How many fetches want the connection of a peer. */
  readonly #wanted = new Map<string, number>()

  constructor({
    settings,
    key,
    blocks,
    log,
    times = usualTimes,
    bootstrap,
    libp2p,
    policy,
    gater,
  }: Parameters<typeof openEmbeddedNode>[0] & { libp2p: Libp2p; policy: DialPolicy; gater: Gater }) {
    this.peerId = key.peerId
    this.#libp2p = libp2p
    this.#policy = policy
    this.#gater = gater
    this.#settings = settings
    this.#times = times
    this.#log = log
    this.#bootstrap = bootstrap
    this.#lookAtReachability = openReachability(policy)
    this.#announcements = new Announcements(libp2p)
    this.#records = new DhtRecords(libp2p)
    this.#bitswap = new Bitswap({
      libp2p,
      exchange: this.#exchange,
      blocks,
      deny: (peerId, detail) => {
        log.info({ peer: peerId.toString(), detail }, 'a peer is kept away')
        gater.deny(peerId, detail, libp2p.getConnections(peerId))
      },
      debug: (error, words) => log.debug({ err: error }, words),
    })
  }

  async start(): Promise<void> {
    this.#libp2p.addEventListener('peer:identify', ({ detail }) => {
      if (detail.agentVersion !== undefined) this.#agents.set(detail.peerId.toString(), printable(detail.agentVersion))
    })
    this.#libp2p.addEventListener('connection:open', ({ detail }) => {
      if (detail.direction !== 'inbound' || !this.#isFromOutside(detail.remoteAddr.toString())) return
      this.#reachedAt = performance.now()
    })
    await this.#bitswap.start()
    if (this.#settings.network !== 'public') return
    void keepBootstrapped(this, {
      ...(this.#bootstrap === undefined ? {} : { addresses: this.#bootstrap }),
      peers: () => this.#libp2p.getPeers().length,
      signal: this.#closing.signal,
      log: this.#log,
    })
  }

  get network(): 'local' | 'public' {
    return this.#settings.network
  }

  listens(): readonly string[] {
    return this.#libp2p.getMultiaddrs().map((address) => withoutPeer(address.toString()))
  }

  announces(): readonly string[] {
    return this.delegates().map(withoutPeer)
  }

  delegates(): readonly string[] {
    return delegateAddresses({ peerId: this.peerId, announce: this.#settings.announce, listen: this.listens() })
  }

  reachability(): Promise<Reachability> {
    return this.#lookAtReachability({
      network: this.#settings.network,
      announces: this.announces(),
      reachedAt: this.#reachedAt,
    })
  }

  /** Whether an address is one that only somebody outside can come from. */
  #isFromOutside(address: string): boolean {
    const ip = address.split('/')[2] ?? ''
    return this.#policy.reasonAgainst(ip, { namedBy: 'network', provesItself: false }) === undefined
  }

  openFetch({ root, origins, signal }: FetchOptions): BlockFetch {
    const gateways: HttpSource[] = []
    const session: BlockSession = new BlockSession({
      exchange: this.#exchange,
      signal,
      gateways,
      times: this.#times,
    })
    const over = new AbortController()
    session.onEnd(() => over.abort())
    const toSource = (url: string, policy: DialPolicy | undefined) =>
      new HttpSource({ url, exchange: this.#exchange, session: () => session, policy })
    for (const url of this.#settings.gateways) gateways.push(toSource(url, undefined))
    const { peers, urls } = sortOrigins(session, origins)
    for (const [peer, addresses] of peers) void keepConnected(this, session, { peer, addresses, signal: over.signal })
    for (const url of urls) session.prefer(toSource(url, this.#policy))
    if (this.#settings.network === 'public') {
      void session.searching(() => findProviders(this.#libp2p, this, session, { root, signal: over.signal }))
    }
    return session
  }

  async announce(root: Cid, signal: AbortSignal): Promise<void> {
    // Blocks are asked of every connected peer, so in network `local` there is nobody to tell.
    if (this.network === 'public') await this.#announcements.announce(root, signal)
  }

  async withdraw(root: Cid): Promise<void> {
    if (this.network === 'public') await this.#announcements.withdraw(root)
  }

  async publishRecord(multihash: Uint8Array, record: Uint8Array, signal: AbortSignal): Promise<void> {
    const took = await this.#records.publish(multihash, record, signal)
    if (took === 0 && this.network === 'public') throw new Error('no peer took the record')
  }

  findRecord(multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#records.find(multihash, signal)
  }

  peers() {
    return this.#libp2p.getConnections().map(({ remotePeer, remoteAddr, direction }) => ({
      peerId: remotePeer.toString(),
      address: remoteAddr.toString(),
      direction,
      agent: this.#agents.get(remotePeer.toString()),
    }))
  }

  async dial(peerId: PeerId, address: Parameters<PeerDialer['dial']>[1], signal: AbortSignal): Promise<void> {
    const peer = peerId.toString()
    const found = await resolvePeerAddress(this.#policy, { peerId: peer, address, namedBy: 'caller' })
    const addresses = found.map((each) => multiaddr(`${each}/p2p/${peer}`))
    await this.#gater.naming(addresses, () =>
      this.#libp2p.dial(addresses, { signal: AbortSignal.any([signal, AbortSignal.timeout(dialMs)]) }),
    )
  }

  isConnected(peerId: PeerId): boolean {
    return this.#libp2p.getConnections(peerId).some(({ status }) => status === 'open')
  }

  attach(peerId: PeerId, session: BlockSession): void {
    const link = this.#bitswap.linkTo(peerId)
    const name = peerId.toString()
    if (session.prefer(link)) {
      this.#wanted.set(name, (this.#wanted.get(name) ?? 0) + 1)
      this.#mark(peerId, 100)
      session.onEnd(() => {
        const left = (this.#wanted.get(name) ?? 1) - 1
        if (left > 0) this.#wanted.set(name, left)
        else {
          this.#wanted.delete(name)
          this.#mark(peerId, undefined)
        }
      })
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#bitswap.stop()
    await this.#libp2p.stop()
  }

  #mark(peerId: PeerId, value: number | undefined): void {
    this.#libp2p.peerStore
      .merge(peerId, { tags: { [wantedTag]: value === undefined ? undefined : { value } } })
      .catch((error: unknown) => this.#log.debug({ err: error }, 'a peer could not be marked'))
  }
}

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/\w+$/, '')
}

/** What a peer says of itself, bounded and without what could confuse a terminal. */
function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
