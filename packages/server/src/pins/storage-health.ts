import type { Services } from '../services.ts'
import { listPacks } from './block-queries.ts'
import {
  countDamage,
  type DamageRow,
  listDamage,
  listFilesOfOwner,
  listOwners,
  listRepaired,
} from './damage-queries.ts'
import { countLatePacks, scrubJob } from './plan-scrub.ts'
import { findVerifiedSince, listQueued } from './scrub-queries.ts'

const maxShown = 100
const maxOwners = 100
const maxFiles = 20

/** A damaged block, and accounts with files that need it. */
interface OwnedDamage {
  readonly damage: DamageRow
  readonly owners: readonly { readonly accountId: string; readonly files: readonly string[] }[]
}

/** How what is stored fares: for operators, who learn ids of files and no names. */
export interface StorageHealth {
  readonly packs: number
  readonly packsBeingRead: number
  readonly packsWaiting: number
  readonly packsLate: number
  readonly verifiedSince: number | null
  readonly damagedBlocks: number
  readonly damaged: readonly OwnedDamage[]
  readonly repaired: readonly DamageRow[]
}

/** How far the scrub is, what is damaged and whose it is, and what was repaired lately. */
export async function getStorageHealth(services: Pick<Services, 'db' | 'clock' | 'config'>): Promise<StorageHealth> {
  const { db } = services
  const packs = await listPacks(db.read)
  const queued = await listQueued(db.read, scrubJob)
  const packsBeingRead = packs.filter(({ scrub_began_at: beganAt }) => beganAt !== null).length
  const damaged: OwnedDamage[] = []
  for (const damage of await listDamage(db.read, maxShown)) {
    const { block_id: blockId } = damage
    const owners = []
    for (const accountId of await listOwners(db.read, { blockId, limit: maxOwners })) {
      owners.push({ accountId, files: await listFilesOfOwner(db.read, { blockId, accountId, limit: maxFiles }) })
    }
    damaged.push({ damage, owners })
  }
  return {
    packs: packs.length,
    packsBeingRead,
    packsWaiting: Math.max(0, queued.size - packsBeingRead),
    packsLate: await countLatePacks(services),
    verifiedSince: await findVerifiedSince(db.read),
    damagedBlocks: await countDamage(db.read),
    damaged,
    repaired: await listRepaired(db.read, maxShown),
  }
}
