import { type NewBlock, type PackLocation, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import { ReadMemory } from '../blobs/read-memory.ts'
import type { Db } from '../db/database.ts'
import { cidBytes } from '../ipfs/cid.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import type { Services } from '../services.ts'
import { collectBlocks, type Collected, frontBytes } from './collect-pins.ts'
import { deletePack, getPackId, listBlocksOfPack, markEmptied, moveBlocks } from './block-queries.ts'
import type { Pace } from './pace.ts'
import { readSection, readSections, type SectionBytes } from './section-cid.ts'
import { failpoint } from '../lib/failpoint.ts'

/** What compaction needs. */
export type CompactServices = Pick<
  Services,
  'db' | 'packs' | 'blocksInFlight' | 'verifiedBlocks' | 'clock' | 'log' | 'metrics'
>

/** A pack as the ledger and the store know it. */
export interface KnownPack {
  readonly id: number
  readonly name: string
  readonly sizeBytes: number
}

/** Live bytes of a pack that may be moved into the room that is kept from uploads: a quarter of it by default. */
const reserveBytes = 64 * 1024 * 1024

/** Rows that one write changes at most: it holds the event loop for some milliseconds. */
const sliceRows = 256
/** Bytes that one append of compaction brings to the disk at most, and those that share a commit. */
const appendBytes = 256 * 1024
const sliceBytes = 4 * 1024 * 1024
/** Room for the blocks of one append, also for one of 2 MiB, with what stands before them; larger ones take memory of their own. */
const memoryBytes = 2 * 1024 * 1024 + 64 * 1024

/** A block that was appended elsewhere, where no row names it yet. */
interface Copied {
  readonly id: number
  readonly location: PackLocation
}

/** A block as it lies in the pack that is emptied. */
interface StoredCopy {
  readonly id: number
  readonly multihash: Uint8Array
  readonly offset: number
  readonly length: number
}

/** Bytes of a pack that are sections of live blocks; dead ones are forgotten on the way. */
export async function measureLive(
  services: CompactServices,
  pack: KnownPack,
  { into, pace }: { into: Collected; pace: Pace },
): Promise<number> {
  let liveBytes = 0
  for (let after = -1; ;) {
    const started = performance.now()
    const rows = await listBlocksOfPack(services.db.read, { packId: pack.id, after, limit: sliceRows })
    const last = rows.at(-1)
    if (last === undefined) return liveBytes
    after = last.offset
    const dead = rows.filter(({ live }) => live === 0).map(({ id }) => id)
    if (dead.length > 0) await collectBlocks(services, dead, into, pace)
    for (const { id, length, live } of rows) {
      if (live === 1 || into.deferred.has(id)) liveBytes += length + frontBytes
    }
    await pace.rest(started)
  }
}

/**
 * Moves every block that lies in a sealed pack elsewhere, slice by slice: copy, sync, then one write changes the rows.
 * Readers find a block in one place or the other at any moment. False when blocks had to stay because their bytes are
 * damaged.
 */
export async function moveBlocksOut(
  services: CompactServices,
  pack: KnownPack,
  { pace, liveBytes }: { pace: Pace; liveBytes: number },
): Promise<{ isEmpty: boolean; movedBlocks: number }> {
  // On a full disk nothing else would ever give room back.
  const mayUseReserve = liveBytes <= reserveBytes
  using lent = lendMemory()
  const { memory } = lent
  let movedBlocks = 0
  let isEmpty = true
  for (let after = -1; ;) {
    const rows = await listBlocksOfPack(services.db.read, { packId: pack.id, after, limit: sliceRows })
    const last = rows.at(-1)
    if (last === undefined) return { isEmpty, movedBlocks }
    after = last.offset
    for (const blocks of inRuns(rows, sliceBytes, ({ length }) => length)) {
      const copied: Copied[] = []
      for (const run of inRuns(blocks, appendBytes, ({ length }) => length)) {
        const started = performance.now()
        const copies = await copyBlocks(services, pack, { run, memory, mayUseReserve })
        if (copies.length < run.length) isEmpty = false
        copied.push(...copies)
        await pace.rest(started)
      }
      const started = performance.now()
      movedBlocks += await moveRows(services, pack, copied)
      failpoint('compaction-moved')
      await pace.rest(started)
    }
  }
}

let idleMemory: ReadMemory | undefined

/** Memory that each append lies in in turn; it is used again for the next pack. */
function lendMemory(): Disposable & { readonly memory: ReadMemory } {
  const memory = idleMemory ?? new ReadMemory(memoryBytes)
  idleMemory = undefined
  return {
    memory,
    [Symbol.dispose]() {
      idleMemory = memory
    },
  }
}

/** Removes a pack in which no block lies, file first, so that the ledger never forgets a file that is there. */
export async function removeEmptyPack(
  { db, packs, clock }: CompactServices,
  pack: KnownPack,
  pace?: Pace,
): Promise<boolean> {
  if (!(await db.write((tx) => markEmptied(tx, { id: pack.id, at: clock.now() })))) return false
  failpoint('pack-emptied')
  try {
    await packs.remove(pack.name, pace && { between: (startedMs) => pace.rest(startedMs) })
  } catch (error) {
    if (!(error instanceof PackMissing)) throw error
  }
  failpoint('pack-removed')
  await db.write((tx) => deletePack(tx, pack.id))
  return true
}

/** The items in runs of at most so many bytes, at least one item each. */
function* inRuns<Item>(items: readonly Item[], maxBytes: number, sizeOf: (item: Item) => number): Generator<Item[]> {
  let run: Item[] = []
  let bytes = 0
  for (const item of items) {
    if (run.length > 0 && bytes + sizeOf(item) > maxBytes) {
      yield run
      run = []
      bytes = 0
    }
    run.push(item)
    bytes += sizeOf(item)
  }
  if (run.length > 0) yield run
}

/** Appends those of the blocks that are sound elsewhere, and makes them durable. */
async function copyBlocks(
  services: CompactServices,
  pack: KnownPack,
  { run, memory, mayUseReserve }: { run: readonly StoredCopy[]; memory: ReadMemory; mayUseReserve: boolean },
): Promise<Copied[]> {
  memory.clear()
  const ids: number[] = []
  const blocks: NewBlock[] = []
  for await (const { block, section } of readEach(services, pack, run, memory)) {
    if (section === undefined || !verifyBytes(block.multihash, section.bytes)) {
      services.metrics.damagedBlocks.inc()
      services.verifiedBlocks.markDamaged(block.multihash)
      const location = { pack: pack.name, offset: block.offset, length: block.length }
      services.log.error({ location }, 'a stored block is damaged; its pack is kept')
      continue
    }
    ids.push(block.id)
    blocks.push({ cid: cidBytes(section.cid), bytes: [section.bytes] })
  }
  if (blocks.length === 0) return []
  const locations = await services.packs.append(blocks, { mayUseReserve, isApart: true })
  // A sync of an upload has no more of these to bring to the disk than one append.
  await services.packs.sync(new Set(locations.map(({ pack: to }) => to)))
  return locations.map((location, i) => ({ id: ids[i]!, location })) // one for each block
}

/** Reads them together where the disk gives them all, one by one where it does not; undefined where it has not got one. */
async function* readEach(
  { packs }: CompactServices,
  { name }: KnownPack,
  run: readonly StoredCopy[],
  memory: ReadMemory,
): AsyncGenerator<{ block: StoredCopy; section: SectionBytes | undefined }> {
  let done = 0
  try {
    for await (const read of readSections(packs, name, run, memory)) {
      done++
      yield read
    }
  } catch (error) {
    if (!(error instanceof StorageDamaged)) throw error
    for (const block of run.slice(done)) {
      const section = readSection(packs, block.multihash, { ...block, pack: name })
      yield { block, section: await section.catch(damagedAsNone) }
    }
  }
}

function damagedAsNone(error: unknown): undefined {
  if (!(error instanceof StorageDamaged)) throw error
}

/** Has the rows name copies, which are durable. Returns how many did. */
async function moveRows(
  { db, packs, clock }: CompactServices,
  from: KnownPack,
  copied: readonly Copied[],
): Promise<number> {
  if (copied.length === 0) return 0
  failpoint('compaction-copied')
  const at = clock.now()
  return db.write(async (tx: Db) => {
    const to = []
    for (const { id, location } of copied) {
      const packId = await getPackId(tx, { name: location.pack, writerId: packs.writerId, at })
      to.push({ id, packId, offset: location.offset })
    }
    return moveBlocks(tx, { from: from.id, to })
  })
}
