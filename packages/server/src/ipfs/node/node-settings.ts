/** What the operator decided about the node, from PINYON_IPFS_* and PINYON_DIAL_PRIVATE. */
export interface NodeSettings {
  readonly network: 'local' | 'public'
  /** Multiaddrs. */
  readonly listen: readonly string[]
  readonly announce: readonly string[]
  /** CIDR ranges. */
  readonly dialPrivate: readonly string[]
  /** Origins of trustless gateways. */
  readonly gateways: readonly string[]
}
