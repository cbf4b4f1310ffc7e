import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { base58btc } from 'multiformats/bases/base58'
import { formatIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { makePublisher, type Publisher, type RecordOptions } from './support/ipns-record.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk, type RawAnswer } from './support/raw-http.ts'

describe.each(databases)('names of the gateway on %s', (database) => {
  const names = new PresetNames()
  let now = Date.now()
  let app: TestApp
  let key: KeyValues
  let site: Uploaded
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)

  beforeAll(async () => {
    app = await startTestApp({ database, nameSource: names, clock: { now: () => now } })
    key = await app.setUp()
    site = await upload(app, key, [
      ['site/a.txt', 'a file'],
      ['site/sub/b.txt', 'below'],
    ])
  })
  afterAll(() => app.close())
  beforeEach(() => {
    now += 10_000_000 // nothing that was looked up before is still known
  })

  /** Publishes under a new name and asks for it. */
  async function publish(
    options: Omit<RecordOptions, 'value'> & { value?: string },
    path = '/a.txt',
    type?: 'RSA',
  ): Promise<RawAnswer & { name: string; publisher: Publisher }> {
    const publisher = await makePublisher(type)
    const value = options.value ?? `/ipfs/${site.cid}`
    names.setRecord(publisher.name, await publisher.sign({ validUntil: now + 3_600_000, ...options, value }))
    const name = formatIpnsName(publisher.name)
    return { ...(await get(`/ipns/${name}${path}`)), name, publisher }
  }

  it('serves what a record of either kind of key names, for as long as its author says', async () => {
    for (const type of [undefined, 'RSA'] as const) {
      const { status, text, headers, name } = await publish({ ttlMs: 90_000 }, '/sub/b.txt', type)
      expect([status, text]).toEqual([200, 'below'])
      expect(headers['cache-control']).toBe('public, max-age=90')
      expect(headers['x-ipfs-path']).toBe(`/ipns/${name}/sub/b.txt`)
      expect(String(headers['x-ipfs-roots']).split(',')[0]).toBe(site.cid)
      expect(headers['last-modified']).toBeUndefined()
    }
    const soonOver = await publish({ ttlMs: 90_000, validUntil: now + 30_500 })
    expect(soonOver.headers['cache-control']).toBe('public, max-age=30')
  })

  it('puts the path of a record before the one that is asked for', async () => {
    const { status, text, headers } = await publish({ value: `/ipfs/${site.cid}/sub` }, '/b.txt')
    expect([status, text]).toEqual([200, 'below'])
    expect(String(headers['x-ipfs-roots']).split(',')).toHaveLength(2)
  })

  it('believes no record that is not wholly the word of its owner', async () => {
    for (const wrong of [
      { forged: true },
      { unsigned: true },
      { unsigned: true, oldValue: `/ipfs/${site.cid}` },
      { oldValue: '/ipfs/bafkqaaa' },
      { validUntil: now - 1 },
      { value: 'https://evil.example/' },
      { value: '/ipfs/nonsense' },
    ]) {
      const { status, headers } = await publish(wrong)
      expect(status, JSON.stringify(wrong)).toBe(500)
      expect(headers['cache-control'], JSON.stringify(wrong)).toBe('no-store')
      expect(headers['access-control-allow-origin']).toBe('*')
    }
    expect((await publish({ withKey: false }, '', 'RSA')).status).toBe(500)
    expect((await publish({ oldValue: `/ipfs/${site.cid}` })).status).toBe(200)
    const [mine, other] = [await makePublisher(), await makePublisher()]
    names.setRecord(mine.name, await other.sign({ value: `/ipfs/${site.cid}`, validUntil: now + 1_000 }))
    expect((await get(`/ipns/${formatIpnsName(mine.name)}/a.txt`)).status).toBe(500)
    expect((await get(`/ipns/${formatIpnsName((await makePublisher()).name)}`)).status).toBe(500)
  })

  it('looks a record up again when its time is over, and not before', async () => {
    const { name, publisher } = await publish({ ttlMs: 60_000, validUntil: now + 100_000 })
    names.setRecord(
      publisher.name,
      await publisher.sign({ value: '/ipfs/bafkqabtimvwgy3yk', validUntil: now + 500_000 }),
    )
    now += 59_000
    expect((await get(`/ipns/${name}/a.txt`)).text).toBe('a file')
    now += 2_000
    expect((await get(`/ipns/${name}`)).text).toContain('hello')
    names.records.clear()
    now += 500_000
    expect((await get(`/ipns/${name}`)).status).toBe(500)
  })

  it('gives a record out as it was signed, and only by its bare address', async () => {
    const { name, publisher } = await publish({ ttlMs: 90_000 })
    for (const [path, headers] of [
      [`/ipns/${name}?format=ipns-record`, {}],
      [`/ipns/${name}`, { accept: 'application/vnd.ipfs.ipns-record' }],
    ] as const) {
      const answer = await get(path, headers)
      expect(answer.status).toBe(200)
      expect(answer.body.equals(names.records.get(formatIpnsName(publisher.name)) ?? Buffer.alloc(0))).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/vnd.ipfs.ipns-record',
        'content-disposition': `attachment; filename="${name}.ipns-record"`,
        'cache-control': 'public, max-age=90',
      })
      const again = await get(path, { ...headers, 'if-none-match': answer.headers.etag ?? '' })
      expect([again.status, again.body.length]).toEqual([304, 0])
    }
    expect((await get(`/ipns/${name}/a.txt?format=ipns-record`)).status).toBe(400)
    expect((await get(`/ipns/site.example.org?format=ipns-record`)).status).toBe(400)
  })

  it('follows DNSLinks, to names too, and ends when they lead in circles', async () => {
    const { name } = await publish({ ttlMs: 45_000 })
    names.setLink('site.example.org', `/ipfs/${site.cid}/sub`)
    names.setLink('name.example.org', `/ipns/${name}`)
    names.setLink('again.example.org', '/ipns/site.example.org')
    names.setLink('circle.example.org', '/ipns/circle.example.org')
    names.setLink('broken.example.org', '/ipfs/nonsense')
    const linked = await get('/ipns/site.example.org/b.txt')
    expect([linked.status, linked.text]).toEqual([200, 'below'])
    // Nothing says how long it holds.
    expect(linked.headers['cache-control']).toBeUndefined()
    const named = await get('/ipns/name.example.org/a.txt')
    expect([named.status, named.headers['cache-control']]).toEqual([200, 'public, max-age=45'])
    expect((await get('/ipns/again.example.org/b.txt')).text).toBe('below')
    expect((await get('/ipns/circle.example.org/')).status).toBe(400)
    expect((await get('/ipns/broken.example.org/')).status).toBe(500)
    expect((await get('/ipns/none.example.org/')).status).toBe(404)
  })

  it('asks the DNS for real domains only, once at a time', async () => {
    names.asked.length = 0
    for (const name of ['localhost', 'printer.local', '10.0.0.1', 'a..b.org', 'a.test', `${'a'.repeat(64)}.org`]) {
      expect([400, 404], name).toContain((await get(`/ipns/${name}/`)).status)
    }
    expect(names.asked).toEqual([])
    await Promise.all(Array.from({ length: 20 }, () => get('/ipns/many.example.org/')))
    expect(names.asked).toEqual(['_dnslink.many.example.org', 'many.example.org'])
  })

  it('shows nothing private by a name', async () => {
    const hidden = await upload(app, key, [['h.txt', 'hidden']], { network: 'private' })
    const { status, text } = await publish({ value: `/ipfs/${hidden.cid}` }, '')
    expect(status).toBe(404)
    expect(text).not.toContain('hidden')
  })

  it('sends names in base58 to the spelling that fits everywhere', async () => {
    const { name, publisher } = await publish({})
    const old = base58btc.baseEncode(publisher.name.multihash)
    const answer = await get(`/ipns/${old}/sub/?x=1`)
    expect([answer.status, answer.headers.location]).toEqual([302, `/ipns/${name}/sub/?x=1`])
  })
})
