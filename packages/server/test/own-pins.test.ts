import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { PsaClient, unknownCid } from './support/pins.ts'

const unknown = '01a00000-0000-7000-8000-000000000000'

describe.each(databases)('pins on our own routes on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let psa: PsaClient
  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    psa = new PsaClient(app, key)
  })
  afterAll(() => app.close())

  it('tell how a pin is fetched: attempts, the next one, why, what would help, and who was asked', async () => {
    const origin = '/ip4/10.1.2.3/tcp/4001/p2p/12D3KooWGRUVh1ogQVGEnkvL2DtGVQvmFDHnQmcVrRYdQ9dFqDVL'
    const meta = { kind: 'tree' }
    const { requestid } = await psa.add({ cid: unknownCid(), name: 'lost', origins: [origin], meta })
    const look = async () => (await app.ask('GET', `/pinyon/v1/pins/${requestid}`, { key })).body
    await expect.poll(async () => (await look()).attempts).toBe(1)
    expect(await look()).toMatchObject({ name: 'lost', status: 'pinning', sizeBytes: null, keyvalues: meta })
    await expect.poll(look).toMatchObject({
      progress: { blocks: 0, bytes: 0, lastBlockAt: null },
      attempts: 1,
      origins: [origin],
      nextAttemptAt: expect.any(String),
      deadlineAt: expect.any(String),
      reason: {
        code: 'network-off',
        message: expect.stringMatching(/^The IPFS network is off on this server, (?!.*Upload).*\.$/),
        advice: expect.stringMatching(/^Upload the content as a CAR/),
      },
    })
    expect((await look()).statusDetails).toMatch(/^Attempt 2 in \d s\. The IPFS network is off/)
    const again = await app.ask('POST', `/pinyon/v1/pins/${requestid}/retry`, { key })
    expect([again.status, again.body.id]).toEqual([200, requestid])
    await expect.poll(async () => (await look()).attempts).toBe(2)
  })

  it('name HTTP addresses of the caller that are not dialled, however they are written', async () => {
    const origins = ['http://10.1.2.3/ipfs/', 'HTTPS://[fd00::1]:8443', '/ip4/10.1.2.4/tcp/8080/http']
    const { requestid } = await psa.add({ cid: unknownCid(), origins })
    const tried = async () => (await app.ask('GET', `/pinyon/v1/pins/${requestid}`, { key })).body.tried
    const refused = { outcome: 'refused', detail: expect.stringContaining('is not a public address') as unknown }
    await expect.poll(tried).toMatchObject([
      { source: 'http://10.1.2.3', ...refused },
      { source: 'https://[fd00::1]:8443', ...refused },
      { source: 'http://10.1.2.4:8080', ...refused },
    ])
  })

  it('list every pin once, page by page, by status', async () => {
    const ids = []
    for (let i = 0; i < 5; i++) ids.push((await psa.add({ cid: i % 2 === 0 ? 'bafkqaaa' : unknownCid() })).requestid)
    const seen: string[] = []
    let token: string | null = null
    do {
      const query = `limit=2${token === null ? '' : `&pageToken=${token}`}`
      const { body } = await app.ask('GET', `/pinyon/v1/pins?${query}`, { key })
      seen.push(...body.pins.map(({ id }: { id: string }) => id))
      token = body.nextPageToken
    } while (token !== null)
    expect(seen.slice(0, 5)).toEqual(ids.toReversed())
    expect(new Set(seen).size).toBe(seen.length)
    const { body } = await app.ask('GET', '/pinyon/v1/pins?status=pinned', { key })
    expect(body.pins).toMatchObject([
      { id: ids[4], progress: { blocks: 0 }, deadlineAt: null, reason: null, sizeBytes: 0 },
      { id: ids[2] },
      { id: ids[0] },
    ])
  })

  it('are found by part of the name and by CID, and counted by status', async () => {
    const cid = unknownCid()
    const { requestid: pine } = await psa.add({ cid, name: 'Pine' })
    const { requestid: twice } = await psa.add({ cid, name: 'larch' })
    const list = async (query: string) => (await app.ask('GET', `/pinyon/v1/pins?${query}`, { key })).body
    const idsOf = ({ pins }: { pins: { id: string }[] }) => pins.map(({ id }) => id)
    expect(idsOf(await list('name=PIN'))).toEqual([pine])
    expect(idsOf(await list(`cid=${cid}`))).toEqual([twice, pine])
    expect(idsOf(await list(`cid=${cid}&name=arc&status=queued,pinning`))).toEqual([twice])
    expect(idsOf(await list(`cid=${cid}&status=pinned`))).toEqual([])
    const { pins, counts } = await list('limit=1000')
    const counted = { queued: 0, pinning: 0, pinned: 0, failed: 0 }
    for (const { status } of pins as { status: keyof typeof counted }[]) counted[status]++
    // What is queued may begin between the two.
    expect(counts.queued + counts.pinning).toBe(counted.queued + counted.pinning)
    expect([counts.pinned, counts.failed]).toEqual([counted.pinned, counted.failed])
    expect((await list('name=nothing-like-it')).counts.pinned).toBe(counted.pinned)
  })

  it('refuse what they cannot read', async () => {
    for (const query of ['status=done', 'limit=0', 'pageToken=x', 'cid=x']) {
      expect((await app.ask('GET', `/pinyon/v1/pins?${query}`, { key })).status, query).toBe(400)
    }
  })

  it('know nothing of pins of others', async () => {
    const other = await app.makeAccount(key, `other-${database}`)
    const { requestid } = await psa.add({ cid: unknownCid() })
    for (const id of [requestid, unknown, 'x']) {
      expect((await app.ask('GET', `/pinyon/v1/pins/${id}`, { key: other })).status).toBe(404)
      expect((await app.ask('POST', `/pinyon/v1/pins/${id}/retry`, { key: other })).status).toBe(404)
    }
    expect((await app.ask('GET', '/pinyon/v1/pins', { key: other })).body).toEqual({
      pins: [],
      counts: { queued: 0, pinning: 0, pinned: 0, failed: 0 },
      nextPageToken: null,
    })
  })

  it('want a key, with the scope', async () => {
    const upload = await app.makeKey(key, { endpoints: { files: { upload: true } } })
    expect((await app.ask('GET', '/pinyon/v1/pins')).status).toBe(401)
    expect((await app.ask('GET', '/pinyon/v1/pins', { key: upload })).status).toBe(403)
    expect((await app.ask('POST', `/pinyon/v1/pins/${unknown}/retry`, { key: upload })).status).toBe(403)
  })
})
