import { usedUp } from '../lib/collect-buffers.ts'
import type { Services } from '../services.ts'
import { listBlocksOfPack } from './block-queries.ts'
import type { Pace } from './pace.ts'
import { type DamageServices, recordDamage } from './record-damage.ts'
import { findPackToScrub, markScrubbed, updateScrub } from './scrub-queries.ts'
import { findFault } from './verify.ts'

type ScrubServices = DamageServices & Pick<Services, 'packs' | 'metrics'>

const sliceRows = 1000
/** Work between two rests, so that a bounded share of the time is one at any moment. */
const workMs = 50
/** What is read anew when the process ends. */
const saveMs = 5_000

/**
 * Reads every block of a pack that somebody needs and holds it against its hash, from where the last pass was stopped.
 * What is damaged is kept for operators and owners, and repaired by a job of its own.
 */
export async function scrubPack(services: ScrubServices, name: string, pace: Pace): Promise<void> {
  const { db, clock, metrics, packs } = services
  const pack = await findPackToScrub(db.read, name)
  if (pack === undefined) return
  const beganAt = pack.scrub_began_at ?? clock.now()
  let after = pack.scrub_began_at === null ? 0 : pack.scrub_offset
  let started = performance.now()
  let savedAt = started
  await db.write((tx) => updateScrub(tx, { id: pack.id, beganAt, offset: after }))
  // A descriptor that is open would show what lay there before somebody put other files in its place.
  packs.reopen(name)
  for (;;) {
    const rows = await listBlocksOfPack(db.read, { packId: pack.id, after, limit: sliceRows })
    if (rows.length === 0) break
    for (const block of rows) {
      if (block.live === 1 && (await findFault(services, block, name)) !== undefined) {
        metrics.damagedBlocks.inc()
        await recordDamage(services, { multihash: block.multihash, foundBy: 'scrub' })
      }
      if (block.live === 1) {
        metrics.scrubbedBytes.inc(block.length)
        usedUp(block.length)
      }
      after = block.offset
      if (performance.now() - started < workMs) continue
      await pace.rest(started)
      started = performance.now()
      if (started - savedAt < saveMs) continue
      savedAt = started
      await db.write((tx) => updateScrub(tx, { id: pack.id, beganAt, offset: after }))
    }
    pace.signal.throwIfAborted()
  }
  await db.write((tx) => markScrubbed(tx, { id: pack.id, beganAt }))
}
