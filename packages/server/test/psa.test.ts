import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beginFetches } from './support/begin-fetches.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { cidOf, everyStatus, nothingFetched, PsaClient, unknownCid } from './support/pins.ts'

describe.each(databases)('a pin on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues & { accountId: string }
  let psa: PsaClient
  beforeAll(async () => {
    app = await startTestApp({ database, env: nothingFetched })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'pinner')
    psa = new PsaClient(app, key)
  })
  afterAll(() => app.close())

  it('is accepted at once, echoed as it was sent, and read right after', async () => {
    const sent = { cid: unknownCid(), name: 'naïve & name', meta: { app: 'x', '': 'empty key' } }
    const { status, headers, body } = await psa.ask('POST', '/pins', { ...sent, origins: ['/ip4/192.0.2.7/tcp/1'] })
    expect(status).toBe(202)
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(headers.get('cache-control')).toContain('no-store')
    expect(Object.keys(body).toSorted()).toEqual(['created', 'delegates', 'info', 'pin', 'requestid', 'status'])
    expect(body.pin).toEqual(sent)
    expect(body.requestid).not.toBe(sent.cid)
    expect(body.status).toBe('queued')
    expect(body.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(body.delegates.length).toBeGreaterThan(0)
    for (const delegate of body.delegates) expect(delegate).toMatch(/^\/.+\/p2p\/\w+$/)
    const { info: _info, status: _status, ...asked } = body
    expect(await psa.get(body.requestid)).toMatchObject(asked)
  })

  it('keeps the spelling of its CID and is found by any other', async () => {
    const v0 = 'QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR'
    const v1 = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
    const upper = v1.toUpperCase()
    for (const cid of [v0, v1, upper]) expect((await psa.add({ cid })).pin.cid).toBe(cid)
    for (const cid of [v0, v1, upper, `${v1},${v0}`, `${v1}%2C${unknownCid()}`, `${upper}&cid=${v1}`]) {
      const { count, results } = await psa.list(`${everyStatus}&cid=${cid}`)
      expect([cid, count, results.map(({ pin }) => pin.cid)]).toEqual([cid, 3, [upper, v1, v0]])
    }
  })

  it('leaves out what is absent and never says null or nothing', async () => {
    for (const empty of [{}, { name: '' }, { name: null, meta: null, origins: null }, { meta: {}, origins: [] }]) {
      const { pin } = await psa.add({ cid: unknownCid(), ...empty })
      expect(Object.keys(pin)).toEqual(['cid'])
    }
  })

  it('is a new one each time, with a time of its own', async () => {
    const cid = unknownCid()
    const made = await Promise.all(Array.from({ length: 30 }, () => psa.add({ cid })))
    expect(new Set(made.map(({ requestid }) => requestid)).size).toBe(30)
    expect(new Set(made.map(({ created }) => created)).size).toBe(30)
    const { count, results } = await psa.list(`${everyStatus}&cid=${cid}&limit=1000`)
    expect([count, results.length]).toEqual([30, 30])
    const times = results.map(({ created }) => created)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it('is pinned at once when its content says itself, is public, or is the account’s own', async () => {
    const empty = cidOf(new Uint8Array())
    for (const cid of ['bafkqaaa', 'bafkqabtimvwgy3yk', empty, empty]) {
      const made = await psa.add({ cid })
      expect([cid, made.status, made.info]).toEqual([
        cid,
        'pinned',
        { raw_size: cid === 'bafkqabtimvwgy3yk' ? '6' : '0' },
      ])
    }
    const other = await app.makeAccount(operator, `other-${randomBytes(4).toString('hex')}`)
    const bytes = randomBytes(700_000)
    const shown = await upload(app, other, [['shown.bin', bytes]], { network: 'public' })
    expect((await psa.add({ cid: shown.cid })).info).toEqual({ raw_size: '700000' })
    const leaf = cidOf(bytes.subarray(0, 262_144))
    expect((await psa.add({ cid: leaf })).info).toEqual({ raw_size: '262144' })
    const mine = await upload(app, key, [['mine.bin', randomBytes(600_000)]], { network: 'private' })
    expect((await psa.add({ cid: mine.cid })).status).toBe('pinned')
  })

  it('knows nothing of what another account holds privately', async () => {
    const other = await app.makeAccount(operator, `hidden-${randomBytes(4).toString('hex')}`)
    const bytes = randomBytes(300_000)
    const hidden = await upload(app, other, [['hidden.bin', bytes]], { network: 'private' })
    for (const cid of [hidden.cid, cidOf(bytes.subarray(0, 262_144))]) {
      const { requestid: _id, created: _at, pin: _pin, ...rest } = await psa.add({ cid })
      const { requestid: _id2, created: _at2, pin: _pin2, ...unknown } = await psa.add({ cid: unknownCid() })
      expect(rest).toEqual(unknown)
    }
  })

  it('is removed in every status with 202 and no body, and is gone then', async () => {
    const held = await psa.add({ cid: 'bafkqaaa', name: 'held' })
    const waiting = await psa.add({ cid: unknownCid() })
    for (const { requestid } of [held, waiting]) {
      const removed = await psa.ask('DELETE', `/pins/${requestid}`)
      expect([removed.status, removed.body, removed.headers.get('content-length')]).toEqual([202, '', '0'])
      for (const method of ['GET', 'DELETE']) {
        const gone = await psa.ask(method, `/pins/${requestid}`)
        expect([gone.status, Object.keys(gone.body), gone.body.error.reason]).toEqual([404, ['error'], 'NOT_FOUND'])
      }
    }
    // Held ones stay as history.
    const history = await app.ask('GET', '/data/pinList?status=unpinned&metadata[name]=held', { key })
    expect(history.body.rows).toHaveLength(1)
  })

  it('takes no others with it, however many there are of its CID', async () => {
    const cid = unknownCid()
    const made = await Promise.all(Array.from({ length: 20 }, () => psa.add({ cid })))
    await psa.ask('DELETE', `/pins/${made[7]?.requestid}`)
    expect((await psa.list(`${everyStatus}&cid=${cid}`)).count).toBe(19)
    const { read } = app.services.db
    const fetches = () => read.selectFrom('fetches').select('id').where('cid', '=', cid).execute()
    expect(await fetches()).toHaveLength(0)
    await beginFetches(app.services)
    expect(await fetches()).toHaveLength(1)
    // Joins it at once.
    made.push(await psa.add({ cid }))
    expect(await read.selectFrom('requests').select('file_id').where('file_id', '=', made[20]?.requestid ?? '').execute()).toHaveLength(1) // prettier-ignore
    for (const { requestid } of made) await psa.ask('DELETE', `/pins/${requestid}`)
    expect(await fetches()).toHaveLength(0)
  })

  it('is replaced in one step: a new id, the old one gone, nothing taken over, also for the same CID', async () => {
    const held = await psa.add({ cid: 'bafkqaaa', name: 'before', meta: { old: '1' } })
    const waiting = await psa.add({ cid: unknownCid(), name: 'before', meta: { old: '1' } })
    for (const old of [held, waiting]) {
      for (const cid of [old.pin.cid, unknownCid(), 'bafkqabtimvwgy3yk']) {
        const before = await psa.add({ cid: old.pin.cid, name: 'before', meta: { old: '1' } })
        const { status, body } = await psa.ask('POST', `/pins/${before.requestid}`, { cid, meta: { new: '2' } })
        expect([status, body.pin]).toEqual([202, { cid, meta: { new: '2' } }])
        expect(body.requestid).not.toBe(before.requestid)
        expect(body.status).toMatch(cid.startsWith('bafkq') ? /^pinned$/ : /^queued$/)
        expect((await psa.ask('GET', `/pins/${before.requestid}`)).status).toBe(404)
        expect((await psa.get(body.requestid)).pin).toEqual(body.pin)
        const again = await psa.ask('POST', `/pins/${before.requestid}`, { cid })
        expect([again.status, again.body.error.reason]).toEqual([404, 'NOT_FOUND'])
      }
    }
  })

  it('is replaced at the edge of the quota, because the old one counts no more', async () => {
    const full = await app.makeAccount(operator, `full-${randomBytes(4).toString('hex')}`, { quotaBytes: 10 })
    const own = new PsaClient(app, full)
    const held = await own.add({ cid: 'bafkqabtimvwgy3yk' })
    expect((await own.ask('POST', `/pins/${held.requestid}`, { cid: 'bafkqabtimvwgy3yk' })).status).toBe(202)
    const refused = await own.ask('POST', '/pins', { cid: 'bafkqabtimvwgy3yk' })
    expect([refused.status, refused.body.error.reason]).toEqual([409, 'INSUFFICIENT_FUNDS'])
    expect(Object.keys(refused.body.error)).toEqual(['reason', 'details'])
    expect((await own.list()).count).toBe(1)
  })

  it('is refused where the account keeps everything private', async () => {
    const closed = await app.makeAccount(operator, `closed-${randomBytes(4).toString('hex')}`, { publicContent: 'refused' }) // prettier-ignore
    const own = new PsaClient(app, closed)
    for (const cid of [unknownCid(), 'bafkqaaa']) {
      const { status, body } = await own.ask('POST', '/pins', { cid })
      expect([status, body.error.reason]).toEqual([403, 'PUBLIC_CONTENT_REFUSED'])
    }
    expect((await own.list(everyStatus)).count).toBe(0)
  })

  it('may be forgotten with unpin, deleted as a file and renamed, and its lists know', async () => {
    const own = new PsaClient(app, await app.makeAccount(operator, `dialects-${randomBytes(4).toString('hex')}`))
    const [first, second] = [await own.add({ cid: 'bafkqabtimvwgy3yk' }), await own.add({ cid: 'bafkqaaa', name: 'n' })]
    const asOwner = (method: string, path: string, json?: unknown) => own.ask(method, `/..${path}`, json)
    expect((await asOwner('PUT', `/v3/files/public/${second.requestid}`, { name: 'm', keyvalues: { k: 'v' } })).status).toBe(200) // prettier-ignore
    expect((await own.list('name=m')).results[0]?.pin).toEqual({ cid: 'bafkqaaa', name: 'm', meta: { k: 'v' } })
    expect((await own.list('name=n')).count).toBe(0)
    expect((await asOwner('DELETE', `/v3/files/public/${second.requestid}`)).status).toBe(200)
    expect((await own.list()).results.map(({ requestid }) => requestid)).toEqual([first.requestid])
    expect((await asOwner('DELETE', `/pinning/unpin/${first.pin.cid}`)).status).toBe(200)
    expect(await own.list(everyStatus)).toEqual({ count: 0, results: [] })
    expect((await own.ask('GET', `/pins/${first.requestid}`)).status).toBe(404)
  })
})
