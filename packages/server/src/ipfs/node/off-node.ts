import { type Cid, formatCid } from '../cid.ts'
import { delegateAddresses } from './delegate-addresses.ts'
import { knownBlock } from './known-block.ts'
import { type BlockFetch, type IpfsNode, NoSource } from './node.ts'
import type { NodeKey } from './node-key.ts'

/**
 * Stands for the node where there is none: nothing is dialled, announced or served. Its delegates are where the node of
 * this installation would listen, so that `/psa` answers as its clients need it.
 */
export function openOffNode(
  settings: { readonly listen: readonly string[]; readonly announce: readonly string[] },
  { peerId }: Pick<NodeKey, 'peerId'>,
): IpfsNode {
  // One: nobody answers there, and each costs a client the time of a dial.
  const delegates = delegateAddresses({ ...settings, peerId }).slice(0, 1)
  return {
    kind: 'off',
    peerId,
    delegates: () => delegates,
    openFetch: ({ signal }) => fetchNothing(signal),
    announce: async () => undefined,
    withdraw: async () => undefined,
    peers: () => [],
    close: async () => undefined,
  }
}

function fetchNothing(ofFetch: AbortSignal): BlockFetch {
  return {
    async get(cid: Cid, signal = ofFetch) {
      ofFetch.throwIfAborted()
      signal.throwIfAborted()
      const known = knownBlock(cid)
      if (known !== undefined) return known
      throw new NoSource(`The IPFS network is off, so ${formatCid(cid)} cannot be fetched`)
    },
    tried: [],
    async [Symbol.asyncDispose]() {},
  }
}
