import { afterEach, describe, expect, it } from 'vitest'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { databases, type LedgerPlace, openLedger, type OpenLedger } from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'
import { runReclaimModel } from './support/reclaim-model.ts'

/** `node bench/reclaim-model.ts` takes a million, with twenty seeds. */
const steps = { sqlite: 50_000, postgres: 2_400 }

describe.each(databases)('reclaim beside uploads, imports and releases on %s (F77)', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  const open = async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place, { segmentBytes: 20_000, cacheBytes: 1 })
  }
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })

  it('never loses a live block, and leaves exactly the live bytes', { timeout: 300_000 }, async () => {
    await open()
    // How much is live in the end is luck; that just this lies in the packs was looked at there.
    const { sections: _, ...done } = await runReclaimModel(ledger, { seed: kind, steps: steps[kind] })
    for (const times of Object.values(done)) expect(times).toBeGreaterThan(30)
    // Or nothing would die in most of it.
    expect(done.ends).toBeGreaterThan(steps[kind] / 10)
    expect((await ledger.metrics.damagedBlocks.get()).values).toMatchObject([{ value: 0 }])
  })

  it(
    'is seen to take blocks from under an upload when it does not ask what uploads hold',
    { timeout: 60_000 },
    async () => {
      await open()
      // The control: dooms also what is held, as a collector would that only looks into the ledger.
      const careless = new Proxy(ledger.blocksInFlight, {
        get: (real, name) => {
          if (name === 'doom') return (keys: Iterable<string>) => new Set(keys)
          if (name === 'isPackHeld') return () => false
          const value: unknown = Reflect.get(real, name)
          return typeof value === 'function' ? value.bind(real) : value
        },
      })
      const reclaimer = openReclaimer({ ...ledger, blocksInFlight: careless }, { minDeadBytes: 0, liveShare: 0.8 })
      await expect(runReclaimModel(ledger, { seed: kind, steps: 4_000, reclaimer })).rejects.toThrow(
        /removed meanwhile|no pack of this writer|damaged|lost/,
      )
    },
  )

  it('is seen to lose one when a live block is taken for dead', { timeout: 60_000 }, async () => {
    await open()
    const reclaimer = openReclaimer(ledger, { minDeadBytes: 0, liveShare: 0.8 })
    // The control: a pack in which live blocks lie goes with those that are empty.
    const wrong = {
      async reclaimNow(how: { everything?: boolean }) {
        const [pack] = await ledger.packs.list()
        if (pack !== undefined && !pack.current) await ledger.packs.remove(pack.pack)
        return reclaimer.reclaimNow(how)
      },
      close: () => reclaimer.close(),
    }
    await expect(runReclaimModel(ledger, { seed: kind, steps: 4_000, reclaimer: wrong })).rejects.toThrow(
      /damaged|lost/,
    )
  })
})
