import { Gauge } from '@prometheus-io/client'
import type { Services } from '../services.ts'
import { countDamage, listDamage, listOwners } from './damage-queries.ts'
import { countLatePacks } from './plan-scrub.ts'
import { findVerifiedSince } from './scrub-queries.ts'

/** Blocks that get a series of their own, and owners of each: labels must not grow without bound. */
const maxNamed = 50
const maxOwners = 5

/** Adds what the database knows of damage to the metrics. When it cannot be asked, the others are told all the same. */
export function addDamageMetrics(services: Pick<Services, 'db' | 'metrics' | 'log' | 'clock' | 'config'>): void {
  const { db, metrics, log } = services
  const registers = [metrics.registry]
  const whenAsked = (collect: () => Promise<void>) => () =>
    collect().catch((error: unknown) => log.warn({ err: error }, 'damage could not be counted for the metrics'))
  const open: Gauge = new Gauge({
    name: 'pinyon_damaged_blocks',
    help: 'Stored blocks that are damaged now.',
    registers,
    collect: whenAsked(async () => open.set(await countDamage(db.read))),
  })
  const named: Gauge<'cid' | 'account'> = new Gauge({
    name: 'pinyon_damaged_block',
    help: `Damaged blocks by CID and owner, the first ${maxNamed}.`,
    labelNames: ['cid', 'account'],
    registers,
    collect: whenAsked(async () => {
      named.reset()
      for (const { block_id: blockId, cid } of await listDamage(db.read, maxNamed)) {
        for (const account of await listOwners(db.read, { blockId, limit: maxOwners })) named.set({ cid, account }, 1)
      }
    }),
  })
  const late: Gauge = new Gauge({
    name: 'pinyon_packs_late',
    help: 'Packs that are not read back in time: PINYON_SCRUB_SHARE is too small for PINYON_SCRUB_DAYS.',
    registers,
    collect: whenAsked(async () => late.set(await countLatePacks(services))),
  })
  const since: Gauge = new Gauge({
    name: 'pinyon_verified_since_seconds',
    help: 'Everything stored by this time (Unix) was read back since and held against its hash.',
    registers,
    collect: whenAsked(async () => since.set(((await findVerifiedSince(db.read)) ?? 0) / 1000)),
  })
}
