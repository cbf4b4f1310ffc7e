import { type BlobReader, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import { formatCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { LoopShare } from '../lib/loop-share.ts'
import { findPlace, listBlocksOfPack, listPacks } from './block-queries.ts'
import { listFilesOfBlock } from './ledger-queries.ts'
import { readSection } from './section-cid.ts'

/** What looking at stored blocks needs; it changes nothing and may run beside the server. */
export interface VerifyServices {
  readonly db: Pick<Database, 'read'>
  readonly packs: BlobReader
}

/** A block that cannot be served. */
export interface DamagedBlock {
  readonly cid: string
  readonly pack: string
  /** `missing`: its pack is not there or ends before it. `damaged`: its bytes are not those its hash names. */
  readonly reason: 'missing' | 'damaged'
  /** Some of the files that need it. */
  readonly files: readonly { readonly id: string; readonly accountId: string; readonly name: string | null }[]
}

/** The same by its place. */
export interface FoundDamage {
  readonly id: number
  readonly multihash: Uint8Array
  readonly pack: string
  readonly offset: number
  readonly length: number
}

/** What was found. */
export interface VerifyReport {
  packs: number
  blocks: number
  bytes: number
  /** The first thousand of them. */
  readonly damaged: DamagedBlock[]
  numberOfDamaged: number
  /** Packs that no row knows: being written just now, or left over. */
  readonly unknownPacks: string[]
}

/** How far it is. */
export interface VerifyProgress {
  readonly packs: number
  readonly ofPacks: number
  readonly blocks: number
  readonly bytes: number
}

interface Options {
  /** Reads every block and holds it against its hash; without it only whether packs and index belong together. */
  readonly all?: boolean
  readonly onProgress?: (progress: VerifyProgress) => void
  /** Told of every damaged block, also of those that are not listed. */
  readonly onDamaged?: (damage: FoundDamage) => void
  readonly signal?: AbortSignal
}

const sliceRows = 1000
const maxListed = 1000
const filesOfBlock = 20

/** Looks whether every live block is where the index says, and with `all` whether its bytes are the right ones. */
export async function verifyBlocks(services: VerifyServices, options: Options = {}): Promise<VerifyReport> {
  const { db, packs } = services
  const known = await listPacks(db.read)
  const files = new Map((await packs.list()).map(({ pack, sizeBytes }) => [pack, sizeBytes]))
  const names = new Set(known.map(({ name }) => name))
  const unknownPacks = [...files.keys()].filter((pack) => !names.has(pack))
  const report: VerifyReport = { packs: 0, blocks: 0, bytes: 0, damaged: [], numberOfDamaged: 0, unknownPacks }
  for (const { id, name } of known) {
    await verifyPack(services, { id, name, sizeBytes: files.get(name) }, { ...options, report, ofPacks: known.length })
    report.packs++
  }
  return report
}

async function verifyPack(
  services: VerifyServices,
  pack: { id: number; name: string; sizeBytes: number | undefined },
  { all = false, onProgress, onDamaged, signal, report, ofPacks }: Options & { report: VerifyReport; ofPacks: number },
): Promise<void> {
  const share = new LoopShare()
  for (let after = -1; ;) {
    signal?.throwIfAborted()
    const rows = await listBlocksOfPack(services.db.read, { packId: pack.id, after, limit: sliceRows })
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.offset
    for (const block of rows) {
      if (block.live === 0) continue
      if (share.isOver()) await share.pass()
      const isThere = pack.sizeBytes !== undefined && block.offset + block.length <= pack.sizeBytes
      // What is not there may have moved since the packs were listed.
      const reason = isThere && !all ? undefined : await findFault(services, block, pack.name)
      report.blocks++
      report.bytes += block.length
      if (reason === undefined) continue
      onDamaged?.({ ...block, pack: pack.name })
      await addDamaged(services, { block, pack: pack.name, reason }, report)
    }
    onProgress?.({ packs: report.packs, ofPacks, blocks: report.blocks, bytes: report.bytes })
  }
}

interface Block {
  readonly id: number
  readonly multihash: Uint8Array
  readonly offset: number
  readonly length: number
}

/** Why a block cannot be had where it lies, also after it was moved; undefined when it can, or when nobody needs it. */
export async function findFault(
  { db, packs }: { readonly db: Pick<Database, 'read'>; readonly packs: Pick<BlobReader, 'read'> },
  block: Pick<Block, 'multihash' | 'offset' | 'length'>,
  pack: string,
): Promise<DamagedBlock['reason'] | undefined> {
  let location = { pack, offset: block.offset, length: block.length }
  for (;;) {
    try {
      return verifyBytes(block.multihash, await packs.read(location)) ? undefined : 'damaged'
    } catch (error) {
      if (error instanceof StorageDamaged) return 'missing'
      if (!(error instanceof PackMissing)) throw error
      const [now] = await findPlace(db.read, { multihash: block.multihash })
      // Nobody needs it any more.
      if (now === undefined) return undefined
      if (now.pack === location.pack) return 'missing'
      location = now
    }
  }
}

async function addDamaged(
  { db, packs }: VerifyServices,
  { block, pack, reason }: { block: Block; pack: string; reason: DamagedBlock['reason'] },
  report: VerifyReport,
): Promise<void> {
  report.numberOfDamaged++
  if (report.damaged.length >= maxListed) return
  const section = await readSection(packs, block.multihash, { ...block, pack }).catch(() => undefined)
  // Where its section cannot be read, only the multihash is known.
  const cid = section?.cid ?? { version: 1, codec: codecs.raw, multihash: block.multihash }
  const files = await listFilesOfBlock(db.read, { blockId: block.id, limit: filesOfBlock })
  report.damaged.push({
    cid: formatCid(cid),
    pack,
    reason,
    files: files.map(({ id, account_id, name }) => ({ id, accountId: account_id, name })),
  })
}
