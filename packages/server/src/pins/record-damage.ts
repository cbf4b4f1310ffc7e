import { recordAudit } from '../accounts/audit.ts'
import type { BlobReader } from '../blobs/blob-store.ts'
import { formatCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { enqueue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { findPlace } from './block-queries.ts'
import { insertDamage, listFilesOfOwner, listOwners } from './damage-queries.ts'
import { repairJob } from './repair-block.ts'
import { readSection } from './section-cid.ts'
import { findFault } from './verify.ts'

/** What keeping a note of damage needs. */
export type DamageServices = Pick<Services, 'db' | 'clock' | 'newId' | 'log' | 'verifiedBlocks'> & {
  readonly packs: Pick<BlobReader, 'read'>
}

/** Owners that are told of one block, and files that are named to each; the log says that there are more. */
const maxOwners = 100
const maxFiles = 20

/**
 * Reads a block once more and, when it still cannot be had whole, keeps that it is damaged: for operators, in the audit
 * of every account with a file that needs it, and for repair. True when that is news. Nothing is kept of a fault that
 * passed, or of a block that nobody needs.
 */
export async function recordDamage(
  services: DamageServices,
  { multihash, foundBy }: { multihash: Uint8Array; foundBy: 'scrub' | 'read' },
): Promise<boolean> {
  const { db, clock, newId, log, packs, verifiedBlocks } = services
  const [place] = await findPlace(db.read, { multihash })
  if (place === undefined) return false
  const reason = await findFault(services, { ...place, multihash }, place.pack)
  if (reason === undefined) {
    verifiedBlocks.markSound(multihash)
    return false
  }
  verifiedBlocks.markDamaged(multihash)
  const section = await readSection(packs, multihash, place).catch(() => undefined)
  // Where its section cannot be read, only the multihash is known.
  const cid = formatCid(section?.cid ?? { version: 1, codec: codecs.raw, multihash })
  const owners = await listOwners(db.read, { blockId: place.id, limit: maxOwners + 1 })
  if (owners.length === 0) return false
  const at = clock.now()
  const isNew = await db.write(async (tx) => {
    if (!(await insertDamage(tx, { blockId: place.id, cid, reason, foundBy, at }))) return false
    for (const accountId of owners.slice(0, maxOwners)) {
      const files = await listFilesOfOwner(tx, { blockId: place.id, accountId, limit: maxFiles })
      await recordAudit(tx, {
        id: newId(),
        at,
        accountId,
        actor: { kind: 'machine', id: null },
        action: 'block.damaged',
        target: cid,
        detail: { reason, foundBy, files },
      })
    }
    await enqueue(tx, { kind: repairJob, subject: String(place.id) }, at)
    return true
  })
  if (isNew)
    log.error({ cid, pack: place.pack, reason, owners }, 'a stored block is damaged; another copy is looked for')
  return isNew
}
