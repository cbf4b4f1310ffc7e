import { nothingGranted } from '@pinyon/contract/permissions.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutV0 } from '../src/ipfs/layout.ts'
import { receiveJson } from '../src/uploads/receive-json.ts'
import { Reservations } from '../src/usage/reservations.ts'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { remains } from './support/upload.ts'

const plain = {
  name: undefined,
  keyvalues: {},
  groupId: undefined,
  pinPolicy: undefined,
  layout: layoutV0,
  expiresAt: null,
}

/** Small uploads that wait at the same time are kept in one write: none of them may notice the others. */
describe.each(databases)('small uploads at the same time on %s', (database) => {
  let app: TestApp
  let operator: Awaited<ReturnType<TestApp['setUp']>>
  let accounts = 0

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  const account = (more?: object) => app.makeAccount(operator, `together-${++accounts}`, { ...more })
  const pin = (key: KeyValues, pinataContent: unknown, more?: object) =>
    app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { pinataContent, ...more } })
  /** As an upload of ten bytes in a process of its own, which does not see what others are promised. */
  const keep = ({ accountId }: { accountId: string }, tenBytes: string, network: 'public' | 'private') => {
    const services = { ...app.services, reservations: new Reservations() }
    const origin = { requestId: 'test', address: '192.0.2.1', agent: null }
    const bytes = Buffer.from(JSON.stringify(tenBytes))
    return receiveJson(services, { accountId, granted: nothingGranted, origin }, bytes, { ...plain, network })
  }
  const totals = async (key: KeyValues) => (await app.ask('GET', '/data/userPinnedDataTotal', { key })).body

  it('are each kept as if they came alone', async () => {
    const keys = [await account(), await account(), await account()]
    const before = app.services.db.commits
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        pin(keys[n % 3]!, { n }, { pinataMetadata: { name: `n ${n}`, keyvalues: { n, odd: n % 2 === 1 } } }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    if (database === 'sqlite') expect(app.services.db.commits - before).toBeLessThan(60)
    for (const [n, { body }] of answers.entries()) {
      expect(body).toMatchObject({
        Name: `n ${n}`,
        PinSize: `{"n":${n}}`.length,
        Keyvalues: { n: String(n), odd: String(n % 2 === 1) },
      })
      expect(body).not.toHaveProperty('isDuplicate')
      const query = `hashContains=${body.IpfsHash}&metadata[keyvalues]={"n":{"value":${n},"op":"eq"}}`
      const listed = await app.ask('GET', `/data/pinList?${query}`, { key: keys[n % 3]! })
      expect(listed.body.rows).toMatchObject([
        { id: body.ID, ipfs_pin_hash: body.IpfsHash, metadata: { name: `n ${n}` } },
      ])
      const read = await fetch(`${app.gatewayUrl}/ipfs/${body.IpfsHash}`)
      expect(await read.json()).toEqual({ n })
    }
    for (const [i, key] of keys.entries()) {
      const mine = answers.filter((_, n) => n % 3 === i)
      const sum = mine.reduce((bytes, { body }) => bytes + body.PinSize, 0)
      expect(await totals(key)).toMatchObject({ pin_count: 20, pin_size_total: sum })
    }
  })

  it('of the same content are one file in each account', async () => {
    const keys = [await account(), await account()]
    const answers = await Promise.all(Array.from({ length: 16 }, (_, n) => pin(keys[n % 2]!, { same: 'content' })))
    for (const [i, key] of keys.entries()) {
      const mine = answers.filter((_, n) => n % 2 === i).map(({ body }) => body)
      expect(new Set(mine.map(({ ID }) => ID)).size).toBe(1)
      expect(mine.filter(({ isDuplicate }) => isDuplicate !== true)).toHaveLength(1)
      expect(await totals(key)).toMatchObject({ pin_count: 1 })
    }
    // Each of the two holds the pin: it stays until both let it go.
    const { IpfsHash } = answers[0]!.body
    for (const [i, key] of keys.entries()) {
      expect((await fetch(`${app.gatewayUrl}/ipfs/${IpfsHash}`)).status).toBe(200)
      expect((await app.ask('DELETE', `/pinning/unpin/${IpfsHash}`, { key })).status).toBe(200)
      expect((await fetch(`${app.gatewayUrl}/ipfs/${IpfsHash}`)).status).toBe(i === 0 ? 200 : 404)
    }
  })

  it('fill a quota exactly, and others do not feel it', async () => {
    const [bounded, free] = [await account({ quotaBytes: 100 }), await account()]
    const ends = await Promise.allSettled(
      Array.from({ length: 48 }, (_, n) =>
        keep(n % 2 === 0 ? bounded : free, `ten${String(n).padStart(5, '0')}`, n % 4 < 2 ? 'public' : 'private'),
      ),
    )
    const refused = ends.filter((end, n) => n % 2 === 0 && end.status === 'rejected')
    expect(refused).toHaveLength(14)
    for (const end of refused) expect(end).toMatchObject({ reason: { code: 'quota_reached' } })
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(34)
    for (const [key, sum] of [
      [bounded, 100],
      [free, 240],
    ] as const) {
      const { totals } = await remains(app, key.accountId)
      expect(totals.reduce((bytes, total) => bytes + total.bytes, 0)).toBe(sum)
    }
  })

  it('bring a quota near once, and tell whoever listens of each', async () => {
    const key = await account({ quotaBytes: 1_000 })
    const asked = { url: 'https://hooks.example.test/pinyon', events: ['ipfs.public.file_added', 'quota.near'] }
    const hook = await app.ask('POST', '/pinyon/v1/webhooks', { key, json: asked })
    expect(hook.status).toBe(200)
    await Promise.all(Array.from({ length: 90 }, (_, n) => keep(key, `near${String(1000 + n)}`, 'public')))
    const rows = await app.services.db.read
      .selectFrom('events')
      .select(['kind', 'data'])
      .where('account_id', '=', key.accountId)
      .execute()
    expect(rows.filter(({ kind }) => kind === 'ipfs.public.file_added')).toHaveLength(90)
    expect(rows.filter(({ kind }) => kind === 'quota.near')).toHaveLength(1)
  })
})
