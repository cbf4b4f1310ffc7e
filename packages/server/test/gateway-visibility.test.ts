import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { importSample, type SampleDag } from '../src/ipfs/sample-dags.ts'
import { collect } from '../src/ipfs/sample-dags.ts'
import { walkDag } from '../src/ipfs/walk-dag.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const unknownCid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

describe.each(databases)('what the gateway shows on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let now = Date.UTC(2026, 0, 1)
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)

  beforeAll(async () => {
    app = await startTestApp({ database, clock: { now: () => now++ } })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const forms = [
    '',
    '/',
    '?format=raw',
    '?format=car',
    '?filename=a.html',
    '?download=true',
    '/a/b',
    '?format=car&dag-scope=block',
    '?format=car&entity-bytes=0:1',
    '?format=tar',
    '?format=json',
    '?format=dag-json',
    '?img-width=10',
  ]
  /** Every form of an answer, without what differs from request to request. */
  async function seen(cid: string): Promise<unknown[]> {
    const answers = []
    for (const form of forms) {
      for (const [method, headers] of [
        ['GET', {}],
        ['HEAD', {}],
        ['GET', { range: 'bytes=0-1' }],
        ['GET', { 'if-none-match': `"${cid}"` }],
        ['GET', { 'if-none-match': '*' }],
        ['GET', { 'cache-control': 'only-if-cached' }],
        ['GET', { 'service-worker': 'script' }],
      ] as const) {
        const answer = await rawAsk(app.gatewayUrl, method, `/ipfs/${cid}${form}`, headers)
        const { date: _date, 'x-request-id': _id, ...rest } = answer.headers
        answers.push([form, method, headers, answer.status, rest, answer.text])
      }
    }
    return answers
  }
  const expectUnseen = async (cid: string) => {
    const strangerCid = formatCid({
      version: 1,
      codec: 0x55,
      multihash: Buffer.concat([Buffer.from([0x12, 32]), randomBytes(32)]),
    })
    const [asked, unknown] = [await seen(cid), await seen(strangerCid)]
    expect(JSON.stringify(asked).replaceAll(cid, 'CID')).toBe(JSON.stringify(unknown).replaceAll(strangerCid, 'CID'))
  }
  const cidsOf = async (sample: SampleDag) =>
    (await collect(walkDag(sample.blocks, sample.root))).map(({ cid }) => formatCid(cid))
  const sampleFolder = () =>
    importSample(
      [
        { path: 'root/a/secret.bin', content: randomBytes(200) },
        { path: 'root/b.txt', content: randomBytes(20) },
      ],
      { chunkBytes: 50, links: 3 },
    )

  it('is nothing of a private file: not its root, not a leaf, not what lies between', async () => {
    const sample = await sampleFolder()
    await uploadDag(app, key, sample, { network: 'private' })
    const cids = await cidsOf(sample)
    expect(cids.length).toBeGreaterThan(6)
    for (const cid of [cids[0]!, cids[2]!, cids.at(-1)!]) await expectUnseen(cid)
    for (const cid of cids) expect((await get(`/ipfs/${cid}?format=raw`)).status).toBe(404)
  })

  it('is a block of a private file while, and only while, a public file holds it too', async () => {
    const content = randomBytes(400_000)
    const secret = await upload(app, key, [['secret.bin', content]], { network: 'private' })
    expect((await get(`/ipfs/${secret.cid}`)).status).toBe(404)
    const shown = await upload(app, key, [['d/shown.bin', content]])
    expect((await get(`/ipfs/${secret.cid}`)).body.equals(content)).toBe(true)
    expect((await get(`/ipfs/${shown.cid}/shown.bin`)).body.equals(content)).toBe(true)
    expect((await app.ask('DELETE', `/v3/files/public/${shown.id}`, { key })).status).toBe(200)
    // The bytes are still in the cache of verified blocks; what may be seen is asked for each read.
    await expectUnseen(secret.cid)
    expect((await get(`/ipfs/${shown.cid}/`)).status).toBe(404)
    const own = await app.ask('GET', `/pinyon/v1/files/${secret.id}/content`, { key })
    expect(own.status).toBe(200)
  })

  it('ends with the last unpin, and not before', async () => {
    const content = `shared ${randomBytes(8).toString('hex')}`
    const other = await app.makeAccount(key, `other-${database}`)
    const [mine, theirs] = [await upload(app, key, [['a', content]]), await upload(app, other, [['b', content]])]
    expect(mine.cid).toBe(theirs.cid)
    expect((await app.ask('DELETE', `/pinning/unpin/${mine.cid}`, { key })).status).toBe(200)
    expect((await get(`/ipfs/${mine.cid}`)).text).toBe(content)
    expect((await app.ask('DELETE', `/pinning/unpin/${mine.cid}`, { key: other })).status).toBe(200)
    await expectUnseen(mine.cid)
  })

  it('ends when a file expires', async () => {
    const sent = await upload(app, key, [['soon.txt', `soon ${randomBytes(8).toString('hex')}`]], {
      expires_at: String(Math.floor(now / 1000) + 3_600),
    })
    expect((await get(`/ipfs/${sent.cid}`)).status).toBe(200)
    now += 3_700_000
    await expect.poll(async () => (await get(`/ipfs/${sent.cid}`)).status, { timeout: 60_000 }).toBe(404)
    await expectUnseen(sent.cid)
  })

  it('keeps credentials and cookies out of what is answered', async () => {
    const sent = await upload(app, key, [['a.txt', 'private words']], { network: 'private' })
    const headers = { authorization: `Bearer ${key.JWT}`, cookie: '__Host-pinyon=x', 'x-pinata-gateway-token': 'x' }
    const [plain, withKey] = [await get(`/ipfs/${sent.cid}`), await get(`/ipfs/${sent.cid}`, headers)]
    expect([withKey.status, withKey.text]).toEqual([plain.status, plain.text])
    expect((await get(`/ipfs/${unknownCid}`)).headers['set-cookie']).toBeUndefined()
    expect(app.log()).not.toContain('__Host-pinyon=x')
  })
})
