import { setTimeout } from 'node:timers/promises'
import { type PackLocation, PackMissing, StorageDamaged } from '../blobs/blob-store.ts'
import type { Db } from '../db/database.ts'
import { cidBytes } from '../ipfs/cid.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import type { Services } from '../services.ts'
import { collectBlocks, type Collected, frontBytes } from './collect-pins.ts'
import { deletePack, getPackId, listBlocksOfPack, markEmptied, moveBlocks } from './block-queries.ts'
import { readSection } from './section-cid.ts'
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

/** How a long piece of work is kept small. */
export interface Pace {
  /** The part of the time that is worked, above 0, at most 1; asked for after each step, so it may change. */
  readonly share: number
  readonly signal: AbortSignal
}

/** Rows that one write changes at most: it holds the event loop for some milliseconds. */
const sliceRows = 256
/** Bytes that one commit of compaction covers at most, and those that one append and its sync bring to the disk. */
const sliceBytes = 4 * 1024 * 1024
const appendBytes = 1024 * 1024

/** A block read back, on its way elsewhere. */
interface Copy {
  readonly id: number
  readonly cid: Uint8Array
  readonly bytes: Uint8Array
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
    if (dead.length > 0) await collectBlocks(services, dead, into)
    for (const { id, length, live } of rows) {
      if (live === 1 || into.deferred.has(id)) liveBytes += length + frontBytes
    }
    await rest(pace, started)
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
  let movedBlocks = 0
  let isEmpty = true
  for (let after = -1; ;) {
    const rows = await listBlocksOfPack(services.db.read, { packId: pack.id, after, limit: sliceRows })
    const last = rows.at(-1)
    if (last === undefined) return { isEmpty, movedBlocks }
    after = last.offset
    for (const blocks of inRuns(rows, sliceBytes, ({ length }) => length)) {
      const started = performance.now()
      const slice: Copy[] = []
      for (const block of blocks) {
        const copy = await readCopy(services, pack, block)
        if (copy === undefined) isEmpty = false
        else slice.push({ id: block.id, ...copy })
      }
      movedBlocks += await moveSlice(services, pack, { slice, mayUseReserve })
      failpoint('compaction-moved')
      await rest(pace, started)
    }
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
    await packs.remove(pack.name, pace && { between: (startedMs) => rest(pace, startedMs) })
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

async function readCopy(
  { packs, log, metrics, verifiedBlocks }: CompactServices,
  pack: KnownPack,
  block: { multihash: Uint8Array; offset: number; length: number },
): Promise<{ cid: Uint8Array; bytes: Uint8Array } | undefined> {
  const location = { pack: pack.name, offset: block.offset, length: block.length }
  try {
    const { cid, bytes } = await readSection(packs, block.multihash, location)
    if (verifyBytes(block.multihash, bytes)) return { cid: cidBytes(cid), bytes }
  } catch (error) {
    if (!(error instanceof StorageDamaged)) throw error
  }
  metrics.damagedBlocks.inc()
  verifiedBlocks.markDamaged(block.multihash)
  log.error({ location }, 'a stored block is damaged; its pack is kept')
  return undefined
}

async function moveSlice(
  { db, packs, clock }: CompactServices,
  from: KnownPack,
  { slice, mayUseReserve }: { slice: readonly Copy[]; mayUseReserve: boolean },
): Promise<number> {
  if (slice.length === 0) return 0
  const locations: PackLocation[] = []
  // One after the other, so that what uploads ask of the disk gets in between.
  for (const run of inRuns(slice, appendBytes, ({ bytes }) => bytes.length)) {
    const blocks = run.map(({ cid, bytes }) => ({ cid, bytes: [bytes] }))
    const places = await packs.append(blocks, { mayUseReserve, isApart: true })
    await packs.sync(new Set(places.map(({ pack }) => pack)))
    locations.push(...places)
  }
  failpoint('compaction-copied')
  const at = clock.now()
  return db.write(async (tx: Db) => {
    const to = []
    for (const [i, { pack, offset }] of locations.entries()) {
      const packId = await getPackId(tx, { name: pack, writerId: packs.writerId, at })
      to.push({ id: slice[i]!.id, packId, offset }) // one location for each block
    }
    return moveBlocks(tx, { from: from.id, to })
  })
}

/** Leaves the machine to others for a while, in proportion to the work since `started`. */
export async function rest({ share, signal }: Pace, started: number): Promise<void> {
  signal.throwIfAborted()
  const restMs = (performance.now() - started) * (1 / share - 1)
  if (restMs >= 1) await setTimeout(restMs, undefined, { signal })
}
