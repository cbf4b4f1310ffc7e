import { recordAudit } from '../accounts/audit.ts'
import type { Job } from '../jobs/queue.ts'
import type { RunAgain } from '../jobs/attempt.ts'
import { type Cid, parseCid } from '../ipfs/cid.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import { NoSource, type Tried } from '../ipfs/node/node.ts'
import type { Services } from '../services.ts'
import { findPlace } from './block-queries.ts'
import { openBlockWriter } from './block-writer.ts'
import type { WriteServices } from './upload-blocks.ts'
import { findDamage, findPublicRoot, listOwners, markRepaired, noteAttempt } from './damage-queries.ts'
import { findFault } from './verify.ts'
import { replaceDamaged } from './written-blocks.ts'

/** The kind of the job that repairs; its subject is the id of the block. */
export const repairJob = 'repair-block'

type RepairServices = WriteServices & Pick<Services, 'node'>

/** How long another copy is looked for each time, and when it is looked for again: later and later. */
const searchMs = 120_000
const firstAgainMs = 10 * 60_000
const mostAgainMs = 86_400_000

const isPrivate =
  'Its content is private, so nobody else is asked. Upload it again: whole blocks take the place of damaged ones.'

/**
 * Gets a damaged block from elsewhere and stores it anew, for every pin that names it: from peers on the IPFS network
 * and from the gateways that the operator named. Only blocks of public pins are asked for, because asking tells the CID.
 * Runs again while there is no other copy.
 */
export async function repairBlock(services: RepairServices, job: Job, signal: AbortSignal): Promise<RunAgain | void> {
  const { db, clock, log } = services
  const damage = await findDamage(db.read, Number(job.subject))
  if (damage === undefined) return
  const { multihash, attempts } = damage
  const cid: Cid = { ...parseCid(damage.cid), multihash }
  const [place] = await findPlace(db.read, { multihash })
  if (place === undefined) return
  // What is taken down is neither asked for nor taken; the scrub finds it again when it is allowed.
  if (services.denials.isDenied(multihash)) return
  // Perhaps the disk reads it again.
  if ((await findFault(services, { ...place, multihash }, place.pack)) === undefined)
    return settle(services, { cid, blockId: place.id, from: 'the disk' })
  const root = await findPublicRoot(db.read, place.id)
  const found =
    root === undefined ? isPrivate : await findCopy(services, { cid, root: { version: 1, ...root } }, signal)
  signal.throwIfAborted()
  if (typeof found !== 'string') {
    await storeCopy(services, cid, found.bytes)
    return settle(services, { cid, blockId: place.id, from: found.from })
  }
  const at = clock.now()
  await db.write((tx) => noteAttempt(tx, { blockId: place.id, at, outcome: found }))
  log.warn({ cid: damage.cid, outcome: found }, 'no other copy of a damaged block was found; it is looked for again')
  return { runAt: at + Math.min(mostAgainMs, firstAgainMs * 2 ** Math.min(attempts, 20)) }
}

/** The bytes and where they came from, or in words why there are none. */
async function findCopy(
  { node }: RepairServices,
  { cid, root }: { cid: Cid; root: Cid },
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; from: string } | string> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(searchMs)])
  await using source = node.openFetch({ root, origins: [], signal: stop })
  try {
    const bytes = await source.get(cid, stop)
    // The source has looked; what takes the place of damage is looked at twice.
    if (!verifyBytes(cid.multihash, bytes)) return 'What was sent does not match the hash.'
    return { bytes, from: source.tried.find(({ outcome }) => outcome === 'gave')?.source ?? 'the network' }
  } catch (error) {
    if (error instanceof NoSource) return `${error.message}.${describeTried(source.tried)}`
    if (stop.aborted) return `Nobody who was asked had it within ${searchMs / 1000} s.${describeTried(source.tried)}`
    throw error
  }
}

function describeTried(tried: readonly Tried[]): string {
  if (tried.length === 0) return ''
  return ` Asked: ${tried
    .slice(0, 5)
    .map(({ source, outcome }) => `${source} (${outcome})`)
    .join(', ')}.`
}

/** As an upload that sends a damaged block again. */
async function storeCopy(services: RepairServices, cid: Cid, bytes: Uint8Array): Promise<void> {
  services.verifiedBlocks.markDamaged(cid.multihash)
  await using writer = openBlockWriter(services, { accountId: '', network: 'public' })
  await writer.put({ ...cid, bytes: [bytes], sizeBytes: bytes.length })
  const written = await writer.finish({ network: 'public' })
  const at = services.clock.now()
  await services.db.write((tx) => replaceDamaged(tx, { ...written, at, isUpload: false }))
}

async function settle(
  services: RepairServices,
  { cid: { multihash }, blockId, from }: { cid: Cid; blockId: number; from: string },
): Promise<void> {
  const cid = await recordRepaired(services, { blockId, multihash, from })
  services.verifiedBlocks.markSound(multihash)
  services.log.info({ cid, from }, 'a damaged block is whole again')
}

/** Says that a damaged block is whole again, to its owners too. Gives its CID when it was known to be damaged. */
export async function recordRepaired(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  { blockId, multihash, from }: { blockId: number; multihash: Uint8Array; from: string },
): Promise<string | undefined> {
  const damage = await findDamage(db.read, blockId)
  const owners = await listOwners(db.read, { blockId, limit: 100 })
  const at = clock.now()
  await db.write(async (tx) => {
    if ((await markRepaired(tx, { multihash, at, from })).length === 0) return
    for (const accountId of owners) {
      await recordAudit(tx, {
        id: newId(),
        at,
        accountId,
        actor: { kind: 'machine', id: null },
        action: 'block.repaired',
        target: damage?.cid,
        detail: { from },
      })
    }
  })
  return damage?.cid
}
