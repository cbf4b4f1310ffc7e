/** What the operator decided about the node, from PINYON_IPFS_* and PINYON_DIAL_PRIVATE. */
export interface NodeSettings {
  readonly network: 'local' | 'public'
  /** Multiaddrs. */
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  /** CIDR ranges. */
  readonly dialPrivate: readonly string[]
  /** Peer ids and CIDR ranges that are kept away. */
  readonly deny: readonly string[]
  /** Origins of trustless gateways. */
  readonly gateways: readonly string[]
}

/** Where a node listens unless it is told: network `local` stays on the machine, `public` is there for everybody. */
export const usualListens = {
  local: ['/ip4/127.0.0.1/tcp/8401', '/ip4/127.0.0.1/tcp/8402/ws'],
  public: ['/ip4/0.0.0.0/tcp/8401', '/ip4/0.0.0.0/tcp/8402/ws'],
} as const
