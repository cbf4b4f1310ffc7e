import { describe, expect, it } from 'vitest'
import { pinStatuses } from '../src/files/pin-counts.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { absentCid, putBytes, putRaw } from '../src/ipfs/sample-dags.ts'
import { databases } from './support/ledger.ts'
import { openEngine } from './support/pin-engine.ts'

describe.each(databases)('slots of attempts on %s', (kind) => {
  const open = async (options: Parameters<typeof openEngine>[1]) => {
    const engine = await openEngine(kind, options)
    await engine.addAccount('a')
    return engine
  }

  it.each([
    { who: 'nobody to ask', times: { leastMs: 0, unaskedMs: 400 }, outcomes: ['refused', 'not-understood'] },
    { who: 'nobody who has it', times: { leastMs: 400, unaskedMs: 0 }, outcomes: ['refused', 'has-not'] },
  ] as const)('keeps the slot of an attempt that found $who', async ({ times, outcomes }) => {
    const engine = await open({ times, slots: { new: 1, newest: 0, retry: 0 } })
    engine.node.nobody = 'no-source'
    engine.node.tried = outcomes.map((outcome) => ({ source: `/dns4/${outcome}.test`, outcome, blocks: 0 }))
    const began = performance.now()
    await engine.askForUnknown('a', 3)
    await engine.work()
    await expect.poll(() => engine.node.opened, { timeout: 60_000, interval: 5 }).toBe(3)
    expect(performance.now() - began).toBeGreaterThanOrEqual(800)
  })

  it('says why before it gives the slot back', async () => {
    const engine = await open({ times: { unaskedMs: 3_600_000 }, slots: { new: 1, newest: 0, retry: 0 } })
    engine.node.nobody = 'no-source'
    await engine.ask('a', absentCid())
    await engine.work()
    await expect.poll(() => engine.fetches(), { timeout: 20_000 }).toMatchObject([{ reason: 'no-source' }])
    const [job] = await engine.jobs()
    expect(job?.lease_until).not.toBeNull()
  })

  it('keeps none of an attempt that brings all of it, or ends for good', async () => {
    const engine = await open({
      times: { leastMs: 3_600_000, unaskedMs: 3_600_000 },
      slots: { new: 1, newest: 0, retry: 0 },
    })
    const blocks = new MemoryBlocks()
    const roots = [
      putRaw(blocks, 'one'),
      putBytes(blocks, codecs.dagCbor, Buffer.from('no cbor at all')),
      putRaw(blocks, 'two'),
    ]
    engine.node.add(blocks)
    const ids: string[] = []
    for (const root of roots) ids.push(...(await engine.ask('a', root)))
    await engine.work()
    const { pinned, failed } = pinStatuses
    await expect
      .poll(() => Promise.all(ids.map((id) => engine.status(id))), { timeout: 30_000 })
      .toEqual([pinned, failed, pinned])
  })

  it('is not kept from closing by an attempt that found nobody to ask', { timeout: 30_000 }, async () => {
    const engine = await open({
      times: { leastMs: 3_600_000, unaskedMs: 3_600_000 },
      slots: { new: 1, newest: 0, retry: 0 },
    })
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
