import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { PackLocation } from '../blobs/blob-store.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { networkNumbers } from './network.ts'
import { findBlockOfPin, findPublicBlock } from './block-queries.ts'
import type { PublicPlaces } from './public-places.ts'
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

/**
 * As `publicBlocks`, for who reads the same blocks again and again: that a block is public is taken from `places`, and
 * the answer comes at once when its verified bytes are at hand.
 */
export function shownBlocks(services: ReadServices & { readonly publicPlaces: PublicPlaces }): SizedBlockSource {
  const { denials, publicPlaces, verifiedBlocks } = services
  const read = (multihash: Uint8Array, place: PackLocation | undefined) => {
    let known = place
    return readBlock(services, multihash, async () => {
      // A second question means that the block lies there no more.
      const location = known ?? (await publicPlaces.find(multihash))
      known = undefined
      return location
    })
  }
  return {
    get(multihash) {
      const place = publicPlaces.peek(multihash)
      if (place === undefined || denials.isDenied(multihash)) return read(multihash, undefined)
      return verifiedBlocks.get(multihash) ?? read(multihash, place)
    },
    sizeOf: (multihash) =>
      publicPlaces.peek(multihash)?.length ?? publicPlaces.find(multihash).then((place) => place?.length),
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
