import type { Caller } from '../caller.ts'
import { knownBlock } from '../ipfs/node/known-block.ts'
import type { Cid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { type BlockWriter, openBlockWriter } from '../pins/block-writer.ts'
import type { WriteServices } from '../pins/upload-blocks.ts'
import { findBlocks } from '../pins/block-queries.ts'
import { findPublicPin } from '../pins/queries.ts'
import { findVisibleTo } from '../pins/visible-to.ts'
import { completeCar } from '../uploads/car-import.ts'
import type { Content } from '../uploads/content.ts'

/** Larger content is left to the queue, which finds it here as well: nobody waits for an answer meanwhile. */
const maxBlocks = 1_000

/** Content that is here already and may be published; `writer` must live until it was. */
export interface LocalContent {
  readonly content: Content
  readonly writer: BlockWriter
}

/**
 * The content of a root that a public pin or a pin of the account contains, or that its CID says by itself (identity,
 * the empty block); dispose of its writer afterwards. `pinned`: the root has a public pin, which needs one holder more
 * and nothing written. `absent` for everything else, also for what only others hold privately, and for what is so large
 * that it takes a while.
 */
export async function findLocalContent(
  services: WriteServices,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  root: Cid,
  signal: AbortSignal,
): Promise<LocalContent | 'pinned' | 'absent'> {
  const { multihash, codec } = root
  const known = knownBlock(root)
  if (known === undefined) {
    const [stored] = await findBlocks(services.db.read, [multihash])
    if (stored === undefined) return 'absent'
  }
  const [pinned] = await findPublicPin(services.db.read, { multihash, codec })
  if (pinned !== undefined) return 'pinned'
  if (known === undefined && (await findVisibleTo(services.db.read, { accountId, reach, multihash })) === undefined) {
    return 'absent'
  }
  const writer = openBlockWriter(services, { accountId, reach, network: 'public' })
  try {
    if (known !== undefined) await writer.put({ ...root, bytes: [known], sizeBytes: known.length })
    const dag = await completeCar({ roots: [root] }, writer, signal, maxBlocks)
    const written = await writer.finish({ network: 'public', reached: dag.reached })
    return { content: { ...dag, written, defaultName: null }, writer }
  } catch (error) {
    await writer[Symbol.asyncDispose]()
    if (error instanceof AppError && isForTheQueue.has(error.code)) return 'absent'
    throw error
  }
}

/** What a fetch may mend, takes long over, or fails with in words of its own. */
const isForTheQueue = new Set(['incomplete_dag', 'too_large', 'invalid_block', 'unsupported_codec', 'unsupported_hash'])
