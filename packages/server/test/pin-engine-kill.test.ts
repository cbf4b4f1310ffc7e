import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importSample, sampleBytes } from '../src/ipfs/sample-dags.ts'
import { surveyDag } from '../src/ipfs/walk-dag.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { recoverPins } from '../src/pins/recover.ts'
import type { FetchingNews, FetchingOrder } from './support/fetching-process.ts'
import { databases } from './support/ledger.ts'
import { openEngine } from './support/pin-engine.ts'

describe.each(databases)('a fetch on %s', (kind) => {
  it('loses less than a tenth of what it has when its process is killed', { timeout: 120_000 }, async () => {
    const engine = await openEngine(kind)
    await engine.addAccount('a')
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(400 * 4_096) }], {
      chunkBytes: 4_096,
      links: 20,
    })
    const [id = ''] = await engine.ask('a', root)
    const child = fork(join(import.meta.dirname, 'support/fetching-process.ts'), { execArgv: [] })
    const exited = once(child, 'exit')
    let given = 0
    child.on('message', (news: FetchingNews) => (given = news.given))
    const order: FetchingOrder = {
      place: engine.place,
      blocks: [...blocks].map(({ multihash, bytes }) => [
        Buffer.from(multihash).toString('base64'),
        Buffer.from(bytes).toString('base64'),
      ]),
      pauseMs: 8,
    }
    child.send(order)
    await expect.poll(() => given, { timeout: 60_000, interval: 2 }).toBeGreaterThan(blocks.size / 2)
    child.kill('SIGKILL')
    await exited

    await recoverPins(engine.services, { dir: engine.place.packsDir })
    engine.node.add(blocks)
    await engine.work()
    // Its lease runs out.
    engine.move(60_001)
    await expect.poll(() => engine.status(id), { timeout: 60_000, interval: 20 }).toBe(2)
    const again = given + engine.node.numberGiven - blocks.size
    expect(again).toBeLessThan(given / 10)
    expect((await surveyDag(publicBlocks(engine.services), root)).missing).toEqual([])
    expect([await engine.fetches(), await engine.jobs()]).toEqual([[], []])
  })

  it('goes on with another provider when the one that gave goes away', async () => {
    const engine = await openEngine(kind)
    await engine.addAccount('a')
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(2_000) }])
    engine.node.add([...blocks].slice(40))
    const [id = ''] = await engine.ask('a', root)
    await engine.work()
    await expect
      .poll(async () => (await engine.fetches())[0]?.number_of_blocks ?? 0, { interval: 5 })
      .toBeGreaterThan(10)
    engine.node.clear()
    // It comes before the attempt ends, or with the next one.
    engine.node.add(blocks)
    engine.move(30_000)
    await expect.poll(() => engine.status(id), { timeout: 60_000, interval: 10 }).toBe(2)
    expect(engine.node.numberGiven).toBe(blocks.size)
  })

  it('pins what is reachable within seconds, however much of the account is not', { timeout: 120_000 }, async () => {
    const engine = await openEngine(kind, {
      // As the program has them, but for the first attempt, which is not waited for so long here.
      slots: { new: 16, newest: 4, retry: 32 },
      times: { searchMs: [1_000, 1_500, 2_000] },
    })
    await engine.addAccount('a')
    await engine.addAccount('b')
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(300) }])
    engine.node.add(blocks)
    await engine.askForUnknown('a', 1_000)
    await engine.work()
    await expect.poll(() => engine.node.opened, { timeout: 60_000, interval: 10 }).toBeGreaterThan(10)
    const began = performance.now()
    const [own = ''] = await engine.ask('a', root)
    await expect.poll(() => engine.status(own), { timeout: 60_000, interval: 10 }).toBe(2)
    const ownMs = performance.now() - began
    const other = await importSample([{ path: 'g', content: sampleBytes(300, 9) }])
    engine.node.add(other.blocks)
    const [others = ''] = await engine.ask('b', other.root)
    await expect.poll(() => engine.status(others), { timeout: 60_000, interval: 10 }).toBe(2)
    expect(ownMs).toBeLessThan(15_000)
    expect((await engine.counts('a')).queued).toBeGreaterThan(500)
  })

  it('lets each of many accounts progress', { timeout: 120_000 }, async () => {
    const engine = await openEngine(kind, { slots: { new: 8, newest: 1, retry: 1 }, times: { searchMs: [150] } })
    await engine.addAccount('flood')
    await engine.askForUnknown('flood', 2_000)
    const ids: string[] = []
    for (let i = 0; i < 20; i++) {
      await engine.addAccount(`account ${i}`)
      const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(50, i + 2) }])
      engine.node.add(blocks)
      await engine.askForUnknown(`account ${i}`, 3)
      ids.push(...(await engine.ask(`account ${i}`, root)))
    }
    await engine.work()
    const pinned = async () => (await Promise.all(ids.map((id) => engine.status(id)))).filter((status) => status === 2)
    await expect.poll(async () => (await pinned()).length, { timeout: 60_000, interval: 50 }).toBe(20)
    expect((await engine.counts('flood')).queued).toBeGreaterThan(1_000)
  })
})
