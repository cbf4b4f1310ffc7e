import type { Writers } from '../blobs/writers.ts'
import type { Services } from '../services.ts'
import { abandonStagings } from './collect-pins.ts'
import { findMark, removeDrafts, writeMark } from './ledger-mark.ts'
import { listPacks } from './block-queries.ts'
import { findSequence, isIndexThere } from './ledger-queries.ts'
import { type Settled, settlePacks, type SettleServices } from './settle-packs.ts'
import { failpoint } from '../lib/failpoint.ts'

type RecoverServices = SettleServices & Pick<Services, 'installation'>

/** Packs and database do not belong together. The message says what the operator can do. */
export class LedgerRefused extends Error {
  override readonly name = 'LedgerRefused'
}

/** What was found at a start. */
export interface Recovered extends Settled {
  /** Uploads that were under way when their process ended. */
  readonly stagings: number
}

/**
 * Puts packs and database in order after whatever ended the last process, before anything is served: refuses an older
 * or another database, gives up uploads of writers that are gone, cuts off what no row names. Without `writers` all
 * other writers are gone, because the data directory is locked. Throws `LedgerRefused`.
 */
export async function recoverPins(
  services: RecoverServices,
  { dir, writers }: { dir: string; writers?: Pick<Writers, 'living' | 'takeDead'> },
): Promise<Recovered> {
  const { db, packs, log } = services
  // Before the dead are held: held ones seem to live.
  const living = writers?.living() ?? new Set([packs.writerId])
  const isGone = (writerId: string) => !living.has(writerId)
  const names = new Set((await listPacks(db.read)).map(({ name }) => name))
  const files = await packs.list()
  const hasUnknown = files.some(({ pack, writerId }) => isGone(writerId) && !names.has(pack))
  await requireSameLedger(services, { dir, hasUnknown, isEmpty: files.length === 0 })
  const dead = writers?.takeDead() ?? []
  try {
    failpoint('recovery-next')
    const settled = await settlePacks(services, isGone)
    const stagings = await abandonStagings(services, ({ writer_id }) => writer_id === null || isGone(writer_id))
    await removeDrafts(dir, isGone)
    await writeMark(services, dir)
    for (const writer of dead) writer.end()
    const { removedPacks, cutPacks } = settled
    if (stagings + removedPacks + cutPacks > 0)
      log.info({ stagings, removedPacks, cutPacks }, 'swept up after the last run')
    return { ...settled, stagings }
  } finally {
    for (const writer of dead) writer[Symbol.dispose]()
  }
}

async function requireSameLedger(
  { db, installation }: RecoverServices,
  { dir, hasUnknown, isEmpty }: { dir: string; hasUnknown: boolean; isEmpty: boolean },
): Promise<void> {
  const mark = await findMark(dir)
  const sequence = (await findSequence(db.read)) ?? 0
  const way =
    'Restore the database that belongs to them (./pinyon admin restore BACKUP --data-dir DIRECTORY makes both). Or take this one as it is: stop everything and run ./pinyon admin rebuild-index.'
  // Every database has marked the packs it began with.
  if (mark === undefined && isEmpty && sequence > 0) {
    throw new LedgerRefused(
      `${dir} holds nothing, and the database has been used with another data directory. Is the volume mounted, and PINYON_DATA_DIR the one that all processes of this installation share? If its content is lost: stop everything and run ./pinyon admin rebuild-index.`,
    )
  }
  if (mark === undefined && hasUnknown) {
    throw new LedgerRefused(`The packs in ${dir} hold content that this database does not know. ${way}`)
  }
  if (mark !== undefined && mark.installationId !== installation.id) {
    throw new LedgerRefused(
      `The packs in ${dir} belong to another installation (${mark.installationId}), not to this database. ${way}`,
    )
  }
  if (mark !== undefined && mark.sequence > sequence) {
    throw new LedgerRefused(
      `The database is older than the packs in ${dir} (${sequence}, they have seen ${mark.sequence}): keys that were revoked since then would work again, and files would be missing. ${way}`,
    )
  }
  if (!(await isIndexThere(db.read))) {
    throw new LedgerRefused(
      'The block index of this database is lost. Stop everything and run ./pinyon admin rebuild-index.',
    )
  }
}
