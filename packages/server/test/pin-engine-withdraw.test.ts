import { describe, expect, it } from 'vitest'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { absentCid, importSample, putRaw, sampleBytes } from '../src/ipfs/sample-dags.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { countRows, databases } from './support/ledger.ts'
import { type Engine, openEngine } from './support/pin-engine.ts'

const pinning = 1
const pinned = 2
const failed = 3

describe.each(databases)('withdrawing pins on %s', (kind) => {
  const nothing = { pins: 0, pin_blocks: 0, blocks: 0 }
  const open = async () => {
    const engine = await openEngine(kind)
    await engine.addAccount('a')
    return engine
  }
  const isGone = async (engine: Engine, id: string) => {
    expect(await engine.file(id)).toBeUndefined()
    expect([await engine.fetches(), await engine.jobs()]).toEqual([[], []])
    expect(Object.values(await engine.counts('a')).every((count) => count === 0)).toBe(true)
  }
  const sweep = async ({ services }: Engine) => {
    const reclaimer = openReclaimer(services, { minDeadBytes: 0, liveShare: 1 })
    await reclaimer.reclaimNow({ everything: true })
    await reclaimer.close()
    return countRows(services)
  }

  it('ends one that is queued', async () => {
    const engine = await open()
    const [id = ''] = await engine.ask('a', absentCid())
    expect(await engine.jobs()).toHaveLength(0)
    await engine.remove(id)
    await isGone(engine, id)
    await engine.begin()
    expect(await engine.jobs()).toHaveLength(0)
  })

  it('ends one whose turn it is', async () => {
    const engine = await open()
    const [id = ''] = await engine.ask('a', absentCid())
    await engine.begin()
    expect(await engine.jobs()).toHaveLength(1)
    await engine.remove(id)
    await isGone(engine, id)
  })

  it('stops one that runs within a moment, and what it had fetched goes', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(2_000) }])
    engine.node.add([...blocks].slice(50))
    const [id = ''] = await engine.ask('a', root)
    const jobs = await engine.work()
    await expect.poll(async () => (await engine.fetches())[0]?.staging_id, { interval: 5 }).toMatch(/./)
    const began = performance.now()
    await engine.remove(id)
    await jobs.idle()
    expect(performance.now() - began).toBeLessThan(1_500)
    await isGone(engine, id)
    expect(engine.node.open).toBe(0)
    expect(await sweep(engine)).toEqual(nothing)
  })

  it('ends one between two attempts, with what it had fetched', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(2_000) }])
    engine.node.add([...blocks].slice(50))
    const [id = ''] = await engine.ask('a', root)
    const jobs = await engine.work()
    await expect.poll(async () => (await engine.fetches())[0]?.next_attempt_at, { interval: 5 }).not.toBeNull()
    await jobs.idle()
    expect((await sweep(engine)).blocks).toBeGreaterThan(0)
    await engine.remove(id)
    await isGone(engine, id)
    expect(await sweep(engine)).toEqual(nothing)
  })

  it('ends one that failed, and one that is pinned', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'here')
    engine.node.add(blocks)
    const [good = ''] = await engine.ask('a', root)
    const [bad = ''] = await engine.ask('a', { ...absentCid(), codec: 0x1234 })
    const jobs = await engine.work()
    await expect.poll(() => engine.status(good), { interval: 10 }).toBe(pinned)
    await expect.poll(() => engine.status(bad), { interval: 10 }).toBe(failed)
    await jobs.idle()
    await engine.remove(good)
    await engine.remove(bad)
    expect(await engine.file(good)).toMatchObject({ state: 'released', pin_status: null })
    expect(await engine.file(bad)).toBeUndefined()
    expect([await engine.fetches(), await engine.jobs()]).toEqual([[], []])
    expect(await sweep(engine)).toEqual(nothing)
    expect(await engine.usedBytes('a')).toBe(0)
  })

  it('goes on for the others when one of several is withdrawn while it runs', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'shared')
    const [first = '', second = ''] = await engine.ask('a', root, { count: 2 })
    await engine.work()
    await expect.poll(() => engine.status(second), { interval: 5 }).toBe(pinning)
    await engine.remove(first)
    engine.node.add(blocks)
    await expect.poll(() => engine.status(second), { interval: 10 }).toBe(pinned)
    expect(await engine.file(first)).toBeUndefined()
  })

  it('changes nothing for a worker whose job was taken over', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'fenced')
    const [id = ''] = await engine.ask('a', root)
    const old = await engine.takeJob()
    const holding = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    engine.node.beforeGiving = () => {
      asked.resolve()
      return holding.promise
    }
    engine.node.add(blocks)
    const running = engine.run(old)
    running.catch(() => {})
    await asked.promise
    engine.move(60_001)
    const job = await engine.takeJob()
    holding.resolve()
    await running.catch((error: unknown) => expect(error).toMatchObject({ name: 'LeaseLost' }))
    expect(await engine.status(id)).toBe(pinning)
    expect(await engine.usedBytes('a')).toBe(0)
    await engine.run(job)
    expect(await engine.status(id)).toBe(pinned)
  })
})
