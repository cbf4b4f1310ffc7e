import { type BlobReader, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import type { Database, Db } from '../db/database.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { surveyDag } from '../ipfs/walk-dag.ts'
import { findBlocks, findPlace } from './block-queries.ts'
import {
  countPinBlocks,
  deleteLostPinBlocks,
  findLastBlockId,
  insertPinBlocks,
  updateNumberOfBlocks,
} from './ledger-queries.ts'
import { listPinned } from './queries.ts'

interface RepairServices {
  readonly db: Database
  readonly packs: BlobReader
}

/** A pin whose blocks are not all there. */
export interface UnfinishedPin {
  readonly pinId: string
  readonly cid: string
  /** Some of the blocks that are missing. */
  readonly missing: readonly string[]
}

const sliceRows = 1000
const sliceIds = 100_000

/** Walks every pin whose ledger names fewer blocks than it did when it was published, and names what is reached. */
export async function repairLedger(
  services: RepairServices,
  signal?: AbortSignal,
): Promise<{ repairedPins: number; unfinishedPins: UnfinishedPin[] }> {
  const { db } = services
  let repairedPins = 0
  const unfinishedPins: UnfinishedPin[] = []
  const lastBlockId = (await findLastBlockId(db.read)) ?? 0
  for (let after = -1; after < lastBlockId; after += sliceIds) {
    signal?.throwIfAborted()
    const last = after + sliceIds
    await db.write((tx) => deleteLostPinBlocks(tx, { after, last }))
  }
  for (let after = ''; ;) {
    const pins = await listPinned(db.read, { after, limit: sliceRows })
    const last = pins.at(-1)
    if (last === undefined) return { repairedPins, unfinishedPins }
    after = last.id
    for (const pin of pins) {
      signal?.throwIfAborted()
      if (pin.multihash === null || (await countPinBlocks(db.read, pin.id)) >= pin.number_of_blocks) continue
      const root: Cid = { version: 1, codec: pin.codec, multihash: pin.multihash }
      const missing = await repairPin(services, { id: pin.id, network: pin.network, root }, signal)
      if (missing.length === 0) repairedPins++
      else unfinishedPins.push({ pinId: pin.id, cid: formatCid(root), missing: missing.map(formatCid) })
    }
  }
}

async function repairPin(
  { db, packs }: RepairServices,
  pin: { id: string; network: number; root: Cid },
  signal: AbortSignal | undefined,
): Promise<readonly Cid[]> {
  const bounds = { maxBlocks: Number.MAX_SAFE_INTEGER, maxMissing: Number.MAX_SAFE_INTEGER }
  const { missing, reached } = await surveyDag(allBlocks(db.read, packs), pin.root, {
    ...bounds,
    ...(signal === undefined ? {} : { signal }),
  })
  let slice: Uint8Array[] = []
  const name = async () => {
    const blockIds = (await findBlocks(db.read, slice)).map(({ id }) => id)
    await db.write((tx) =>
      insertPinBlocks(tx, { pinId: pin.id, network: pin.network, blockIds: [...new Set(blockIds)] }),
    )
    slice = []
  }
  for (const multihash of reached) {
    slice.push(multihash)
    if (slice.length >= sliceRows) await name()
  }
  if (slice.length > 0) await name()
  if (missing.length === 0) {
    const numberOfBlocks = await countPinBlocks(db.read, pin.id)
    await db.write((tx) => updateNumberOfBlocks(tx, { id: pin.id, numberOfBlocks }))
  }
  return missing.slice(0, 10)
}

/** Everything that is stored, whoever it belongs to. */
function allBlocks(db: Db, packs: BlobReader): SizedBlockSource {
  return {
    async get(multihash) {
      const [block] = await findPlace(db, { multihash })
      if (block === undefined) return undefined
      try {
        const bytes = await packs.read(block)
        return verifyBytes(multihash, bytes) ? bytes : undefined
      } catch (error) {
        if (error instanceof PackMissing || error instanceof StorageDamaged) return undefined
        throw error
      }
    },
    async sizeOf(multihash) {
      return (await findPlace(db, { multihash }))[0]?.length
    },
  }
}
