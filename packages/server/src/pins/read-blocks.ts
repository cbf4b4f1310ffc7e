import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { networkNumbers } from './network.ts'
import { findBlockOfPin, findPublicBlock } from './block-queries.ts'
import { type ReadServices, readBlock } from './read-verified.ts'

/**
 * Blocks that anybody may see: those that a published pin on the public network names, asked for each block at each
 * read, so that what was unpinned is absent for the next one. `get` throws `BlockDamaged` when stored bytes do not match.
 */
export function publicBlocks(services: ReadServices): SizedBlockSource {
  return {
    get: (multihash) => readBlock(services, multihash, () => findPublic(services, multihash)),
    sizeOf: async (multihash) => (await findPublic(services, multihash))?.length,
  }
}

/** Blocks of one pin: what the owner of a file that holds it may read. `get` throws `BlockDamaged`. */
export function pinBlocks(services: ReadServices, pin: { pinId: string; network: NetworkName }): SizedBlockSource {
  const network = networkNumbers[pin.network]
  const find = async (multihash: Uint8Array) => {
    const [block] = await findBlockOfPin(services.db.read, { multihash, pinId: pin.pinId, network })
    return block
  }
  return {
    get: (multihash) => readBlock(services, multihash, () => find(multihash)),
    sizeOf: async (multihash) => (await find(multihash))?.length,
  }
}

async function findPublic({ db }: Pick<ReadServices, 'db'>, multihash: Uint8Array) {
  const [block] = await findPublicBlock(db.read, { multihash })
  return block
}
