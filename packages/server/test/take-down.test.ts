import { randomBytes } from 'node:crypto'
import { base16 } from 'multiformats/bases/base16'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCid } from '../src/ipfs/cid.ts'
import { openPublicBlocks } from '../src/pins/public-blocks.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { nothingFetched, PsaClient, unknownCid } from './support/pins.ts'
import { rawAsk } from './support/raw-http.ts'
import { begun, patch } from './support/tus.ts'

describe.each(databases)('content that is taken down, on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let alice: KeyValues & { accountId: string }
  let bob: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off', ...nothingFetched } })
    operator = await app.setUp()
    alice = await app.makeAccount(operator, 'alice')
    bob = await app.makeAccount(operator, 'bob')
  })
  afterAll(() => app.close())

  const deny = (cid: string, more: object = {}) =>
    app.ask('POST', '/pinyon/v1/denials', { key: operator, json: { cid, reason: 'A court said so.', ...more } })
  const allow = (cid: string) => app.ask('DELETE', `/pinyon/v1/denials/${cid}`, { key: operator })
  const read = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const audit = async (key: KeyValues, action: string) =>
    (await app.ask('GET', `/pinyon/v1/audit?action=${action}`, { key })).body.entries

  /** A folder of alice with two files, the CIDs of all, and of the one below it. */
  async function folder(name: string, fields: Record<string, string> = {}) {
    const bad = randomBytes(700_000)
    const kept = await upload(app, alice, [[`${name}/bad.bin`, bad], [`${name}/good.txt`, `${name} is good`]], fields) // prettier-ignore
    const file = await upload(app, alice, [['bad.bin', bad]], { ...fields, network: 'private' })
    return { folder: kept, bad: file, bytes: bad }
  }

  it('answers 410 on every form and path that leads to or through it, in every spelling, and is back when allowed', async () => {
    const place = await folder('site')
    const { cid } = place.bad
    const asV1 = CID.parse(cid).toV1()
    const spellings = [cid, asV1.toString(base58btc), asV1.toString(base16), asV1.toString()]
    const through = `/ipfs/${place.folder.cid}/bad.bin`
    const paths = [
      ...spellings.map((each) => `/ipfs/${each}`),
      ...['raw', 'car'].map((format) => `/ipfs/${cid}?format=${format}`),
      through,
      ...['raw', 'car'].map((format) => `${through}?format=${format}`),
    ]
    for (const path of paths) expect([path, (await read(path)).status]).toEqual([path, 200])
    // What is hot in memory is asked about as well.
    expect((await deny(asV1.toString(base58btc))).status).toBe(201)
    for (const path of paths) {
      const { status, text, headers } = await read(path)
      expect([path, status, text]).toEqual([
        path,
        410,
        'This content was taken down by the operator: A court said so.\n',
      ])
      expect(headers['cache-control']).toBe('no-store')
    }
    expect((await read(through, { range: 'bytes=0-9' })).status).toBe(410)
    expect((await rawAsk(app.gatewayUrl, 'HEAD', through)).status).toBe(410)
    expect((await read(`/ipfs/${place.folder.cid}/good.txt`)).text).toBe('site is good')
    // A CAR of the folder is refused as well: never one that ends as if it were whole.
    expect((await read(`/ipfs/${place.folder.cid}?format=car`)).status).toBe(410)
    expect((await allow(cid)).status).toBe(200)
    for (const path of paths) expect([path, (await read(path)).status]).toEqual([path, 200])
    expect((await allow(cid)).status).toBe(404)
  })

  it('is gone behind links and for its owner, who sees it marked with the reason and finds it in the audit log', async () => {
    const place = await folder('mine', { network: 'private' })
    const link = (
      await app.ask('POST', '/v3/files/private/download_link', {
        key: alice,
        json: { url: `${app.gatewayUrl}/files/${place.folder.cid}`, date: Math.floor(Date.now() / 1_000), expires: 600, method: 'GET' }, // prettier-ignore
      })
    ).body.data
    const below = link.replace(place.folder.cid, `${place.folder.cid}/bad.bin`)
    const ask = async (url: string) => (await fetch(url)).status
    expect([await ask(link), await ask(below)]).toEqual([200, 200])
    await deny(place.bad.cid)
    expect([await ask(link), await ask(below)]).toEqual([200, 410])
    const content = (id: string) => app.ask('GET', `/pinyon/v1/files/${id}/content`, { key: alice })
    const refused = await content(place.bad.id)
    expect([refused.status, refused.body.error.reason]).toEqual([410, 'CONTENT_TAKEN_DOWN'])
    const { files } = (await app.ask('GET', '/v3/files/private', { key: alice })).body.data
    const mark = (id: string) => files.find((file: Uploaded) => file.id === id).taken_down
    expect(mark(place.bad.id)).toEqual({ reason: 'A court said so.', at: expect.stringMatching(/Z$/) })
    expect(mark(place.folder.id)).toBeUndefined()
    const shown = await app.ask('GET', `/v3/files/private/${place.bad.id}`, { key: alice })
    expect(shown.body.data.taken_down).toEqual(mark(place.bad.id))
    expect((await audit(alice, 'content.denied'))[0]).toMatchObject({
      actor: { kind: 'operator' },
      target: place.bad.cid,
      detail: { reason: 'A court said so.', files: 1 },
    })
    expect(await audit(bob, 'content.denied')).toEqual([])
    // It stays theirs to delete.
    expect((await app.ask('DELETE', `/v3/files/private/${place.bad.id}`, { key: alice })).status).toBe(200)
    await allow(place.bad.cid)
  })

  it('is refused with 403 CONTENT_DENIED in every dialect, and nothing is left behind', async () => {
    const place = await folder('refused')
    const { cid } = place.bad
    await deny(cid)
    const counts = async () => [
      await app.services.db.read.selectFrom('files').select('id').where('account_id', '=', bob.accountId).execute(),
      await app.services.db.read
        .selectFrom('account_totals')
        .select('bytes')
        .where('account_id', '=', bob.accountId)
        .execute(),
    ]
    const before = await counts()
    // By default legacy uploads have another layout, and so another CID.
    const form = (name: string) => {
      const made = new FormData()
      made.append('network', 'public')
      made.append('pinataOptions', '{"cidVersion":1}')
      made.append('file', new Blob([Buffer.from(place.bytes)]), name)
      return made
    }
    const asked = [
      await app.ask('POST', '/v3/files', { key: bob, form: form('bad.bin') }),
      await app.ask('POST', '/v3/files', { key: bob, form: form('d/bad.bin') }),
      await app.ask('POST', '/pinning/pinFileToIPFS', { key: bob, form: form('bad.bin') }),
      await app.ask('POST', '/pinning/pinByHash', { key: bob, json: { hashToPin: cid } }),
      await app.ask('POST', '/v3/files/public/pin_by_cid', { key: bob, json: { cid } }),
      await app.ask('POST', '/psa/pins', { key: bob, json: { cid } }),
    ]
    expect(asked.map(({ status, body }) => [status, body.error.reason])).toEqual(
      asked.map(() => [403, 'CONTENT_DENIED']),
    )
    const waits = await new PsaClient(app, bob).add({ cid: unknownCid() })
    const replaced = await app.ask('POST', `/psa/pins/${waits.requestid}`, { key: bob, json: { cid } })
    expect([replaced.status, replaced.body.error.reason]).toEqual([403, 'CONTENT_DENIED'])
    await app.ask('DELETE', `/psa/pins/${waits.requestid}`, { key: bob })
    const unfinished = await begun(app, bob, place.bytes.length)
    const last = await patch(app, bob, unfinished.path, 0, place.bytes)
    expect(last.status).toBe(403)
    expect(await counts()).toEqual(before)
    await allow(cid)
  })

  it('is given to no peer, and a pin that holds it says so', async () => {
    const bytes = randomBytes(100_000)
    const { cid } = await upload(app, alice, [['shown.bin', bytes]])
    const { multihash } = parseCid(cid)
    const shown = openPublicBlocks(app.services)
    const pin = await new PsaClient(app, alice).add({ cid })
    expect([await shown.has(multihash), Buffer.from((await shown.get(multihash)) ?? [])]).toEqual([
      true,
      expect.anything(),
    ])
    await deny(cid)
    expect([await shown.has(multihash), await shown.get(multihash)]).toEqual([false, undefined])
    expect((await new PsaClient(app, alice).get(pin.requestid)).info).toMatchObject({ taken_down: 'A court said so.' })
    const own = await app.ask('GET', `/pinyon/v1/pins/${pin.requestid}`, { key: alice })
    expect(own.body.takenDown).toMatchObject({ reason: 'A court said so.' })
    await allow(cid)
    expect(await shown.has(multihash)).toBe(true)
  })

  it('asks again before it strikes more than one account, its own, or everybody', async () => {
    const bytes = randomBytes(1_000)
    const { cid } = await upload(app, alice, [['shared.bin', bytes]])
    await upload(app, bob, [['shared.bin', bytes]])
    const needed = await deny(cid)
    expect([needed.status, needed.body.error.reason, needed.body.error.holdings]).toEqual([
      409,
      'CONFIRMATION_NEEDED',
      { files: 2, accounts: 2, ownFiles: 0, pins: 1 },
    ])
    const looked = await app.ask('GET', `/pinyon/v1/denials/${cid}`, { key: operator })
    expect(looked.body).toEqual({ denial: null, holdings: { files: 2, accounts: 2, ownFiles: 0, pins: 1 } })
    expect((await read(`/ipfs/${cid}`)).status).toBe(200)
    expect((await deny(cid, { confirm: true })).status).toBe(201)
    expect((await read(`/ipfs/${cid}`)).status).toBe(410)
    await allow(cid)
    const mine = await upload(app, operator, [['mine.bin', randomBytes(1_000)]])
    expect((await deny(mine.cid)).status).toBe(409)
    const empty = await upload(app, alice, [['empty.txt', '']])
    expect((await deny(empty.cid)).status).toBe(409)
    for (const wrong of ['', '*', '/ipfs/', `/ipfs/${cid}`, 'bafkqaaa', `${cid}*`, 'x'.repeat(3_000)])
      expect([wrong, (await deny(wrong, { confirm: true })).status]).toEqual([wrong, 400])
    expect((await app.ask('GET', '/pinyon/v1/denials', { key: operator })).body.denials).toEqual([])
  })

  it('is listed for operators, and neither shown nor changed by anybody else', async () => {
    const cids = [unknownCid(), unknownCid(), unknownCid()]
    for (const cid of cids) await deny(cid)
    await deny(cids[0] ?? '', { reason: 'Another reason.' })
    const page = await app.ask('GET', '/pinyon/v1/denials?limit=2', { key: operator })
    expect(page.body.denials).toMatchObject([{ cid: cids[0], reason: 'Another reason.' }, { cid: cids[2] }])
    const next = await app.ask('GET', `/pinyon/v1/denials?limit=2&pageToken=${page.body.nextPageToken}`, {
      key: operator,
    })
    expect(next.body).toMatchObject({ denials: [{ cid: cids[1] }], nextPageToken: null })
    for (const [method, path] of [
      ['GET', '/pinyon/v1/denials'],
      ['GET', `/pinyon/v1/denials/${cids[0]}`],
      ['DELETE', `/pinyon/v1/denials/${cids[0]}`],
    ] as const)
      expect([method, (await app.ask(method, path, { key: alice })).status]).toEqual([method, 403])
    expect(
      (await app.ask('POST', '/pinyon/v1/denials', { key: alice, json: { cid: cids[0], reason: 'x' } })).status,
    ).toBe(403)
    for (const cid of cids) await allow(cid)
    const lifted = await app.ask('GET', '/pinyon/v1/denials?lifted=true&limit=3', { key: operator })
    expect(lifted.body.denials.map((denial: { cid: string }) => denial.cid)).toEqual([...cids].toReversed())
  })

  it('stays taken down over a restart', async () => {
    const { cid } = await upload(app, alice, [['again.bin', randomBytes(1_000)]])
    await deny(cid)
    await app.reopen()
    expect((await read(`/ipfs/${cid}`)).status).toBe(410)
    await allow(cid)
    expect((await read(`/ipfs/${cid}`)).status).toBe(200)
  })
})

describe.each(databases)('a pin that waits for what is taken down, on %s', (database) => {
  it('fails for good, with the reason', async () => {
    const app = await startTestApp({ database })
    try {
      const operator = await app.setUp()
      const psa = new PsaClient(app, operator)
      const pin = await psa.add({ cid: unknownCid() })
      const { cid } = pin.pin
      await app.ask('POST', '/pinyon/v1/denials', { key: operator, json: { cid, reason: 'No.', confirm: true } })
      await app.ask('POST', `/pinyon/v1/pins/${pin.requestid}/retry`, { key: operator })
      await expect.poll(async () => (await psa.get(pin.requestid)).status, { timeout: 60_000 }).toBe('failed')
      const own = await app.ask('GET', `/pinyon/v1/pins/${pin.requestid}`, { key: operator })
      expect(own.body.reason).toMatchObject({ code: 'taken-down' })
    } finally {
      await app.close()
    }
  })
})
