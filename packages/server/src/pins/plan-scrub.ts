import { recordAudit } from '../accounts/audit.ts'
import { operatorOf } from '../accounts/manage-accounts.ts'
import type { Caller } from '../caller.ts'
import { enqueue } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { findLastBlock, listPacks } from './block-queries.ts'
import { deleteOldDamage, listDamage } from './damage-queries.ts'
import { repairJob } from './repair-block.ts'
import { countLate, listQueued } from './scrub-queries.ts'

/** The kind of the job that reads a pack through; its subject is the pack's name. */
export const scrubJob = 'scrub-pack'

type PlanServices = Pick<Services, 'db' | 'clock' | 'packs' | 'log' | 'config'>

/** A pass begins after this part of the period, and has the rest of it to reach the end. */
const dueShare = 0.75
/** A pack is late after this part of it: what is left is not enough to count on. */
const lateShare = 0.9
/** How long it is told what was repaired. */
const repairedMs = 90 * 86_400_000
/** Damaged blocks that are looked at at once when an operator asks; others wait for their next turn. */
const maxLookedAt = 10_000

/**
 * Has every pack read through whose last pass is so long ago that the period would end, and at once those that are
 * missing or too short. Processes share the packs: each is one job.
 */
export async function planScrub(
  services: PlanServices,
  { periodMs, signal }: { periodMs: number; signal: AbortSignal },
): Promise<void> {
  const { db, clock, packs } = services
  const now = clock.now()
  await db.write((tx) => deleteOldDamage(tx, now - repairedMs))
  const sizes = new Map((await packs.list()).map(({ pack, sizeBytes }) => [pack, sizeBytes]))
  const due: string[] = []
  for (const pack of await listPacks(db.read)) {
    signal.throwIfAborted()
    const isDue = (pack.scrubbed_at ?? pack.created_at) <= now - dueShare * periodMs
    if (isDue || (await isNewlyShort(services, { ...pack, sizeBytes: sizes.get(pack.name) }))) due.push(pack.name)
  }
  await queue(services, due)
  const late = await countLatePacks(services)
  if (late > 0) {
    const { share } = services.config.scrub
    services.log.warn(
      { packs: late, share },
      'packs are not read back in time: PINYON_SCRUB_SHARE is too small for PINYON_SCRUB_DAYS',
    )
  }
}

/** Packs that will not be, or were not, read back within the period; 0 where there is none. */
export async function countLatePacks({
  db,
  clock,
  config,
}: Pick<Services, 'db' | 'clock' | 'config'>): Promise<number> {
  const { periodMs } = config.scrub
  return periodMs === undefined ? 0 : countLate(db.read, clock.now() - lateShare * periodMs)
}

/** Has every pack read through from now on, because an operator asked for it. Returns how many there are. */
export async function scrubAll(services: Pick<Services, 'db' | 'clock' | 'newId'>, caller: Caller): Promise<number> {
  const packs = await listPacks(services.db.read)
  const { db, newId, clock } = services
  const line = { action: 'storage.scrub_asked', ...operatorOf(caller), detail: { packs: packs.length } }
  await db.write((tx) => recordAudit(tx, { ...line, id: newId(), at: clock.now(), accountId: null }))
  await queue(
    services,
    packs.map(({ name }) => name),
  )
  await lookAgain(services)
  return packs.length
}

/** What is known to be damaged may be whole by now, since whoever asks has perhaps put the bytes back. */
async function lookAgain({ db, clock }: Pick<Services, 'db' | 'clock'>): Promise<void> {
  const damaged = await listDamage(db.read, maxLookedAt)
  if (damaged.length === 0) return
  await db.write(async (tx) => {
    for (const { block_id } of damaged) await enqueue(tx, { kind: repairJob, subject: String(block_id) }, clock.now())
  })
}

async function queue({ db, clock }: Pick<Services, 'db' | 'clock'>, names: readonly string[]): Promise<void> {
  // One that runs is not asked for again: it would begin anew as soon as it is done.
  const queued = await listQueued(db.read, scrubJob)
  const missing = names.filter((name) => !queued.has(name))
  if (missing.length === 0) return
  await db.write(async (tx) => {
    for (const subject of missing) await enqueue(tx, { kind: scrubJob, subject }, clock.now())
  })
}

/** Whether blocks lie behind the end of a pack of which no pass has told yet. */
async function isNewlyShort(
  { db }: PlanServices,
  pack: { id: number; scrubbed_at: number | null; sizeBytes: number | undefined },
): Promise<boolean> {
  const [last] = await findLastBlock(db.read, { packId: pack.id })
  if (last === undefined || last.offset + last.length <= (pack.sizeBytes ?? 0)) return false
  const known = await db.read
    .selectFrom('damage')
    .select('block_id')
    .where('block_id', '=', last.id)
    .where('repaired_at', 'is', null)
    .executeTakeFirst()
  return known === undefined
}
