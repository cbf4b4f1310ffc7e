import type { PackLocation } from '../blobs/blob-store.ts'
import type { Db } from '../db/database.ts'
import { isForeignKeyViolation } from '../db/violations.ts'
import { AppError } from '../lib/errors.ts'
import { getPackId, insertBlocks, replaceBlocks } from './block-queries.ts'
import { insertPinBlockRows } from './ledger-queries.ts'

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

/** Blocks that a pin is to name. */
type NamedBlocks = Pick<WrittenBlocks, 'blocks' | 'writerId'> & { pinId: string; network: number; at: number }

/**
 * Makes rows of blocks where they are new, and names all of them by their pins. Returns how many were not named before.
 * Throws `unavailable` when a stored block that an upload relied on is not there any more.
 */
export async function insertWritten(tx: Db, ...written: readonly NamedBlocks[]): Promise<number> {
  const packIds = new Map<string, number>()
  const rows = []
  for (const each of written) rows.push(...(await rowsOf(tx, each, packIds)))
  // In one order for everybody: on PostgreSQL two uploads of the same blocks would otherwise wait for each other.
  rows.sort((a, b) => Buffer.compare(a.multihash, b.multihash))
  const ids = await insertBlocks(tx, rows)
  const named = []
  for (const each of written) {
    await replaceDamaged(tx, each)
    const { blocks, pinId, network } = each
    for (const [key, block] of blocks) {
      if ('blockId' in block && block.isNamed) continue
      const id = 'blockId' in block ? block.blockId : ids.get(key)! // a row of each was inserted
      named.push({ block_id: id, network, pin_id: pinId })
    }
  }
  try {
    return await insertPinBlockRows(tx, named)
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

async function rowsOf(
  tx: Db,
  { blocks, writerId, at }: Pick<WrittenBlocks, 'blocks' | 'writerId'> & { at: number },
  packIds = new Map<string, number>(),
) {
  const rows = []
  for (const [key, block] of blocks) {
    if ('blockId' in block) continue
    const { pack, offset, length } = block.location
    let packId = packIds.get(pack)
    if (packId === undefined) packIds.set(pack, (packId = await getPackId(tx, { name: pack, writerId, at })))
    rows.push({ multihash: Buffer.from(key, 'latin1'), pack_id: packId, offset, length })
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
