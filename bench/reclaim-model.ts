// The model of reclaim (F77, `packages/server/test/support/reclaim-model.ts`) for as long as one likes, on SQLite: `node bench/reclaim-model.ts [steps [seeds [first]]]`,
// a million steps with each of twenty seeds unless told. Ends with 1 when a live block was lost.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLedger } from '../packages/server/test/support/ledger.ts'
import { runReclaimModel } from '../packages/server/test/support/reclaim-model.ts'

const [steps = 1_000_000, seeds = 20, first = 1] = process.argv.slice(2).map(Number)
for (let seed = first; seed < first + seeds; seed++) {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-model-'))
  const place = {
    dir,
    packsDir: join(dir, 'packs'),
    database: { kind: 'sqlite', file: join(dir, 'pinyon.db') },
  } as const
  const ledger = await openLedger(place, { segmentBytes: 20_000, cacheBytes: 1 })
  const began = performance.now()
  try {
    const report = await runReclaimModel(ledger, { seed: String(seed), steps })
    console.log(`seed ${seed}: ${steps} steps, 0 lost, ${Math.round((performance.now() - began) / 1000)} s`, report)
  } catch (error) {
    console.error(`seed ${seed}:`, error)
    process.exitCode = 1
  } finally {
    await ledger.close()
    await rm(dir, { recursive: true })
  }
}
