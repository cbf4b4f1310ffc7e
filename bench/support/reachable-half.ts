import { type Cid, formatCid } from '../../packages/server/src/ipfs/cid.ts'
import { codecs } from '../../packages/server/src/ipfs/codecs.ts'
import { multihashKey } from '../../packages/server/src/ipfs/multihash-key.ts'
import { sha256Multihash } from '../../packages/server/src/ipfs/multihash.ts'
import { type BlockFetch, type IpfsNode, NoSource } from '../../packages/server/src/ipfs/node/node.ts'

/** A network on which some blocks are had by somebody, and nobody ever answers for the others. */
export class ReachableHalf implements Pick<IpfsNode, 'kind' | 'openFetch'> {
  readonly kind = 'embedded'
  readonly #had = new Map<string, Uint8Array>()

  /** A root that somebody has. */
  have(text: string): Cid {
    const bytes = Buffer.from(text)
    const multihash = sha256Multihash([bytes])
    this.#had.set(multihashKey(multihash), bytes)
    return { version: 1, codec: codecs.raw, multihash }
  }

  openFetch({ signal }: { signal: AbortSignal }): BlockFetch {
    return {
      tried: [],
      get: async (cid) => {
        const bytes = this.#had.get(multihashKey(cid.multihash))
        if (bytes !== undefined) return bytes
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
        signal.throwIfAborted()
        throw new NoSource(formatCid(cid))
      },
      async [Symbol.asyncDispose]() {},
    }
  }
}
