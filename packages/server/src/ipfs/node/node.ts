import type { Cid } from '../cid.ts'

/** An IPFS implementation that this program drives. Every kind keeps the promises of `node.suite.ts`. */
export interface IpfsNode {
  readonly kind: 'off' | 'embedded'
  /** Its peer id, as base58 text. */
  readonly peerId: string
  readonly network: 'local' | 'public'
  /** Multiaddrs that are listened on now; none without a network. */
  listens(): readonly string[]
  /** Multiaddrs that others are told, without peer id. */
  announces(): readonly string[]
  /**
   * Addresses to give to clients as delegates: 1 to 20 multiaddrs, each ending in `/p2p/ID`. With a node that is not
   * off they lead to the node that fetches.
   */
  delegates(): readonly string[]
  /** Begins to fetch blocks for one root. Dials its origins without waiting for all of them. Never throws for origins that are of no use. */
  openFetch(options: FetchOptions): BlockFetch
  /** Tells the network that the root of a public pin is here. Resolves when it was told; does nothing without a network. */
  announce(root: Cid, signal: AbortSignal): Promise<void>
  /** Stops telling so. What the network was told before runs out by itself. */
  withdraw(root: Cid): Promise<void>
  /**
   * Gives the record of an IPNS name (the multihash of its key) to the network. Resolves when peers took it, without a
   * network at once. Rejects when nobody did; in network `local` there may be nobody, so there it resolves.
   */
  publishRecord(multihash: Uint8Array, record: Uint8Array, signal: AbortSignal): Promise<void>
  /**
   * The newest record of an IPNS name that the network gave, held against the name. Undefined when nobody has one, and
   * without a network. Rejects when that cannot be told before `signal` is aborted.
   */
  findRecord(multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** Whether others can reach this node, as far as can be seen from here, and what to do when not. */
  reachability(): Promise<Reachability>
  /** Peers connected now. */
  peers(): readonly ConnectedPeer[]
  close(): Promise<void>
}

/** Whether others can reach the node. */
export interface Reachability {
  readonly state: 'off' | 'local' | 'private-address' | 'port-closed' | 'unproven' | 'reachable'
  /** What it means and what to do. */
  readonly message: string
}

/** What a fetch works with. */
export interface FetchOptions {
  readonly root: Cid
  /** Addresses that callers named: multiaddrs, of which those that are of no use are passed over and told of in `tried`. */
  readonly origins: readonly string[]
  readonly signal: AbortSignal
}

/** Blocks of one DAG on their way from the network. */
export interface BlockFetch extends AsyncDisposable {
  /**
   * The bytes of a block, held against its hash, from whichever source has it. Many may be asked for at once. Rejects
   * when `signal` (of the call or of the fetch) is aborted, and with `NoSource` when there is nobody left to ask.
   */
  get(cid: Cid, signal?: AbortSignal): Promise<Uint8Array>
  /** Who was asked so far and what came of it, at most 50. */
  readonly tried: readonly Tried[]
}

/** A source that was asked, or an address that was not. */
export interface Tried {
  /** A multiaddr, a peer id or the URL of a gateway. */
  readonly source: string
  readonly outcome: 'connected' | 'gave' | 'has-not' | 'unreachable' | 'refused' | 'not-understood' | 'lied'
  /** What a person may want to know: which rule refused the address, the error of the dial. */
  readonly detail?: string
  readonly blocks: number
}

/** A peer that is connected. */
export interface ConnectedPeer {
  readonly peerId: string
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  readonly agent: string | undefined
}

/** There is nobody to ask for a block: no network, no origin, no gateway, no provider found. */
export class NoSource extends Error {
  override readonly name = 'NoSource'
}
