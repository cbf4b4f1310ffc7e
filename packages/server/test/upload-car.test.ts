import * as dagCbor from '@ipld/dag-cbor'
import * as dagPb from '@ipld/dag-pb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './support/app.ts'
import { type Block, blockOf, carOf } from './support/car-blocks.ts'
import { type Part, remains, sendForm } from './support/upload.ts'

function node(value: unknown): Block {
  return blockOf(dagCbor.encode(value), dagCbor.code)
}

/** A folder of files with random content, as blocks. */
function folderOf(count: number, size: number): { root: Block; blocks: Block[] } {
  const leaves = Array.from({ length: count }, (_, i) => blockOf(Buffer.alloc(size, `${i} ${Math.random()} `)))
  const links = leaves.map(({ cid, bytes }, i) => ({
    Hash: cid,
    Name: String(i).padStart(6, '0'),
    Tsize: bytes.length,
  }))
  const root = blockOf(dagPb.encode(dagPb.prepare({ Data: Uint8Array.of(8, 1), Links: links })), dagPb.code)
  return { root, blocks: [root, ...leaves] }
}

describe('POST /v3/files with car=true', () => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['setUp']>>

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const upload = (car: Uint8Array, more: readonly Part[] = [], asked = key) =>
    sendForm(app, '/v3/files', asked, [['file', car, 'some.car'], ['car', 'true'], ...more])

  it('keeps the root’s CID, counts the content, and serves it', async () => {
    const { root, blocks } = folderOf(3, 1_000)
    const { status, body } = await upload(await carOf([root.cid], blocks), [['network', 'public']])
    expect(status).toBe(200)
    expect(body.data).toMatchObject({
      cid: root.cid.toString(),
      size: 3_000,
      number_of_files: 3,
      mime_type: 'directory',
      name: 'some.car',
    })
    const reply = await fetch(`${app.gatewayUrl}/ipfs/${root.cid.toString()}/000002`)
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(Buffer.from(blocks[3]?.bytes ?? []))
  })

  it('reads a large CAR whether that is said before it or after', async () => {
    const { root, blocks } = folderOf(60, 50_000)
    const car = await carOf([root.cid], blocks)
    const after = await upload(car)
    expect(after.body.data).toMatchObject({ cid: root.cid.toString(), size: 3_000_000, number_of_files: 60 })
    const rows = await remains(app, key.accountId)
    const before = await sendForm(app, '/v3/files', key, [
      ['car', 'true'],
      ['file', car, 'x.car'],
    ])
    expect(before.body.data).toMatchObject({ id: after.body.data.id, is_duplicate: true })
    expect(await remains(app, key.accountId)).toEqual(rows)
  })

  it('keeps and charges only what the root reaches', async () => {
    const { root, blocks } = folderOf(2, 500)
    const foreign = blockOf(Buffer.from('not reached'))
    const before = await remains(app, key.accountId)
    const { body } = await upload(await carOf([root.cid], [foreign, ...blocks, ...blocks]), [['network', 'public']])
    expect(body.data).toMatchObject({ size: 1_000, number_of_files: 2 })
    const after = await remains(app, key.accountId)
    expect(after.pinBlocks - before.pinBlocks).toBe(3)
    expect((await fetch(`${app.gatewayUrl}/ipfs/${foreign.cid.toString()}`)).status).toBe(404)
  })

  it('takes dag-cbor, and counts its blocks once', async () => {
    const leaf = blockOf(Buffer.alloc(100, 'leaf'))
    const root = node({ a: leaf.cid, b: [leaf.cid] })
    const { body } = await upload(await carOf([root.cid], [root, leaf]))
    expect(body.data).toMatchObject({ cid: root.cid.toString(), size: 100 + root.bytes.length })
  })

  it('builds on blocks of the account’s own pins and of public ones, and on no others', async () => {
    const other = await app.makeAccount(key, 'car-other')
    const secret = blockOf(Buffer.from('private to the other account'))
    const shared = blockOf(Buffer.from('public of the other account'))
    const own = blockOf(Buffer.from('private to this account'))
    const keep = (bytes: Uint8Array, network: string, asked: typeof key) =>
      sendForm(app, '/v3/files', asked, [
        ['file', bytes, 'a.bin'],
        ['network', network],
      ])
    await keep(secret.bytes, 'private', other)
    await keep(shared.bytes, 'public', other)
    await keep(own.bytes, 'private', key)
    const good = node({ shared: shared.cid, own: own.cid })
    expect((await upload(await carOf([good.cid], [good]))).status).toBe(200)
    const bad = node({ secret: secret.cid })
    const absent = node({ secret: blockOf(Buffer.from('nowhere')).cid })
    const refusals = await Promise.all([bad, absent].map(async (root) => upload(await carOf([root.cid], [root]))))
    for (const { status, body } of refusals) {
      expect([status, body.error?.reason, body.error?.missing.length]).toEqual([400, 'INCOMPLETE_DAG', 1])
    }
  })

  it.each([
    ['no CAR at all', 'INVALID_CAR', () => Promise.resolve(Buffer.from('hello world, this is no CAR'))],
    ['an empty file', 'INVALID_CAR', () => Promise.resolve(Buffer.alloc(0))],
    ['a CAR without roots', 'INVALID_CAR', () => carOf([], folderOf(1, 10).blocks)],
    [
      'a CAR with two roots',
      'INVALID_CAR',
      () => {
        const { root, blocks } = folderOf(1, 10)
        return carOf([root.cid, blocks[1]?.cid ?? root.cid], blocks)
      },
    ],
    ['a CAR without its root', 'INCOMPLETE_DAG', () => carOf([folderOf(1, 10).root.cid], folderOf(1, 10).blocks)],
    [
      'a CAR without a leaf',
      'INCOMPLETE_DAG',
      () => {
        const { root, blocks } = folderOf(3, 10)
        return carOf([root.cid], blocks.slice(0, -1))
      },
    ],
    [
      'a CAR with one altered block of 1,000',
      'INVALID_CAR',
      () => {
        const { root, blocks } = folderOf(1_000, 20)
        const altered = blocks.map((block, i) => (i === 777 ? { ...block, bytes: Buffer.from('altered') } : block))
        return carOf([root.cid], altered)
      },
    ],
    [
      'a CAR that ends inside a block',
      'INVALID_CAR',
      async () => {
        const { root, blocks } = folderOf(2, 100)
        return (await carOf([root.cid], blocks)).subarray(0, -10)
      },
    ],
    [
      'a block over 2 MiB',
      'BLOCK_TOO_LARGE',
      () => {
        const large = blockOf(Buffer.alloc(2 * 1024 * 1024 + 1))
        return carOf([large.cid], [large])
      },
    ],
    [
      'a codec that nobody can follow',
      'UNSUPPORTED_CODEC',
      () => {
        const odd = blockOf(Buffer.from('odd'), 0x97)
        return carOf([odd.cid], [odd])
      },
    ],
    [
      'a dag-pb block that is none',
      'INVALID_BLOCK',
      () => {
        const odd = blockOf(Buffer.from('odd'), dagPb.code)
        return carOf([odd.cid], [odd])
      },
    ],
  ] as const)('refuses %s and keeps nothing', async (_, reason, car) => {
    const before = await remains(app, key.accountId)
    const refused = await upload(await car())
    expect([refused.status, refused.body.error?.reason]).toEqual([400, reason])
    expect(await remains(app, key.accountId)).toEqual(before)
  })

  it('takes a block of exactly 2 MiB', async () => {
    const large = blockOf(Buffer.alloc(2 * 1024 * 1024, 7))
    expect((await upload(await carOf([large.cid], [large]))).body.data).toMatchObject({ size: 2 * 1024 * 1024 })
  })

  it('refuses a folder of CARs', async () => {
    const { root, blocks } = folderOf(1, 10)
    const car = await carOf([root.cid], blocks)
    const refused = await sendForm(app, '/v3/files', key, [
      ['file', car, 'a/one.car'],
      ['file', car, 'a/two.car'],
      ['car', 'true'],
    ])
    expect(refused.status).toBe(400)
  })
})
