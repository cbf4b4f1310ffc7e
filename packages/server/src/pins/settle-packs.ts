import { type PackInfo, StorageDamaged } from '../blobs/blob-store.ts'
import type { Writers } from '../blobs/writers.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import type { Services } from '../services.ts'
import { addDeadBytes, deletePack, findLastBlockForGood, getPackId, listPacks } from './block-queries.ts'
import { type CompactServices, removeEmptyPack } from './compact-pack.ts'

/** What settling works with. */
export type SettleServices = CompactServices

/** What was found in packs of writers that are gone. */
export interface Settled {
  readonly removedPacks: number
  readonly cutPacks: number
  /** Packs that hold live blocks and are not there, end too early, or are not what was written. */
  readonly damagedPacks: readonly string[]
}

/**
 * Puts the packs of writers that died in order, while others live: a process that was killed leaves bytes that no row
 * names. Its stagings are given up by the reclaimer.
 */
export async function settleDeadWriters(
  services: SettleServices,
  { writers, signal }: { writers: Pick<Writers, 'takeDead'>; signal: AbortSignal },
): Promise<void> {
  const dead = writers.takeDead()
  try {
    for (const writer of dead) {
      signal.throwIfAborted()
      const { removedPacks, cutPacks } = await settlePacks(services, (id) => id === writer.id)
      await lookAtPacksOf(services, writer.id)
      writer.end()
      services.log.info({ writer: writer.id, removedPacks, cutPacks }, 'swept up after a process that died')
    }
  } finally {
    for (const writer of dead) writer[Symbol.dispose]()
  }
}

/** Cuts off and removes what no row names, in packs of the writers that are `gone`. */
export async function settlePacks(services: SettleServices, gone: (writerId: string) => boolean): Promise<Settled> {
  const { db, packs, clock, log } = services
  const files = new Map((await packs.list()).filter(({ writerId }) => gone(writerId)).map((file) => [file.pack, file]))
  const known = new Map(
    (await listPacks(db.read)).filter((row) => gone(row.writer_id)).map((row) => [row.name, row.id]),
  )
  for (const { pack, writerId } of files.values()) {
    if (known.has(pack)) continue
    // Perhaps its first row is being committed: then this waits for it. Without one nothing in it was acknowledged.
    known.set(pack, await db.write((tx) => getPackId(tx, { name: pack, writerId, at: clock.now() })))
  }
  const settled = { removedPacks: 0, cutPacks: 0, damagedPacks: [] as string[] }
  for (const [name, id] of known) {
    const outcome = await settlePack(services, { id, name, file: files.get(name) })
    if (outcome === 'removed') settled.removedPacks++
    if (outcome === 'cut') settled.cutPacks++
    if (outcome === 'damaged') settled.damagedPacks.push(name)
  }
  if (settled.damagedPacks.length > 0) {
    log.error(
      { packs: settled.damagedPacks },
      'packs with live blocks are missing, too short or others than they were; ./pinyon admin verify tells whose',
    )
  }
  return settled
}

type Outcome = 'fine' | 'removed' | 'cut' | 'damaged'

async function settlePack(
  services: SettleServices,
  { id, name, file }: { id: number; name: string; file: PackInfo | undefined },
): Promise<Outcome> {
  const { db, packs, verifiedBlocks } = services
  const last = await db.write((tx) => findLastBlockForGood(tx, id))
  if (last === undefined) {
    if (file === undefined) await db.write((tx) => deletePack(tx, id))
    else await removeEmptyPack(services, { id, name, sizeBytes: file.sizeBytes })
    return 'removed'
  }
  const endBytes = last.offset + last.length
  if (file === undefined || file.sizeBytes < endBytes) {
    verifiedBlocks.markShort(id, file?.sizeBytes ?? 0)
    return 'damaged'
  }
  if (file.sizeBytes === endBytes) return 'fine'
  // Another file may stand under this name, such as one that somebody put back in the wrong place.
  if (!(await isWhole(services, { ...last, pack: name }))) return 'damaged'
  await packs.truncate(name, endBytes)
  return 'cut'
}

async function isWhole(
  { packs }: Pick<Services, 'packs'>,
  block: { pack: string; offset: number; length: number; multihash: Uint8Array },
): Promise<boolean> {
  try {
    return verifyBytes(block.multihash, await packs.read(block))
  } catch (error) {
    if (error instanceof StorageDamaged) return false
    throw error
  }
}

/** What died in them only the dead process knew: whoever reclaims next looks at them. */
async function lookAtPacksOf({ db, packs }: Pick<Services, 'db' | 'packs'>, writerId: string): Promise<void> {
  const sizes = (await packs.list())
    .filter((pack) => pack.writerId === writerId)
    .map((pack) => [pack.pack, pack.sizeBytes] as const)
  if (sizes.length > 0) await db.write((tx) => addDeadBytes(tx, new Map(sizes)))
}
