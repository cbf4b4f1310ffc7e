import type { PackLocation } from '../blobs/blob-store.ts'
import type { Db } from '../db/database.ts'
import { isForeignKeyViolation } from '../db/violations.ts'
import { AppError } from '../lib/errors.ts'
import { getPackId, insertBlocks, replaceBlocks } from './block-queries.ts'
import { insertPinBlocks } from './queries.ts'

/** A block of an upload: where it was appended, or the stored block that it is. Keyed by `multihashKey`. */
export type WrittenBlock =
  | { readonly location: PackLocation; readonly length: number; readonly replacesDamaged?: true }
  | {
      readonly blockId: number
      readonly length: number
      /** The staging names it. */
      readonly isNamed?: true
    }

/** What the final transaction of an upload needs to know of its blocks. Their bytes are on stable storage. */
export interface WrittenBlocks {
  readonly writerId: string
  /** Blocks, each once, that the staging does not name yet or that were stored before. */
  readonly blocks: ReadonlyMap<string, WrittenBlock>
  /** The staging that names the others; undefined when there are none. */
  readonly staging: { readonly pinId: string; readonly numberOfBlocks: number } | undefined
  /** Called when all of this was published: nothing of it is garbage. */
  readonly onPublished: () => void
}

/**
 * Makes rows of blocks where they are new, and names all of them by the pin. Returns how many it did not name before.
 * Throws `unavailable` when a stored block that the upload relied on is not there any more.
 */
export async function insertWritten(
  tx: Db,
  written: Pick<WrittenBlocks, 'blocks' | 'writerId'> & { pinId: string; network: number; at: number },
): Promise<number> {
  const rows = await rowsOf(tx, written)
  // In one order for everybody: on PostgreSQL two uploads of the same blocks would otherwise wait for each other.
  rows.sort((a, b) => Buffer.compare(a.multihash, b.multihash))
  const blockIds = await insertBlocks(tx, rows)
  await replaceBlocks(
    tx,
    rows.filter(({ replacesDamaged }) => replacesDamaged),
    { at: written.at, from: 'upload' },
  )
  for (const block of written.blocks.values()) if ('blockId' in block && !block.isNamed) blockIds.add(block.blockId)
  try {
    return await insertPinBlocks(tx, { pinId: written.pinId, network: written.network, blockIds: [...blockIds] })
  } catch (error) {
    throw isForeignKeyViolation(error) ? takenAway(error) : error
  }
}

/** Has damaged blocks that were sent again lie where they do now, for every pin that names them. */
export async function replaceDamaged(
  tx: Db,
  written: Pick<WrittenBlocks, 'blocks' | 'writerId'> & { at: number; isUpload?: boolean },
): Promise<void> {
  const blocks = new Map([...written.blocks].filter(([, block]) => 'location' in block && block.replacesDamaged))
  if (blocks.size > 0)
    await replaceBlocks(tx, await rowsOf(tx, { ...written, blocks }), {
      at: written.at,
      from: written.isUpload === false ? undefined : 'upload',
    })
}

async function rowsOf(tx: Db, { blocks, writerId, at }: Pick<WrittenBlocks, 'blocks' | 'writerId'> & { at: number }) {
  const packIds = new Map<string, number>()
  const rows = []
  for (const [key, block] of blocks) {
    if ('blockId' in block) continue
    const { pack, offset, length } = block.location
    let packId = packIds.get(pack)
    if (packId === undefined) packIds.set(pack, (packId = await getPackId(tx, { name: pack, writerId, at })))
    const replacesDamaged = block.replacesDamaged === true
    rows.push({ multihash: Buffer.from(key, 'latin1'), pack_id: packId, offset, length, replacesDamaged })
  }
  return rows
}

/** What a client is told when something that its upload relied on was removed under it. */
export function takenAway(cause?: unknown): AppError {
  return new AppError('unavailable', 'Stored blocks of this content were removed meanwhile; send it again', {
    cause,
    retryAfterSeconds: 1,
  })
}
