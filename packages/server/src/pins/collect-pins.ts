import type { Database, Db } from '../db/database.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import type { Services } from '../services.ts'
import { deleteDead, listDead } from './block-queries.ts'
import { deletePin, listReleasing, listStagings, markReleasing, unnamePin } from './queries.ts'
import type { Pace } from './pace.ts'
import { deletePinBlocksUpTo, listPinBlocks } from './ledger-queries.ts'

type CollectServices = Pick<Services, 'db' | 'blocksInFlight' | 'packs' | 'log'>

/** Rows of the ledger that one write deletes at most. */
const sliceRows = 64
/** The same where the writes of others stand behind it. */
const sharedSliceRows = 24
/** What a section has beside its payload: its length and its CID. */
export const frontBytes = 39
/** Pins that one write ends at most. */
const slicePins = 32

/** What a collection did, added up. */
export interface Collected {
  pins: number
  blocks: number
  /** Bytes of blocks that were forgotten, by pack. */
  readonly freed: Map<string, number>
  /** Dead blocks that an upload under way holds: to be looked at again. */
  readonly deferred: Set<number>
}

/**
 * Ends pins that nobody holds and stagings that no upload stands behind: takes their rows out of the ledger, slice by
 * slice, and forgets the blocks that no other pin names. A pin that a file still names is left and logged. Uploads of
 * writers that live stand behind their stagings.
 */
export async function collectPins(
  services: CollectServices,
  into: Collected,
  { pace, living }: { pace: Pace; living: ReadonlySet<string> },
): Promise<void> {
  const { signal } = pace
  const { db, log, packs, blocksInFlight } = services
  await abandonStagings(services, ({ id, writer_id: writer }) =>
    writer === packs.writerId ? !blocksInFlight.isStaging(id) : writer === null || !living.has(writer),
  )
  for (let after = ''; ;) {
    const pins = await listReleasing(db.read, { after, limit: slicePins })
    const last = pins.at(-1)
    if (last === undefined) return
    after = last.id
    try {
      await collectAll(
        services,
        pins.map(({ id }) => id),
        into,
        pace,
      )
    } catch (error) {
      signal.throwIfAborted()
      // One that cannot be ended must not keep the others.
      for (const { id } of pins) {
        await collectAll(services, [id], into, pace).catch((err: unknown) => {
          signal.throwIfAborted()
          log.error({ pin: id, err, first: error }, 'a pin that nobody holds could not be collected')
        })
      }
    }
  }
}

/** Gives stagings up, so that they are collected. Returns how many. */
export async function abandonStagings(
  { db }: Pick<CollectServices, 'db'>,
  isAbandoned: (staging: { id: string; writer_id: string | null }) => boolean,
): Promise<number> {
  const ids = (await listStagings(db.read)).filter(isAbandoned).map(({ id }) => id)
  if (ids.length === 0) return 0
  await db.write(async (tx) => {
    for (const id of ids) await markReleasing(tx, id)
  })
  return ids.length
}

/** Forgets those of the blocks that no row of the ledger names. */
export async function collectBlocks(
  { db, blocksInFlight }: Pick<CollectServices, 'db' | 'blocksInFlight'>,
  ids: readonly number[],
  into: Collected,
  pace: Pace,
): Promise<void> {
  for (let at = 0; at < ids.length;) {
    const started = performance.now()
    const slice = ids.slice(at, at + rowsOfOne(db, pace))
    at += slice.length
    const doomed = new Set<string>()
    try {
      addUp(await db.write((tx) => forgetDead(tx, { ids: slice, blocksInFlight, doomed })), into)
    } finally {
      blocksInFlight.undoom(doomed)
    }
    await pace.rest(started)
  }
}

async function collectAll(
  { db, blocksInFlight }: CollectServices,
  pinIds: readonly string[],
  into: Collected,
  pace: Pace,
): Promise<void> {
  for (let left = pinIds; left.length > 0;) {
    pace.signal.throwIfAborted()
    const started = performance.now()
    const doomed = new Set<string>()
    const pins = left
    const maxRows = rowsOfOne(db, pace)
    try {
      const outcome = await db.write(async (tx) => {
        const { ended, ids } = await deleteRows(tx, pins, maxRows)
        return { ended, ...(await forgetDead(tx, { ids, blocksInFlight, doomed })) }
      })
      left = left.slice(outcome.ended)
      into.pins += outcome.ended
      addUp(outcome, into)
    } finally {
      blocksInFlight.undoom(doomed)
    }
    await pace.rest(started)
  }
}

/** Takes as many rows as one write may out of the ledger. Says how many of the pins have none left and were deleted. */
async function deleteRows(
  tx: Db,
  pinIds: readonly string[],
  maxRows: number,
): Promise<{ ended: number; ids: number[] }> {
  const ids = new Set<number>()
  let rows = 0
  for (const [index, id] of pinIds.entries()) {
    const [pin] = await unnamePin(tx, { id })
    // It has a holder again.
    if (pin === undefined) continue
    const limit = maxRows - rows
    if (limit <= 0) return { ended: index, ids: [...ids] }
    const slice = await listPinBlocks(tx, { pinId: id, after: -1, limit })
    const last = slice.at(-1)
    if (last !== undefined) await deletePinBlocksUpTo(tx, { pinId: id, last: last.block_id })
    for (const { block_id } of slice) ids.add(block_id)
    rows += slice.length
    if (slice.length === limit) return { ended: index, ids: [...ids] }
    await deletePin(tx, { id })
  }
  return { ended: pinIds.length, ids: [...ids] }
}

/** Only SQLite has one write after another; there an upload waits for the one that runs each time it writes. */
function rowsOfOne({ dialect }: Pick<Database, 'dialect'>, { isShared }: Pace): number {
  return dialect === 'sqlite' && isShared ? sharedSliceRows : sliceRows
}

interface Forgotten {
  readonly dead: readonly { id: number; length: number; pack: string }[]
  readonly gone: ReadonlySet<number>
}

async function forgetDead(
  tx: Db,
  {
    ids,
    blocksInFlight,
    doomed,
  }: { ids: readonly number[]; blocksInFlight: Services['blocksInFlight']; doomed: Set<string> },
): Promise<Forgotten> {
  const dead = distinct(await listDead(tx, ids))
  for (const key of blocksInFlight.doom(dead.map(({ multihash }) => multihashKey(multihash)))) doomed.add(key)
  const free = dead.filter(({ multihash }) => doomed.has(multihashKey(multihash))).map(({ id }) => id)
  const gone = new Set((await deleteDead(tx, free)).map(({ id }) => id))
  return { dead, gone }
}

function addUp({ dead, gone }: Forgotten, into: Collected): void {
  for (const { id, length, pack } of dead) {
    if (gone.has(id)) {
      into.blocks++
      into.freed.set(pack, (into.freed.get(pack) ?? 0) + length + frontBytes)
      into.deferred.delete(id)
    } else {
      into.deferred.add(id)
    }
  }
}

function distinct<Row extends { id: number }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
}
