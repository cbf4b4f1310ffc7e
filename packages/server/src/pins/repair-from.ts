import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { BlobReader } from '../blobs/blob-store.ts'
import { openDiskPacks } from '../blobs/disk.ts'
import { copyPack } from '../blobs/copy-pack.ts'
import { systemFileOps } from '../blobs/file-ops.ts'
import { packPath } from '../blobs/pack-names.ts'
import { frontLength, writeFront } from '../blobs/car-section.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { cidFromBytes, parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findPlace, listPacks } from './block-queries.ts'
import { countDamage, listDamage } from './damage-queries.ts'
import { recordRepaired } from './repair-block.ts'
import { type DamagedBlock, findFault, type FoundDamage, verifyBlocks, type VerifyProgress } from './verify.ts'

/** What was mended, and what was not. */
export interface RepairReport {
  readonly damaged: number
  readonly repaired: number
  /** Packs that were missing or cut short, and were completed. */
  readonly completedPacks: readonly string[]
  /** Of those that the other copy does not have whole either, as far as they were listed. */
  readonly left: readonly DamagedBlock[]
}

interface Options {
  /** The packs of this installation, and those of the copy. */
  readonly dir: string
  readonly from: string
  readonly onProgress?: (progress: VerifyProgress) => void
  readonly signal?: AbortSignal | undefined
}

/**
 * Mends every damaged block that a copy of the packs has whole, private ones too, where it lies: a section is made of its
 * CID and its bytes alone, so it is the same wherever it comes from. Packs that are missing or cut short are completed
 * from those of the same name, which are only ever appended to; damage that ends so is settled too. Nothing may write meanwhile; stopped, it is run again.
 */
export async function repairFrom(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  { dir, from, onProgress, signal }: Options,
): Promise<RepairReport> {
  const completedPacks = await completePacks(services, { dir, from, signal })
  const wanted = new Map<string, FoundDamage>()
  const packs = await openDiskPacks({ dir, readOnly: true })
  let found: readonly DamagedBlock[]
  try {
    const report = await verifyBlocks(
      { db: services.db, packs },
      {
        all: true,
        onDamaged: (damage) => wanted.set(multihashKey(damage.multihash), damage),
        ...(onProgress === undefined ? {} : { onProgress }),
        ...(signal === undefined ? {} : { signal }),
      },
    )
    found = report.damaged
    await settleWhole(services, packs, wanted)
  } finally {
    await packs.close()
  }
  const damaged = wanted.size
  if (damaged > 0) await mend(services, wanted, { dir, from, signal })
  const left = found.filter(({ cid }) => wanted.has(multihashKey(parseCid(cid).multihash)))
  return { damaged, repaired: damaged - wanted.size, completedPacks, left }
}

async function completePacks(
  { db }: Pick<Services, 'db'>,
  { dir, from, signal }: Pick<Options, 'dir' | 'from' | 'signal'>,
): Promise<string[]> {
  const completed: string[] = []
  for (const { name } of await listPacks(db.read)) {
    const [copy, own] = [packPath(from, name), packPath(dir, name)]
    if (!existsSync(copy)) continue
    const sizeBytes = (await stat(copy)).size
    const hasBytes = existsSync(own) ? (await stat(own)).size : 0
    if (hasBytes >= sizeBytes) continue
    await copyPack({ from: copy, to: own, sizeBytes, hasBytes, signal, onBytes: () => undefined })
    completed.push(name)
  }
  if (completed.length > 0) await systemFileOps.syncDirectory(dir)
  return completed
}

/** Says of what was known to be damaged that it is whole again, where its pack was completed or the disk reads it again. */
async function settleWhole(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  packs: BlobReader,
  wanted: ReadonlyMap<string, FoundDamage>,
): Promise<void> {
  const { read } = services.db
  for (const { block_id: blockId, multihash } of await listDamage(read, await countDamage(read))) {
    if (wanted.has(multihashKey(multihash))) continue
    const [place] = await findPlace(read, { multihash })
    if (place === undefined) continue
    if ((await findFault({ db: services.db, packs }, { ...place, multihash }, place.pack)) === undefined)
      await recordRepaired(services, { blockId, multihash, from: 'another copy' })
  }
}

/** Reads the packs of the copy, and takes what is wanted out of `wanted` as it is mended. */
async function mend(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  wanted: Map<string, FoundDamage>,
  { dir, from, signal }: Pick<Options, 'dir' | 'from' | 'signal'>,
): Promise<void> {
  const copies = await openDiskPacks({ dir: from, readOnly: true })
  try {
    for (const { pack } of await copies.list()) {
      for await (const { cid, bytes } of copies.scanBytes(pack)) {
        signal?.throwIfAborted()
        const damage = findWanted(wanted, cid)
        if (damage === undefined || damage.length !== bytes.length || !verifyBytes(damage.multihash, bytes)) continue
        if (!(await writeSection(dir, damage, cid, bytes))) continue
        await recordRepaired(services, { blockId: damage.id, multihash: damage.multihash, from: 'another copy' })
        wanted.delete(multihashKey(damage.multihash))
        if (wanted.size === 0) return
      }
    }
  } finally {
    await copies.close()
  }
}

function findWanted(wanted: ReadonlyMap<string, FoundDamage>, cid: Uint8Array): FoundDamage | undefined {
  try {
    return wanted.get(multihashKey(cidFromBytes(cid).cid.multihash))
  } catch (error) {
    // Damage in the copy itself.
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** Durably. False when the pack is not there, or ends before. */
async function writeSection(dir: string, damage: FoundDamage, cid: Uint8Array, bytes: Uint8Array): Promise<boolean> {
  const path = packPath(dir, damage.pack)
  if (!existsSync(path)) return false
  const front = new Uint8Array(frontLength(cid, bytes.length))
  writeFront(cid, bytes.length, front, 0)
  const fd = await systemFileOps.open(path, 'r+')
  try {
    if ((await systemFileOps.sizeOf(fd)) < damage.offset + damage.length) return false
    const section = Buffer.concat([front, bytes])
    for (let done = 0; done < section.length;) {
      const at = damage.offset - front.length + done
      done += await systemFileOps.writev(fd, [section.subarray(done)], at)
    }
    await systemFileOps.fdatasync(fd)
    return true
  } finally {
    await systemFileOps.close(fd)
  }
}
