import { type PackInfo, PackMissing } from '../blobs/blob-store.ts'
import type { Services } from '../services.ts'
import { abandonStagings } from './collect-pins.ts'
import { removeEmptyPack } from './compact-pack.ts'
import { findMark, writeMark } from './ledger-mark.ts'
import { deletePack, findLastBlock, listPacks } from './block-queries.ts'
import { findSequence, isIndexThere } from './queries.ts'

type RecoverServices = Pick<
  Services,
  'db' | 'packs' | 'blocksInFlight' | 'verifiedBlocks' | 'clock' | 'log' | 'metrics' | 'installation'
>

/** Packs and database do not belong together. The message says what the operator can do. */
export class LedgerRefused extends Error {
  override readonly name = 'LedgerRefused'
}

/** What was found at a start. */
export interface Recovered {
  /** Uploads that were under way when their process ended. */
  readonly stagings: number
  readonly removedPacks: number
  readonly cutPacks: number
  /** Packs that hold live blocks and are not there, or end too early. */
  readonly damagedPacks: readonly string[]
}

/**
 * Puts packs and database in order after whatever ended the last process, before anything is served: refuses an older
 * or another database, gives up uploads of writers that are gone, cuts off what no row names. All packs of other
 * writers are those of dead ones, because the data directory is locked. Throws `LedgerRefused`.
 */
export async function recoverPins(services: RecoverServices, { dir }: { dir: string }): Promise<Recovered> {
  const { db, packs, log } = services
  const stored = (await packs.list()).filter(({ writerId }) => writerId !== packs.writerId)
  const known = await listPacks(db.read)
  const names = new Set(known.map(({ name }) => name))
  await requireSameLedger(
    services,
    dir,
    stored.some(({ pack }) => !names.has(pack)),
  )
  const stagings = await abandonStagings(services, ({ writer_id }) => writer_id !== packs.writerId)
  let removedPacks = 0
  let cutPacks = 0
  const damagedPacks: string[] = []
  for (const { pack } of stored) {
    if (names.has(pack)) continue
    // Nothing that was acknowledged can be in it: its row comes with the first of its blocks.
    await packs.remove(pack).catch(unlessMissing)
    removedPacks++
  }
  const files = new Map(stored.map((pack) => [pack.pack, pack]))
  for (const { id, name } of known) {
    const outcome = await settlePack(services, { id, name, file: files.get(name) })
    if (outcome === 'removed') removedPacks++
    if (outcome === 'cut') cutPacks++
    if (outcome === 'damaged') damagedPacks.push(name)
  }
  if (damagedPacks.length > 0) {
    log.error(
      { packs: damagedPacks },
      'packs with live blocks are missing or too short; ./pinyon admin verify tells whose',
    )
  }
  await writeMark(services, dir)
  if (stagings + removedPacks + cutPacks > 0)
    log.info({ stagings, removedPacks, cutPacks }, 'swept up after the last run')
  return { stagings, removedPacks, cutPacks, damagedPacks }
}

async function requireSameLedger(
  { db, installation }: RecoverServices,
  dir: string,
  hasUnknownPacks: boolean,
): Promise<void> {
  const mark = await findMark(dir)
  const sequence = (await findSequence(db.read)) ?? 0
  const way =
    'Restore the database that belongs to them. Or take this one as it is: stop everything and run ./pinyon admin rebuild-index.'
  if (mark === undefined && hasUnknownPacks) {
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

type Outcome = 'fine' | 'removed' | 'cut' | 'damaged'

async function settlePack(
  services: RecoverServices,
  { id, name, file }: { id: number; name: string; file: PackInfo | undefined },
): Promise<Outcome> {
  const { db, packs, verifiedBlocks } = services
  const [last] = await findLastBlock(db.read, { packId: id })
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
  await packs.truncate(name, endBytes)
  return 'cut'
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof PackMissing)) throw error
}
