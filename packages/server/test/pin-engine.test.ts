import { createHash } from 'node:crypto'
import { encode as encodeJson } from '@ipld/dag-json'
import { describe, expect, it } from 'vitest'
import { codecs } from '../src/ipfs/codecs.ts'
import { type Cid, parseCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { identityMultihash } from '../src/ipfs/multihash.ts'
import {
  absentCid,
  importSample,
  linkTo,
  putBytes,
  putCbor,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  sampleBytes,
} from '../src/ipfs/sample-dags.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { surveyDag } from '../src/ipfs/walk-dag.ts'
import { countRows, databases } from './support/ledger.ts'
import { type Engine, openEngine } from './support/pin-engine.ts'

const queued = 0
const pinning = 1
const pinned = 2
const failed = 3
const emptyRaw = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

describe.each(databases)('fetching pins on %s', (kind) => {
  const open = async (options: Parameters<typeof openEngine>[1] = {}) => {
    const engine = await openEngine(kind, options)
    await engine.addAccount('a')
    await engine.addAccount('b')
    return engine
  }
  const reaches = async (engine: Engine, id: string, status: number | undefined) => {
    await expect.poll(() => engine.status(id), { timeout: 60_000, interval: 10 }).toBe(status)
  }
  const isWhole = async ({ services }: Engine, root: Cid) => {
    const { missing, reached } = await surveyDag(publicBlocks(services), root)
    expect(missing).toEqual([])
    return reached.size
  }
  const sweep = async ({ services }: Engine) => {
    const reclaimer = openReclaimer(services, { minDeadBytes: 0, liveShare: 1 })
    await reclaimer.reclaimNow({ everything: true })
    await reclaimer.close()
    return countRows(services)
  }

  it('pins what somebody has: every block, size, type, quota and counts', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([
      { path: 'a/b.txt', content: sampleBytes(3_000) },
      { path: 'a/c.txt', content: sampleBytes(10, 2) },
    ])
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('a', root, { origins: ['/ip4/192.0.2.1/tcp/1/p2p/x'] })
    expect(await engine.status(id)).toBe(queued)
    await engine.work()
    await reaches(engine, id, pinned)
    expect(await isWhole(engine, root)).toBe(blocks.size)
    expect(await engine.file(id)).toMatchObject({
      state: 'held',
      size_bytes: 3_010,
      number_of_files: 2,
      mime_type: 'directory',
    })
    expect(await engine.usedBytes('a')).toBe(3_010)
    expect(await engine.counts('a')).toMatchObject({ queued: 0, pinning: 0, pinned: 1, failed: 0 })
    expect([await engine.fetches(), await engine.jobs()]).toEqual([[], []])
    expect(engine.node.origins).toEqual([['/ip4/192.0.2.1/tcp/1/p2p/x']])
    expect(engine.node.numberGiven).toBe(blocks.size)
    expect(engine.node.open).toBe(0)
  })

  it('pins DAGs of every kind', { timeout: 60_000 }, async () => {
    const engine = await open()
    const all = new MemoryBlocks()
    const leaves = Array.from({ length: 40 }, (_, i) => putRaw(all, sampleBytes(50, i + 1)))
    const cbor = putCbor(all, { list: leaves.map(linkTo), more: { self: linkTo(leaves[0]!) } }) // there are 40
    const json = putBytes(all, codecs.dagJson, encodeJson({ a: linkTo(cbor), b: linkTo(leaves[1]!) }))
    const identity: Cid = { version: 1, codec: codecs.raw, multihash: identityMultihash(Buffer.from('in the CID')) }
    const empty = parseCid(emptyRaw)
    const folder = putDirectory(all, {
      '.gitkeep': empty,
      inline: identity,
      file: putFile(all, [
        [leaves[2]!, 50],
        [leaves[3]!, 50],
      ]),
    })
    const hashes = ['sha2-256', 'sha2-512', 'sha3-256', 'blake2b-512'].map((name, i) =>
      putHashed(all, name, sampleBytes(90, i + 100)),
    )
    const many = putPb(all, undefined, [...hashes, identity])
    const version0 = await importSample([{ path: 'f', content: sampleBytes(500) }], { cidVersion: 0, rawLeaves: false })
    engine.node.add(all)
    engine.node.add(version0.blocks)
    const roots = [cbor, json, folder, many, version0.root, identity, empty, ...hashes]
    const ids = []
    for (const root of roots) ids.push(...(await engine.ask('a', root)))
    await engine.work()
    for (const [i, id] of ids.entries()) {
      await reaches(engine, id, pinned)
      await isWhole(engine, roots[i]!) // one id for each
    }
    expect(version0.root.version).toBe(0)
    expect(await engine.file(ids[5]!)).toMatchObject({ size_bytes: 10 })
    expect(await engine.file(ids[6]!)).toMatchObject({ size_bytes: 0 })
  })

  it('pins a folder of 20,000 entries, spread over shards', { timeout: 120_000 }, async () => {
    const engine = await open()
    const files = Array.from({ length: 20_000 }, (_, i) => ({ path: `d/${i}.txt`, content: Buffer.from(`${i}`) }))
    const { root, blocks } = await importSample(files, {
      shardSplitThresholdBytes: 0,
      wrapWithDirectory: false,
      chunkBytes: 1_000,
    })
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('a', root)
    await engine.work()
    await expect.poll(() => engine.status(id), { timeout: 90_000, interval: 50 }).toBe(pinned)
    expect(await engine.file(id)).toMatchObject({ number_of_files: 20_000 })
    expect(await countRows(engine.services)).toEqual({ pins: 1, pin_blocks: blocks.size, blocks: blocks.size })
    expect(engine.node.numberGiven).toBe(blocks.size)
  })

  it('pins bytes that are linked under two codecs', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'a leaf of the node')
    const node = putDirectory(blocks, { leaf })
    const root = putCbor(blocks, [linkTo({ ...node, codec: codecs.raw }), linkTo(node), linkTo(leaf)])
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('a', root)
    await engine.work()
    await reaches(engine, id, pinned)
    expect(await isWhole(engine, root)).toBe(3)
  })

  it('needs no network for the empty block and for CIDs that hold their content', async () => {
    const engine = await open()
    const identity = { version: 1, codec: codecs.raw, multihash: identityMultihash(Buffer.from('x')) } as const
    const ids = [...(await engine.ask('a', identity)), ...(await engine.ask('a', parseCid(emptyRaw)))]
    await engine.work()
    for (const id of ids) await reaches(engine, id, pinned)
    expect(engine.node.opened).toBe(0)
  })

  it('uses what the account has, and what is public, and asks for nothing else of it', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(800) }])
    engine.node.add(blocks)
    const [first = ''] = await engine.ask('a', root)
    await engine.work()
    await reaches(engine, first, pinned)
    engine.node.clear()
    const given = engine.node.numberGiven
    const [second = ''] = await engine.ask('b', root)
    await reaches(engine, second, pinned)
    expect(engine.node.numberGiven).toBe(given)
    // A folder around it: only its own node is new.
    const around = new MemoryBlocks()
    const folder = putDirectory(around, { it: root })
    engine.node.add(around)
    const [third = ''] = await engine.ask('b', folder)
    await reaches(engine, third, pinned)
    expect(engine.node.numberGiven).toBe(given + 1)
    await isWhole(engine, folder)
  })

  it('fetches for one account as if another had not begun', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(900) }])
    const some = [...blocks].slice(0, blocks.size / 2)
    engine.node.add([...some, ...[...blocks].slice(-30)])
    const [first = ''] = await engine.ask('a', root)
    await engine.run(await engine.takeJob())
    expect(await engine.status(first)).toBe(pinning)
    const given = new Map(engine.node.given)
    expect(given.size).toBeGreaterThan(1)
    const [second = ''] = await engine.ask('b', root)
    await engine.run(await engine.takeJob())
    // Every block that the first was given, the second was given too.
    for (const [key, count] of given) expect(engine.node.given.get(key)).toBe(2 * count)
    const [one, two] = await engine.fetches()
    const shown = ({ number_of_blocks, size_bytes, attempts, reason, detail }: typeof one & {}) => ({
      number_of_blocks,
      size_bytes,
      attempts,
      reason,
      detail,
    })
    expect(shown(one!)).toEqual(shown(two!)) // two accounts, two fetches
    expect([await engine.status(first), await engine.status(second)]).toEqual([pinning, pinning])
  })

  it('keeps what came, and asks for none of it again', async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(2_000) }])
    const [rootBlock] = [...blocks].slice(-1)
    engine.node.add([rootBlock!, ...[...blocks].slice(0, 100)])
    const [id = ''] = await engine.ask('a', root)
    await engine.run(await engine.takeJob())
    const [fetch] = await engine.fetches()
    const here = engine.node.numberGiven
    expect(fetch).toMatchObject({ state: 'fetching', number_of_blocks: here, reason: 'no-progress', attempts: 1 })
    expect(fetch?.staging_id).not.toBeNull()
    // Whoever sweeps leaves it alone.
    expect((await sweep(engine)).blocks).toBe(here)
    engine.node.clear()
    engine.node.add(blocks)
    await engine.work()
    engine.move(70_000)
    await reaches(engine, id, pinned)
    expect(engine.node.numberGiven).toBe(blocks.size)
    await isWhole(engine, root)
    expect(await sweep(engine)).toEqual({ pins: 1, pin_blocks: blocks.size, blocks: blocks.size })
  })

  it('tries again later and later, with the addresses named, until somebody has it', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'late')
    const [id = ''] = await engine.ask('a', root, { origins: ['/x'] })
    const jobs = await engine.work()
    const pauses = []
    for (let attempt = 1; attempt <= 5; attempt++) {
      await expect
        .poll(async () => (await engine.fetches())[0], { interval: 5 })
        .toMatchObject({
          attempts: attempt,
          next_attempt_at: expect.any(Number),
        })
      await jobs.idle()
      const [fetch] = await engine.fetches()
      expect(fetch).toMatchObject({ state: 'fetching', reason: 'no-source' })
      pauses.push(fetch!.next_attempt_at! - engine.services.clock.now())
      engine.move(pauses.at(-1)!)
    }
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeLessThanOrEqual(5_000 * 2 ** i)
      expect(pause).toBeGreaterThan(3_750 * 2 ** i - 1_000)
    }
    expect(await engine.status(id)).toBe(pinning)
    engine.node.add(blocks)
    await reaches(engine, id, pinned)
    expect(engine.node.origins.every(([origin]) => origin === '/x')).toBe(true)
  })

  it('gives up at the deadline, in words', async () => {
    const engine = await open()
    const [id = ''] = await engine.ask('a', absentCid())
    const jobs = await engine.work()
    await expect.poll(async () => (await engine.fetches())[0]?.attempts, { interval: 5 }).toBe(1)
    await jobs.idle()
    engine.move(24 * 3_600_000)
    await reaches(engine, id, failed)
    expect(await engine.file(id)).toMatchObject({ state: 'failed' })
    const [fetch] = await engine.fetches()
    expect(fetch).toMatchObject({ state: 'failed', reason: 'no-source', next_attempt_at: null })
    expect(fetch?.detail).toContain('Given up after 24 h')
    expect(await engine.jobs()).toEqual([])
    expect(await engine.counts('a')).toMatchObject({ pinning: 0, failed: 1 })
  })

  it('begins anew when content that had failed is asked for again', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'twice')
    const [first = ''] = await engine.ask('a', root)
    engine.move(24 * 3_600_000)
    await engine.work()
    await reaches(engine, first, failed)
    engine.node.add(blocks)
    const [second = ''] = await engine.ask('a', root)
    await reaches(engine, second, pinned)
    // It is here now, for whoever had asked before too.
    await reaches(engine, first, pinned)
    expect(await engine.fetches()).toEqual([])
  })

  it.each([
    ['a codec that nobody knows', (): Cid => ({ ...absentCid(), codec: 0x1234 }), 'invalid-content', '0x1234'],
    [
      'a hash that is too weak',
      (): Cid => ({ version: 1, codec: codecs.raw, multihash: Uint8Array.from([0x11, 20, ...new Uint8Array(20)]) }),
      'invalid-content',
      '0x11',
    ],
    [
      'a block that is too large to travel',
      (blocks: MemoryBlocks): Cid => putRaw(blocks, Buffer.alloc(2_097_153)),
      'too-large',
      '2097153',
    ],
  ])('fails at once for %s', async (_, make, reason, words) => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putCbor(blocks, { link: linkTo(make(blocks)) })
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('a', root)
    await engine.work()
    await reaches(engine, id, failed)
    const [fetch] = await engine.fetches()
    expect(fetch).toMatchObject({ state: 'failed', reason })
    expect(fetch?.detail).toContain(words)
    expect(await sweep(engine)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
  })

  it('fails at once for blocks that their codec does not fit, and keeps none of them', async () => {
    const engine = await open()
    const blocks = new MemoryBlocks()
    const root = putBytes(blocks, codecs.dagCbor, Buffer.from('no cbor at all'))
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('a', root)
    await engine.work()
    await reaches(engine, id, failed)
    expect((await engine.fetches())[0]).toMatchObject({ reason: 'invalid-content' })
    expect(await sweep(engine)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
  })

  it('stops when the quota is reached midway, and leaves nothing behind', async () => {
    const engine = await open()
    await engine.addAccount('small', { quotaBytes: 1_000 })
    // No root that says how large it all is.
    const blocks = new MemoryBlocks()
    const leaves = Array.from({ length: 200 }, (_, i) => putRaw(blocks, sampleBytes(100, i + 1)))
    const root = putCbor(blocks, leaves.map(linkTo))
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('small', root)
    await engine.work()
    await reaches(engine, id, failed)
    const [fetch] = await engine.fetches()
    expect(fetch).toMatchObject({ reason: 'quota-reached' })
    expect(fetch?.detail).toContain('0 of 1000 bytes')
    expect(await engine.usedBytes('small')).toBe(0)
    expect(await sweep(engine)).toEqual({ pins: 0, pin_blocks: 0, blocks: 0 })
  })

  it('asks for no more than the root of a file that says it is too large', async () => {
    const engine = await open()
    await engine.addAccount('small', { quotaBytes: 1_000 })
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(5_000) }])
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('small', root)
    await engine.work()
    await reaches(engine, id, failed)
    expect((await engine.fetches())[0]).toMatchObject({ reason: 'quota-reached' })
    expect(engine.node.numberGiven).toBe(1)
  })

  it('charges as many files as there is room for, and fails the others', async () => {
    const engine = await open()
    await engine.addAccount('small', { quotaBytes: 350 })
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, sampleBytes(100))
    engine.node.add(blocks)
    const ids = await engine.ask('small', root, { count: 5 })
    await engine.work()
    await expect.poll(async () => (await engine.fetches())[0]?.state, { interval: 10, timeout: 60_000 }).toBe('failed')
    const statuses = await Promise.all(ids.map((id) => engine.status(id)))
    expect(statuses.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([pinned, pinned, pinned, failed, failed])
    expect(await engine.usedBytes('small')).toBe(300)
    const pin = await engine.services.db.read.selectFrom('pins').select(['state', 'holders']).execute()
    expect(pin).toEqual([{ state: 'pinned', holders: 3 }])
  })

  it('fails where the account keeps everything private', async () => {
    const engine = await open()
    await engine.addAccount('private', { publicContent: 'refused' })
    const blocks = new MemoryBlocks()
    const root = putRaw(blocks, 'public')
    engine.node.add(blocks)
    const [id = ''] = await engine.ask('private', root)
    await engine.work()
    await reaches(engine, id, failed)
    expect((await engine.fetches())[0]).toMatchObject({ reason: 'public-refused' })
    expect(engine.node.opened).toBe(0)
  })

  it('pins one content for 10,000 requests, each with its own id', { timeout: 120_000 }, async () => {
    const engine = await open()
    const { root, blocks } = await importSample([{ path: 'f', content: sampleBytes(300) }])
    engine.node.add(blocks)
    const ids = await engine.ask('a', root, { count: 10_000 })
    const loop = watchLoop()
    await engine.work()
    await expect.poll(async () => (await engine.counts('a')).pinned, { timeout: 90_000, interval: 50 }).toBe(10_000)
    const longestMs = loop.longestMs()
    await expect.poll(() => engine.fetches(), { timeout: 60_000 }).toEqual([])
    expect(engine.node.numberGiven).toBe(blocks.size)
    const pins = await engine.services.db.read.selectFrom('pins').select(['state', 'holders']).execute()
    expect(pins).toEqual([{ state: 'pinned', holders: 10_000 }])
    expect(await engine.usedBytes('a')).toBe(3_000_000)
    await engine.remove(ids[0]!)
    await engine.remove(ids[9_999]!)
    await isWhole(engine, root)
    expect(await engine.status(ids[1]!)).toBe(pinned)
    // Others are served meanwhile.
    expect(longestMs).toBeLessThan(250)
  })
})

function putHashed(blocks: MemoryBlocks, name: string, bytes: Uint8Array): Cid {
  const known: Record<string, [number[], string]> = {
    'sha2-256': [[0x12, 32], 'sha256'],
    'sha2-512': [[0x13, 64], 'sha512'],
    'sha3-256': [[0x16, 32], 'sha3-256'],
    'blake2b-512': [[0xc0, 0xe4, 0x02, 64], 'blake2b512'],
  }
  const [front, algorithm] = known[name]!
  const multihash = Uint8Array.from([...front, ...createHash(algorithm).update(bytes).digest()])
  blocks.add(multihash, bytes)
  return { version: 1, codec: codecs.raw, multihash }
}
