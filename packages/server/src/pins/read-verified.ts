import { type BlobReader, type PackLocation, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import { formatCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'

/** What reading blocks needs; processes that do not write have it too. */
export interface ReadServices extends Pick<Services, 'verifiedBlocks' | 'denials' | 'metrics' | 'log'> {
  readonly db: Pick<Database, 'read'>
  readonly packs: Pick<BlobReader, 'read'>
}

/** A stored block whose bytes are not those its hash names, or that lies nowhere any more. Never served. */
export class BlockDamaged extends AppError {
  readonly multihash: Uint8Array

  constructor(multihash: Uint8Array, options: { cause?: unknown } = {}) {
    super('storage_failed', 'A stored block of this content is damaged', options)
    this.name = 'BlockDamaged'
    this.multihash = multihash
  }
}

/** How often a block that moved while it was read is looked up again. */
const attempts = 3

/**
 * Reads the block that `find` finds for this reader, and holds its bytes against their hash before anybody sees one.
 * `find` is asked each time; only bytes come from the cache, and go there when they are `isHot`. Undefined when it finds nothing.
 * Throws `BlockDamaged`, and `content_taken_down` for what the operator has taken down.
 */
export async function readBlock(
  services: Omit<ReadServices, 'db'>,
  multihash: Uint8Array,
  find: () => Promise<PackLocation | undefined>,
  { isHot = true }: { isHot?: boolean } = {},
): Promise<Uint8Array | undefined> {
  services.denials.requireReadable(multihash)
  let missing: unknown
  for (let attempt = 0; attempt < attempts; attempt++) {
    const location = await find()
    if (location === undefined) return undefined
    const known = services.verifiedBlocks.get(multihash)
    if (known !== undefined) return known
    try {
      const bytes = await readVerified(services, multihash, location)
      if (isHot) services.verifiedBlocks.keep(multihash, bytes)
      return bytes
    } catch (error) {
      if (!(error instanceof PackMissing)) throw error
      missing = error
    }
  }
  throw damaged(services, multihash, missing)
}

/** The bytes at a place, verified. Throws `PackMissing` and `BlockDamaged`. */
async function readVerified(
  services: Omit<ReadServices, 'db' | 'denials'>,
  multihash: Uint8Array,
  location: PackLocation,
): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = await services.packs.read(location)
  } catch (error) {
    throw error instanceof StorageDamaged ? damaged(services, multihash, error, location) : error
  }
  if (!verifyBytes(multihash, bytes)) throw damaged(services, multihash, undefined, location)
  return bytes
}

function damaged(
  { metrics, log, verifiedBlocks }: Omit<ReadServices, 'db' | 'packs' | 'denials'>,
  multihash: Uint8Array,
  cause: unknown,
  location?: PackLocation,
): BlockDamaged {
  metrics.damagedBlocks.inc()
  verifiedBlocks.markDamaged(multihash)
  // The ledger knows blocks by their hash alone; as a raw block's CID it can be looked for with any IPFS tool.
  const cid = formatCid({ version: 1, codec: codecs.raw, multihash })
  log.error({ cid, location, err: cause }, 'a stored block is damaged; it is not served')
  return new BlockDamaged(multihash, { cause })
}
