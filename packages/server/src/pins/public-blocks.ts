import type { PublicBlocks } from '../ipfs/node/bitswap/servings.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findPublicBlock } from './block-queries.ts'
import { BlockDamaged, readBlock, type ReadServices } from './read-verified.ts'

/**
 * Blocks that anybody on the network may have: those that a public pin names at this moment. Each is asked for anew, so
 * that what became private or was taken down is not given any more; nothing is given while the ledger is still being recovered.
 */
export function openPublicBlocks(services: ReadServices & Pick<Services, 'health'>): PublicBlocks {
  const find = async (multihash: Uint8Array) => {
    if (services.health.state === 'starting' || services.denials.isDenied(multihash)) return undefined
    const [found] = await findPublicBlock(services.db.read, { multihash })
    return found
  }
  return {
    has: async (multihash) => (await find(multihash)) !== undefined,
    async get(multihash) {
      try {
        // Read once by each peer: hot are blocks that the gateway serves.
        return await readBlock(services, multihash, () => find(multihash), { isHot: false })
      } catch (error) {
        // Logged where it was found; for the peer it is as if absent.
        if (error instanceof BlockDamaged || isTakenDown(error)) return undefined
        throw error
      }
    },
  }
}

function isTakenDown(error: unknown): boolean {
  return (
    error instanceof AppError && (error.code === 'content_taken_down' || error.code === 'unavailable_for_legal_reasons')
  )
}
