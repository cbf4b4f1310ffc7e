import { describe, expect, it } from 'vitest'
import { pinStatuses } from '../src/files/pin-counts.ts'
import { absentCid, importSample, sampleBytes } from '../src/ipfs/sample-dags.ts'
import { databases } from './support/ledger.ts'
import { openEngine } from './support/pin-engine.ts'

describe.each(databases)('slots of attempts on %s', (kind) => {
  const open = async (options: Parameters<typeof openEngine>[1]) => {
    const engine = await openEngine(kind, options)
    await engine.addAccount('a')
    await engine.addAccount('b')
    return engine
  }

  it('keeps the slot of an attempt that found nobody to ask, and of none that brings something', async () => {
    const leastMs = 400
    const engine = await open({ times: { leastMs }, slots: { new: 1, newest: 0, retry: 0 } })
    engine.node.nobody = 'no-source'
    const { root, blocks } = await importSample([{ path: 'a.txt', content: sampleBytes(10) }])
    engine.node.add(blocks)
    const began = performance.now()
    await engine.askForUnknown('a', 3)
    const [here = ''] = await engine.ask('b', root)
    await engine.work()
    await expect.poll(() => engine.node.opened, { timeout: 60_000, interval: 5 }).toBe(4)
    // Three attempts began before the last of the four: that of `b` keeps nothing, wherever its turn is.
    expect(performance.now() - began).toBeGreaterThanOrEqual(2 * leastMs)
    await expect.poll(() => engine.status(here), { timeout: 60_000 }).toBe(pinStatuses.pinned)
  })

  it('is not kept from closing by an attempt that found nobody to ask', { timeout: 30_000 }, async () => {
    const engine = await open({ times: { leastMs: 3_600_000 }, slots: { new: 1, newest: 0, retry: 0 } })
    engine.node.nobody = 'no-source'
    const [id = ''] = await engine.ask('a', absentCid())
    const jobs = await engine.work()
    await expect.poll(() => engine.node.opened, { timeout: 20_000, interval: 5 }).toBe(1)
    await jobs.close(0)
    expect(await engine.fetches()).toMatchObject([{ state: 'fetching', reason: 'no-source', attempts: 1 }])
    expect(await engine.jobs()).toMatchObject([{ lease_until: null }])
    expect(await engine.status(id)).toBe(pinStatuses.pinning)
  })
})
