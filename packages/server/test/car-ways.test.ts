import * as dagCbor from '@ipld/dag-cbor'
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type Answered, type KeyValues, type TestApp } from './support/app.ts'
import { type Block, blockOf, carOf } from './support/car-blocks.ts'
import { rawAsk } from './support/raw-http.ts'
import { begun, patch } from './support/tus.ts'
import { remains, sendForm } from './support/upload.ts'

/** A root, a node between, and three leaves; one of them of so many bytes. */
function dagOf(leafBytes = 1_000) {
  const [one, two, three] = [blockOf(randomBytes(leafBytes)), blockOf(randomBytes(900)), blockOf(randomBytes(800))]
  const middle = blockOf(dagCbor.encode([one.cid, two.cid]), dagCbor.code)
  const root = blockOf(dagCbor.encode({ middle: middle.cid, three: three.cid }), dagCbor.code)
  return { root, middle, one, two, three, all: [root, middle, one, two, three] }
}

type Dag = ReturnType<typeof dagOf>
const without = (left: keyof Omit<Dag, 'all'>) => (dag: Dag) => dag.all.filter((block) => block !== dag[left])

/** What is wrong with a CAR: how large its first leaf is, which blocks it has, and what the refusal says. */
const damages: Record<string, { leafBytes?: number; blocks: (dag: Dag) => Block[]; reason: string }> = {
  'no root': { blocks: without('root'), reason: 'INCOMPLETE_DAG' },
  'no node between': { blocks: without('middle'), reason: 'INCOMPLETE_DAG' },
  'no leaf': { blocks: without('two'), reason: 'INCOMPLETE_DAG' },
  'a leaf that was altered': {
    blocks: (dag) => [...without('three')(dag), { cid: dag.three.cid, bytes: randomBytes(800) }],
    reason: 'INVALID_CAR',
  },
  'a leaf under the hash of another': {
    blocks: (dag) => [...without('two')(dag), { cid: dag.two.cid, bytes: dag.one.bytes }],
    reason: 'INVALID_CAR',
  },
  'a block of a byte more than 2 MiB': { leafBytes: 2_097_153, blocks: ({ all }) => all, reason: 'BLOCK_TOO_LARGE' },
  'a block of 8 MiB': { leafBytes: 8_388_608, blocks: ({ all }) => all, reason: 'BLOCK_TOO_LARGE' },
}

describe.each(databases)('a CAR on %s (T86, T87, T91)', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  /** Every way in; what is left of it is given up. */
  const ways: Record<string, (car: Buffer, root: CID) => Promise<Answered>> = {
    'a form': (car) => sendForm(app, '/v3/files', key, [['car', 'true'], ['network', 'public'], ['file', car, 'a.car']]), // prettier-ignore
    'a form that says it afterwards': (car) => sendForm(app, '/v3/files', key, [['file', car, 'a.car'], ['network', 'public'], ['car', 'true']]), // prettier-ignore
    'an import': (car, root) => sendForm(app, '/pinyon/v1/imports', key, [['cid', root.toString()], ['network', 'public'], ['file', car, 'a.car']]), // prettier-ignore
    'a resumable upload': async (car) => {
      const { path } = await begun(app, key, car.length, { metadata: { car: 'true', network: 'public' } })
      const half = Math.floor(car.length / 2)
      const first = await patch(app, key, path, 0, car.subarray(0, half))
      const last = first.status === 204 ? await patch(app, key, path, half, car.subarray(half)) : first
      if (last.status !== 204) expect((await app.ask('DELETE', path, { key })).status).toBe(204)
      return last
    },
  }

  describe.each(Object.entries(ways))('that comes by %s', (_way, send) => {
    it.each(Object.entries(damages))('is refused with %s, and none of its blocks can be read', async (_, damage) => {
      const dag = dagOf(damage.leafBytes)
      const before = await remains(app, key.accountId)
      const { status, body } = await send(await carOf([dag.root.cid], damage.blocks(dag)), dag.root.cid)
      expect([status, body.error?.reason]).toEqual([400, damage.reason])
      expect(await remains(app, key.accountId)).toEqual(before)
      for (const { cid } of dag.all)
        expect((await rawAsk(app.gatewayUrl, 'GET', `/ipfs/${cid.toString()}?format=raw`)).status).toBe(404)
      // To build on them is to want them all.
      const on = blockOf(dagCbor.encode(dag.all.map(({ cid }) => cid)), dagCbor.code)
      const built = await ways['a form']?.(await carOf([on.cid], [on]), on.cid)
      expect([built?.status, built?.body.error?.missing.length]).toEqual([400, dag.all.length])
    })

    it('is taken when it is whole, up to blocks of 2 MiB, and read', async () => {
      const dag = dagOf(2_097_152)
      const { status } = await send(await carOf([dag.root.cid], dag.all), dag.root.cid)
      expect([200, 204]).toContain(status)
      for (const { cid, bytes } of dag.all) {
        const answer = await rawAsk(app.gatewayUrl, 'GET', `/ipfs/${cid.toString()}?format=raw`)
        expect([answer.status, Buffer.compare(answer.body, bytes)]).toEqual([200, 0])
      }
    })
  })
})
