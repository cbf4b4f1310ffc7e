import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid, type Cid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putFile, putPb, putRaw } from '../src/ipfs/sample-dags.ts'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { writeCar } from '../src/ipfs/write-car.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawConnect } from './support/raw-http.ts'
import { formBytes, formType } from './support/upload.ts'

/** Processor time, so that a busy machine does not count. */
const boundMs = 2_000
const longestHoldMs = 250

/** DAGs of few blocks that are much when they are walked, unfolded or listed. */
const bombs: Readonly<Record<string, (blocks: MemoryBlocks, leaf: Cid) => Cid>> = {
  '2^16 paths in 17 blocks': (blocks, leaf) => {
    let root = leaf
    for (let i = 0; i < 16; i++) root = putPb(blocks, undefined, [root, root])
    return root
  },
  'a file of 2^50 bytes': (blocks, leaf) => {
    let [root, size] = [leaf, 4]
    for (; size < 2 ** 50; size *= 2) root = putFile(blocks, [[root, size], [root, size]]) // prettier-ignore
    return root
  },
  'a file that declares 2^50 bytes and has 4': (blocks, leaf) => putFile(blocks, [[leaf, 2 ** 50]]),
  'directories in directories, 2^20 files': (blocks, leaf) => {
    let root = putDirectory(blocks, { a: leaf })
    for (let i = 0; i < 20; i++) root = putDirectory(blocks, { a: root, b: root })
    return root
  },
  'a chain of 5,000': (blocks, leaf) => {
    let root = leaf
    for (let i = 0; i < 5_000; i++) root = putFile(blocks, [[root, 4]])
    return root
  },
  'shards in shards, 2^64 names': (blocks, leaf) => {
    let root = putShard(blocks, (slot) => ({ cid: leaf, name: `${slot}x` }))
    for (let i = 0; i < 7; i++) root = putShard(blocks, (slot) => ({ cid: root, name: slot }))
    return root
  },
  'shards deeper than hashes are long': (blocks, leaf) => {
    let root = putShard(blocks, (slot) => ({ cid: leaf, name: `${slot}x` }))
    for (let i = 0; i < 300; i++) root = putShard(blocks, (slot) => ({ cid: root, name: slot }))
    return root
  },
  'a directory of 30,000 long names': (blocks, leaf) =>
    putDirectory(blocks, Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`name-${i}`.padEnd(20, '\n'), leaf]))),
  '20,000 links to one block': (blocks, leaf) => putFile(blocks, Array.from({ length: 20_000 }, () => [leaf, 4] as const)),
} // prettier-ignore

/** A shard with all of its 256 slots taken. */
function putShard(blocks: MemoryBlocks, linkOf: (slot: string) => { cid: Cid; name: string }): Cid {
  const links = Array.from({ length: 256 }, (_, slot) => ({
    ...linkOf(slot.toString(16).toUpperCase().padStart(2, '0')),
    tsize: 1,
  }))
  return putPb(blocks, { type: 'hamt-shard', data: Buffer.alloc(32, 0xff), hashType: 0x22, fanout: 256 }, links)
}

describe.each(databases)('DAGs that are more than they seem, on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  /** Does it, and holds how long the whole process computed, and how long at a stretch. */
  async function bounded<T>(what: string, action: () => Promise<T>): Promise<T> {
    const loop = watchLoop()
    const before = process.cpuUsage()
    const result = await action()
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000, `${what}, processor time`).toBeLessThan(boundMs)
    expect(loop.longestMs(), `${what}, at a stretch`).toBeLessThan(longestHoldMs)
    return result
  }

  /** Reads the beginning of an answer and leaves. */
  async function glance(request: string): Promise<string> {
    const connection = await rawConnect(app.gatewayUrl, `${request}\r\nHost: x\r\nConnection: close\r\n\r\n`)
    let text = ''
    await new Promise<void>((resolve) => {
      connection.socket.on('data', (piece: string) => {
        text += piece
        if (text.length > 4_000) resolve()
      })
      connection.socket.once('end', resolve).once('close', resolve)
    })
    connection.socket.destroy()
    return text
  }

  it.each(Object.keys(bombs))('%s: import and every way to read are over soon', { timeout: 120_000 }, async (name) => {
    const blocks = new MemoryBlocks()
    const root = bombs[name]?.(blocks, putRaw(blocks, database.slice(0, 4))) ?? putRaw(blocks, '')
    const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
    const body = formBytes([['car', 'true'], ['network', 'public'], ['file', car, 'a.car']]) // prettier-ignore
    const kept = await bounded('import', () =>
      app.ask('POST', '/v3/files', { key, body: new Uint8Array(body), headers: { 'content-type': formType } }),
    )
    expect([200, 400, 413]).toContain(kept.status)
    if (kept.status !== 200) return
    const cid = formatCid(root)
    for (const [method, tail, range] of [
      ['GET', '', ''],
      ['GET', '', '\r\nRange: bytes=1125899906842000-1125899906842009'],
      ['GET', '', '\r\nRange: bytes=-3'],
      ['HEAD', '', ''],
      ['GET', '', '\r\nIf-None-Match: *'],
      ['GET', '?format=car', ''],
      ['GET', '?format=tar', ''],
      ['GET', '?format=raw', ''],
      ['GET', '?format=car&dag-scope=entity', ''],
      ['GET', '?format=car&entity-bytes=1000:*', ''],
      ['GET', '?format=dag-json', ''],
      ['GET', '/', '\r\nAccept: text/html'],
      ['GET', '/?after=99', ''],
      ['GET', '?img-width=10', ''],
      ['HEAD', '?format=tar', ''],
      ['GET', '/a/a/a/a/a/a/a/a', ''],
      ['GET', '/index.html', ''],
      ['HEAD', '?format=car', ''],
    ] as const) {
      const what = `${method} ${tail}${range}`
      const text = await bounded(what, () => glance(`${method} /ipfs/${cid}${tail} HTTP/1.1${range}`))
      // A file that is not as long as it says is cut off, and may be so before anything of it was sent.
      expect(text, what).toMatch(/^(HTTP\/1\.1 (2\d\d|4\d\d|30\d) |$)/)
    }
    const { id } = kept.body.data
    await bounded('receipt', () => app.ask('GET', `/pinyon/v1/files/${id}/receipt`, { key }))
    const gone = await bounded('delete', () => app.ask('DELETE', `/v3/files/public/${id}`, { key }))
    expect(gone.status).toBe(200)
  })
})
