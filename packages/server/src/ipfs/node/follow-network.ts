import type { Logger } from '../../lib/log.ts'
import type { IpfsNode } from './node.ts'

interface FollowNetwork {
  /** The network that was chosen; null until one is. */
  readonly find: () => Promise<IpfsNode['network'] | null>
  /** Opens the node on that network. */
  readonly open: (network: IpfsNode['network']) => Promise<IpfsNode>
  readonly log: Pick<Logger, 'info' | 'error'>
  readonly everyMs?: number
}

/**
 * A node that was opened before its network was chosen. When that happens, in this process or another, and it is another
 * network, the node is closed and opened anew there; what it was fetching fails and is tried again. If it cannot be
 * opened, that is logged and it stays closed until the next start.
 */
export function followNetwork(first: IpfsNode, { find, open, log, everyMs = 1_000 }: FollowNetwork): IpfsNode {
  let current = first
  let looking: Promise<void> | undefined
  const look = async () => {
    const network = await find()
    if (network === null) return
    clearInterval(timer)
    if (network === current.network) return
    await current.close()
    current = await open(network)
    log.info({ network, listens: current.listens() }, 'the IPFS node is on the network that was chosen')
  }
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => log.error({ err: error }, 'the IPFS node could not go to the network that was chosen'))
      .finally(() => (looking = undefined))
  }, everyMs).unref()
  return {
    get kind() {
      return current.kind
    },
    get peerId() {
      return current.peerId
    },
    get network() {
      return current.network
    },
    listens: () => current.listens(),
    announces: () => current.announces(),
    delegates: () => current.delegates(),
    openFetch: (options) => current.openFetch(options),
    announce: (root, signal) => current.announce(root, signal),
    withdraw: (root) => current.withdraw(root),
    publishRecord: (multihash, record, signal) => current.publishRecord(multihash, record, signal),
    findRecord: (multihash, signal) => current.findRecord(multihash, signal),
    reachability: () => current.reachability(),
    peers: () => current.peers(),
    async close() {
      clearInterval(timer)
      await looking
      await current.close()
    },
  }
}
