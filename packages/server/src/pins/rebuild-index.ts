import { type BlobReader, type PackInfo, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import type { Database } from '../db/database.ts'
import { cidFromBytes } from '../ipfs/cid.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { AppError } from '../lib/errors.ts'
import type { Clock } from '../lib/clock.ts'
import type { Services } from '../services.ts'
import { writeMark } from './ledger-mark.ts'
import { findBlocks, getPackId, insertBlocks, listPacks, replaceBlocks } from './block-queries.ts'
import { repairLedger, type UnfinishedPin } from './repair-ledger.ts'

/** What rebuilding needs. Nothing else may have the data directory open. */
export interface RebuildServices {
  readonly db: Database
  readonly packs: BlobReader
  readonly clock: Clock
  readonly installation: Pick<Services['installation'], 'id'>
}

/** What was found in the packs and made of it. */
export interface RebuildReport {
  packs: number
  sections: number
  bytes: number
  /** Blocks that the index had lost. */
  addedBlocks: number
  /** Blocks that did not lie where the index said. */
  movedBlocks: number
  /** Sections that are no block: bytes that do not match, hashes that are not accepted. The first hundred. */
  readonly foreign: { readonly pack: string; readonly offset: number; readonly reason: string }[]
  numberOfForeign: number
  /** Packs that are not made of whole sections to their end. */
  readonly tornPacks: { readonly pack: string; readonly endBytes: number; readonly sizeBytes: number }[]
  /** Pins whose ledger was written anew. */
  repairedPins: number
  /** Pins whose blocks are not all there. */
  readonly unfinishedPins: readonly UnfinishedPin[]
}

interface Options {
  /** The directory of the packs, which are marked as belonging to this database. */
  readonly dir: string
  readonly onProgress?: (progress: { packs: number; ofPacks: number; sections: number; bytes: number }) => void
  readonly signal?: AbortSignal
}

interface Found {
  readonly multihash: Uint8Array
  readonly pack: string
  readonly packId: number
  readonly offset: number
  readonly length: number
}

const sliceSections = 1000
const maxListed = 100

/**
 * Fills the block index again from what lies in the packs: every section is read and held against its hash, blocks that
 * the index knows keep their ids. Pins whose ledger has lost blocks are walked from their root and written anew. The
 * packs are marked as belonging to this database, whatever they were marked with.
 */
export async function rebuildIndex(services: RebuildServices, options: Options): Promise<RebuildReport> {
  const report = emptyReport()
  const files = await services.packs.list()
  const tell = () => {
    options.signal?.throwIfAborted()
    const { packs, sections, bytes } = report
    options.onProgress?.({ packs, ofPacks: files.length, sections, bytes })
  }
  for (const file of files) {
    await indexPack(services, file, { report, tell })
    report.packs++
    tell()
  }
  const { repairedPins, unfinishedPins } = await repairLedger(services, options.signal)
  await writeMark(services, options.dir)
  return { ...report, repairedPins, unfinishedPins }
}

async function indexPack(
  services: RebuildServices,
  { pack, writerId, sizeBytes }: PackInfo,
  { report, tell }: { report: RebuildReport; tell: () => void },
): Promise<void> {
  const at = services.clock.now()
  const packId = await services.db.write((tx) => getPackId(tx, { name: pack, writerId, at }))
  const scan = services.packs.scanBytes(pack)
  let slice: Found[] = []
  for await (const { cid, location, bytes } of scan) {
    const multihash = readBlockHash(cid, bytes)
    if (typeof multihash === 'string') addForeign(report, { ...location, reason: multihash })
    else slice.push({ multihash, pack, packId, offset: location.offset, length: location.length })
    report.sections++
    report.bytes += bytes.length
    if (slice.length < sliceSections) continue
    await keep(services, slice, report)
    slice = []
    tell()
  }
  await keep(services, slice, report)
  if (scan.endBytes < sizeBytes) report.tornPacks.push({ pack, endBytes: scan.endBytes, sizeBytes })
}

/** The multihash, when the bytes are those it names; else why it is no block. */
function readBlockHash(cid: Uint8Array, bytes: Uint8Array): Uint8Array | string {
  try {
    const { multihash } = cidFromBytes(cid).cid
    if (multihash[0] === 0) return 'an identity CID needs no block'
    return verifyBytes(multihash, bytes) ? multihash.slice() : 'its bytes do not match its hash'
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/** Has the index say where these blocks lie, unless what it says is true as well. */
async function keep(services: RebuildServices, slice: readonly Found[], report: RebuildReport): Promise<void> {
  if (slice.length === 0) return
  const { db } = services
  const names = new Map((await listPacks(db.read)).map(({ id, name }) => [id, name]))
  const rows = await findBlocks(
    db.read,
    slice.map(({ multihash }) => multihash),
  )
  const known = new Map(rows.map((row) => [multihashKey(row.multihash), row]))
  const added = new Map<string, Found>()
  const moved: Found[] = []
  for (const found of slice) {
    const key = multihashKey(found.multihash)
    const row = known.get(key)
    if (row === undefined) {
      added.set(key, found)
      continue
    }
    if (row.pack_id === found.packId && row.offset === found.offset) continue
    const pack = names.get(row.pack_id)
    if (pack !== undefined && (await isThere(services, { ...row, pack }))) continue
    moved.push(found)
    known.set(key, { ...row, pack_id: found.packId, offset: found.offset })
  }
  await db.write(async (tx) => {
    const rowOf = ({ multihash, packId, offset, length }: Found) => ({ multihash, pack_id: packId, offset, length })
    await insertBlocks(tx, [...added.values()].map(rowOf))
    await replaceBlocks(tx, moved.map(rowOf), { at: services.clock.now(), from: 'another pack' })
  })
  report.addedBlocks += added.size
  report.movedBlocks += moved.length
}

async function isThere(
  { packs }: RebuildServices,
  block: { multihash: Uint8Array; pack: string; offset: number; length: number },
): Promise<boolean> {
  try {
    return verifyBytes(block.multihash, await packs.read(block))
  } catch (error) {
    if (error instanceof PackMissing || error instanceof StorageDamaged) return false
    throw error
  }
}

function addForeign(report: RebuildReport, section: { pack: string; offset: number; reason: string }): void {
  report.numberOfForeign++
  if (report.foreign.length < maxListed) {
    report.foreign.push({ pack: section.pack, offset: section.offset, reason: section.reason })
  }
}

function emptyReport(): RebuildReport {
  const counts = {
    packs: 0,
    sections: 0,
    bytes: 0,
    addedBlocks: 0,
    movedBlocks: 0,
    numberOfForeign: 0,
    repairedPins: 0,
  }
  return { ...counts, foreign: [], tornPacks: [], unfinishedPins: [] }
}
