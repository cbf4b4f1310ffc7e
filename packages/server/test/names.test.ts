import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { verifyIpnsRecord } from '../src/ipfs/names/ipns-record.ts'
import { insertName } from '../src/names/queries.ts'
import { tellName } from '../src/names/tell-name.ts'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'

type Owner = KeyValues & { readonly accountId: string }

/** The machine may be busy. */
const within = { timeout: 60_000 }
const patient = { timeout: 90_000 }
const hour = 3_600_000
const unknown = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

describe.each(databases)('names on %s', (database) => {
  const clock = new TestClock()
  const dns = new PresetNames()
  let app: TestApp
  let operator: Owner
  let key: Owner
  let first: Uploaded
  let second: Uploaded
  let hidden: Uploaded
  let accounts = 0

  beforeAll(async () => {
    const env = { PINYON_GATEWAY_SUBDOMAINS: 'localhost' }
    app = await startTestApp({ database, clock, nameSource: dns, env })
    operator = await app.setUp()
  })
  afterAll(() => app.close())
  beforeEach(async () => {
    key = await app.makeAccount(operator, `names-${++accounts}`)
    first = await upload(app, key, [['a.txt', `first of ${accounts}`]])
    second = await upload(app, key, [['b.txt', `second of ${accounts}`]])
    hidden = await upload(app, key, [['c.txt', `hidden of ${accounts}`]], { network: 'private' })
  })

  const ask = async (method: string, path: string, json?: object, asker: KeyValues = key) =>
    app.ask(method, `/pinyon/v1/names${path}`, { key: asker, ...(json === undefined ? {} : { json }) })
  const make = async (settings: object = {}) => (await ask('POST', '', { label: 'site', ...settings })).body
  const publish = (id: string, json: object) => ask('POST', `/${id}/publish`, json)
  const read = (name: string, query = '', headers = {}) =>
    rawAsk(app.gatewayUrl, 'GET', `/ipns/${name}${query}`, headers)

  it('are served by the gateway with the answer that publishes them, in every form and for as long as they say', async () => {
    const made = await make({ ttlSeconds: 90 })
    expect(made).toMatchObject({ label: 'site', state: 'unpublished', value: null, sequence: 0, warnings: [] })
    expect(made.name).toMatch(/^k51qzi5uqu5d/)
    expect((await read(made.name)).status).toBe(500)
    for (const [file, sequence] of [
      [first, 1],
      [second, 2],
    ] as const) {
      const answer = await publish(made.id, sequence === 1 ? { cid: file.cid } : { fileId: file.id })
      expect([answer.status, answer.body]).toEqual([
        200,
        expect.objectContaining({ state: 'published', value: `/ipfs/${file.cid}`, sequence, warnings: [] }),
      ])
      const shown = await read(made.name)
      expect([shown.status, shown.text]).toEqual([200, `${sequence === 1 ? 'first' : 'second'} of ${accounts}`])
      expect(shown.headers['cache-control']).toBe('public, max-age=90')
    }
    const host = { host: `${made.name}.ipns.localhost:1` }
    expect((await rawAsk(app.gatewayUrl, 'GET', '/', host)).text).toBe(`second of ${accounts}`)
    const record = await fetch(`${app.gatewayUrl}/ipns/${made.name}?format=ipns-record`)
    expect(record.headers.get('cache-control')).toBe('public, max-age=90')
    const name = findIpnsName(made.name)
    if (name === undefined) throw new Error('the name cannot be read')
    const said = await verifyIpnsRecord(new Uint8Array(await record.arrayBuffer()), name, clock.now())
    expect(said).toMatchObject({ value: `/ipfs/${second.cid}`, sequence: 2n, validUntil: clock.now() + 48 * hour })
  })

  it('lead to paths and to other names', async () => {
    const folder = await upload(app, key, [['d/x.txt', 'in x'], ['d/y z.txt', 'in y']]) // prettier-ignore
    const made = await make()
    const other = await make({ label: 'other' })
    expect((await publish(made.id, { cid: `ipfs://${folder.cid}/y z.txt` })).body.value).toBe(
      `/ipfs/${folder.cid}/y z.txt`,
    )
    expect((await read(made.name)).text).toBe('in y')
    expect((await publish(other.id, { cid: `/ipns/${made.name}` })).body.value).toBe(`/ipns/${made.name}`)
    expect((await read(other.name)).text).toBe('in y')
    expect((await publish(other.id, { cid: `/ipns/${other.name}` })).status).toBe(400)
    expect((await publish(other.id, { cid: '/ipns/docs.example.org' })).body.value).toBe('/ipns/docs.example.org')
  })

  it('go back to an earlier value under a higher number, and keep their history', async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    await publish(id, { cid: second.cid })
    const back = await ask('POST', `/${id}/rollback`, { sequence: 1 })
    expect(back.body).toMatchObject({ value: `/ipfs/${first.cid}`, sequence: 3 })
    expect((await read(name)).text).toBe(`first of ${accounts}`)
    expect((await ask('POST', `/${id}/rollback`, { sequence: 9 })).status).toBe(404)
    expect((await publish(id, { cid: first.cid, sequence: 3 })).status).toBe(409)
    expect((await publish(id, { cid: first.cid, sequence: 70 })).body.sequence).toBe(70)
    const { body } = await ask('GET', `/${id}/history?limit=3`)
    expect(body.history.map((each: { sequence: number; kind: string; rolledBackTo: number | null }) => [
      each.sequence, each.kind, each.rolledBackTo,
    ])).toEqual([[70, 'publish', null], [3, 'rollback', 1], [2, 'publish', null]]) // prettier-ignore
    expect(body.history[0].publishedBy.kind).toBe('key')
    const rest = await ask('GET', `/${id}/history?limit=3&pageToken=${body.nextPageToken}`)
    expect([rest.body.history.length, rest.body.nextPageToken]).toEqual([1, null])
    const audit = await app.ask('GET', '/pinyon/v1/audit?limit=2&action=name.rolledBack', { key })
    expect(audit.body.entries).toMatchObject([{ target: id, detail: { sequence: 3, rolledBackTo: 1 } }])
  })

  it('give each of several publications at once a number of its own, and show the highest', patient, async () => {
    const { id, name } = await make()
    const cids = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? first.cid : second.cid))
    const answers = await Promise.all(cids.map((cid) => publish(id, { cid })))
    expect(answers.map(({ body }) => body.sequence).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const last = answers.find(({ body }) => body.sequence === 8)?.body.value
    expect((await ask('GET', `/${id}`)).body).toMatchObject({ value: last, sequence: 8 })
    const shown = last === `/ipfs/${first.cid}` ? 'first' : 'second'
    expect((await read(name)).text).toBe(`${shown} of ${accounts}`)
    const made = await Promise.all(Array.from({ length: 5 }, () => ask('POST', '', { label: 'one' })))
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409])
  })

  it('are refused for what is private, and ask before they lead to what nobody here keeps', async () => {
    const { id } = await make()
    for (const json of [{ cid: hidden.cid, confirm: true }, { fileId: hidden.id }]) {
      const answer = await publish(id, json)
      expect([answer.status, answer.body.error.message]).toEqual([409, expect.stringContaining('a private file')])
    }
    // What another account keeps private is as unknown as what nobody has.
    const stranger = await app.makeAccount(operator, `stranger-${accounts}`)
    const theirs = await upload(app, stranger, [['s.txt', `of a stranger ${accounts}`]], { network: 'private' })
    const answers = []
    for (const cid of [theirs.cid, unknown]) {
      const { status, body } = await publish(id, { cid })
      answers.push([status, JSON.stringify(body.error).replaceAll(cid, 'CID')])
      expect(body.error.reason).toBe('CONFIRMATION_NEEDED')
    }
    expect(answers[0]).toEqual(answers[1])
    expect((await publish(id, { fileId: theirs.id })).status).toBe(404)
    const sure = await publish(id, { cid: unknown, confirm: true })
    expect([sure.status, sure.body.warnings[0].code]).toEqual([200, 'not_held'])
    const denied = await app.ask('POST', '/pinyon/v1/denials', {
      key: operator,
      json: { cid: unknown, reason: 'asked to', confirm: true },
    })
    expect(denied.status).toBe(201)
    expect((await publish(id, { cid: unknown, confirm: true })).body.error.reason).toBe('CONTENT_DENIED')
    expect((await ask('GET', `/${id}/history`)).body.history).toHaveLength(1)
    const closed = { publicContent: 'refused' }
    await app.ask('PATCH', `/pinyon/v1/accounts/${key.accountId}`, { key: operator, json: closed })
    expect((await publish(id, { cid: first.cid })).body.error.reason).toBe('PUBLIC_CONTENT_REFUSED')
  })

  it('say it when what they lead to is kept no more', async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const { names } = (await ask('GET', `?cid=${first.cid}`)).body
    expect(names.map((each: { id: string }) => each.id)).toEqual([id])
    expect((await ask('GET', `?cid=${second.cid}`)).body.names).toEqual([])
    const twin = await app.ask('POST', '/psa/pins', { key, json: { cid: first.cid } })
    expect((await app.ask('DELETE', `/v3/files/public/${first.id}`, { key })).body).toEqual({ data: null })
    const deleted = await app.ask('DELETE', `/v3/files/public/${twin.body.requestid}`, { key })
    expect(deleted.body).toEqual({
      data: null,
      warnings: [{ code: 'not_held', message: expect.stringContaining(name) }],
    })
    expect((await ask('GET', `/${id}`)).body.warnings).toMatchObject([{ code: 'not_held' }])
    await upload(app, key, [['a.txt', `first of ${accounts}`]], { network: 'private' })
    expect((await ask('GET', '')).body.names[0].warnings).toMatchObject([{ code: 'content_private' }])
  })

  it('are told of in a header where the body is not ours to change', patient, async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const pin = await app.ask('POST', '/psa/pins', { key, json: { cid: first.cid } })
    const header = ({ headers }: { headers: Headers }) => headers.get('x-pinyon-warning')
    const kept = await app.ask('DELETE', `/psa/pins/${pin.body.requestid}`, { key })
    expect([kept.status, header(kept)]).toEqual([202, null])
    const unpinned = await app.ask('DELETE', `/pinning/unpin/${first.cid}`, { key })
    expect([unpinned.status, unpinned.body, header(unpinned)]).toEqual([
      200,
      'OK',
      expect.stringMatching(`^not_held: The name ${name} leads`),
    ])
    await publish(id, { cid: second.cid })
    const again = await app.ask('POST', '/psa/pins', { key, json: { cid: second.cid } })
    await app.ask('DELETE', `/v3/files/public/${second.id}`, { key })
    const removed = await app.ask('DELETE', `/psa/pins/${again.body.requestid}`, { key })
    expect([removed.status, header(removed)]).toEqual([202, expect.stringContaining(name)])
  })

  it('are signed anew before they end, also when the program was away meanwhile', patient, async () => {
    const { id, name } = await make({ lifetimeSeconds: 3_600 })
    const end = (await publish(id, { cid: first.cid })).body.validUntil
    clock.move(29 * 60_000)
    expect((await ask('GET', `/${id}`)).body.validUntil).toBe(end)
    clock.move(2 * 60_000)
    const renewed = new Date(clock.now() + hour).toISOString()
    await expect.poll(async () => (await ask('GET', `/${id}`)).body.validUntil, within).toBe(renewed)
    expect((await ask('GET', `/${id}/history`)).body.history).toMatchObject([{ sequence: 1, validUntil: renewed }])
    clock.move(3 * hour)
    await app.reopen()
    const again = new Date(clock.now() + hour).toISOString()
    await expect.poll(async () => (await ask('GET', `/${id}`)).body.validUntil, within).toBe(again)
    expect((await read(name)).text).toBe(`first of ${accounts}`)
    expect((await ask('GET', `/${id}`)).body.sequence).toBe(1)
  })

  it('are given to the network when they are published, and again twice a day', async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const told: Uint8Array[] = []
    let giving = async (record: Uint8Array) => void told.push(record)
    const publishRecord = (_multihash: Uint8Array, record: Uint8Array) => giving(record)
    const node = { ...app.services.node, kind: 'embedded', network: 'public', publishRecord } as const
    const tell = () => {
      const job = { id, kind: 'tell-name', subject: id, payload: null, attempt: 1, lease: 1, lane: 'new' } as const
      return tellName({ ...app.services, node }, job, new AbortController().signal)
    }
    const row = () =>
      app.services.db.read
        .selectFrom('ipns_names')
        .select(['told_at', 'tell_error'])
        .where('id', '=', id)
        .executeTakeFirst()
    giving = () => Promise.reject(new Error('nobody is there'))
    expect(await tell()).toEqual({ runAt: clock.now() + 600_000 })
    expect(await row()).toEqual({ told_at: null, tell_error: expect.stringContaining('tried again') })
    giving = async (record) => void told.push(record)
    expect(await tell()).toEqual({ runAt: clock.now() + 12 * hour })
    expect(await row()).toEqual({ told_at: clock.now(), tell_error: null })
    const served = await fetch(`${app.gatewayUrl}/ipns/${name}?format=ipns-record`)
    expect(Buffer.from(told[0] ?? '')).toEqual(Buffer.from(await served.arrayBuffer()))
    // What was published while the record before was on its way is not said to be known.
    giving = async () => void (await publish(id, { cid: second.cid }))
    await tell()
    expect(await row()).toEqual({ told_at: null, tell_error: null })
    await ask('DELETE', `/${id}`)
    expect(await tell()).toBeUndefined()
  })

  it('are gone from the gateway when they are removed, and while their account is disabled', patient, async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const disable = (disabled: boolean) =>
      app.ask('PATCH', `/pinyon/v1/accounts/${key.accountId}`, { key: operator, json: { disabled } })
    await disable(true)
    expect((await read(name)).status).toBe(500)
    await disable(false)
    expect((await read(name)).status).toBe(200)
    expect((await ask('DELETE', `/${id}`)).status).toBe(200)
    expect((await read(name)).status).toBe(500)
    expect((await ask('GET', `/${id}`)).status).toBe(404)
    const jobs = () => app.services.db.read.selectFrom('jobs').selectAll().where('subject', '=', id).execute()
    clock.move(30 * hour)
    await expect.poll(jobs, within).toEqual([])
  })

  it('move by their keys, with the number that comes after', async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const { body: exported, headers } = await ask('POST', `/${id}/export`, {})
    expect([exported.name, exported.sequence, headers.get('cache-control')]).toEqual([name, 1, 'private, no-store'])
    expect((await ask('GET', `/${id}`)).body.keyExportedAt).not.toBeNull()
    const again = await ask('POST', '/import', { label: 'again', key: exported.pem })
    expect([again.status, again.body.error.message]).toEqual([409, expect.stringContaining(name)])
    await ask('DELETE', `/${id}`)
    for (const key of ['nonsense', name, exported.pem.slice(0, 60)])
      expect((await ask('POST', '/import', { label: 'again', key })).status).toBe(400)
    const back = await ask('POST', '/import', { label: 'again', key: exported.protobuf, sequence: 41 })
    expect(back.body).toMatchObject({ name, sequence: 41, state: 'unpublished' })
    expect((await publish(back.body.id, { cid: second.cid })).body.sequence).toBe(42)
    expect((await read(name)).text).toBe(`second of ${accounts}`)
  })

  it('give their key to a person only for the password', async () => {
    const { id } = await make()
    const { headers } = await signInAs(app, `names-${accounts}@example.test`, ownerPassword)
    const take = (json: object) => app.ask('POST', `/pinyon/v1/names/${id}/export`, { headers, json })
    expect((await take({})).status).toBe(400)
    expect((await take({ password: 'not the password' })).status).toBe(401)
    expect((await take({ password: ownerPassword })).body.pem).toMatch(/^-----BEGIN PRIVATE KEY/)
  })

  it('say what a domain needs, and what is there', async () => {
    const { id, name, dnslink } = await make()
    const domain = `d${accounts}.example.org`
    const check = async (sent = domain) => (await ask('GET', `/${id}/dnslink?domain=${sent}`)).body
    const record = { type: 'TXT', host: `_dnslink.${domain}`, value: `dnslink=/ipns/${name}` }
    expect(dnslink).toBe(record.value)
    expect(await check()).toMatchObject({ domain, record, state: 'missing', found: [] })
    dns.setLink(domain, `/ipfs/${first.cid}`)
    expect(await check()).toMatchObject({ state: 'other', found: [{ host: record.host }] })
    dns.setLink(domain, `/ipns/${name}`)
    expect(await check(`_dnslink.${domain}.`)).toMatchObject({ domain, state: 'set' })
    expect((await ask('GET', `/${id}/dnslink?domain=localhost`)).status).toBe(400)
    expect((await ask('GET', `/${id}/dnslink`)).status).toBe(400)
  })

  it('are at most a thousand to an account, also when several are made at once', async () => {
    const { id: from } = await make()
    const { db, newId } = app.services
    const row = await db.read.selectFrom('ipns_names').selectAll().where('id', '=', from).executeTakeFirstOrThrow()
    await db.write(async (tx) => {
      for (let i = 0; i < 996; i++) await insertName(tx, { ...row, id: newId(), label: `l${i}`, name: `n${i}` })
    })
    const made = await Promise.all(Array.from({ length: 6 }, (_, i) => ask('POST', '', { label: `more ${i}` })))
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 409, 409, 409])
  })

  it('cannot be published by whoever has the database without the key that is beside it', async () => {
    const { id, name } = await make()
    await publish(id, { cid: first.cid })
    const file = join(app.dataDir, 'keys', 'values.key')
    const kept = await readFile(file)
    await rm(file)
    await app.reopen()
    const refused = await publish(id, { cid: second.cid })
    expect([refused.status, refused.body.error.message]).toEqual([409, expect.stringContaining('values.key')])
    expect((await ask('POST', `/${id}/export`, {})).status).toBe(409)
    expect((await read(name)).text).toBe(`first of ${accounts}`)
    await writeFile(file, kept)
    await app.reopen()
    expect((await publish(id, { cid: second.cid })).status).toBe(200)
  })

  it('are changed and told of', async () => {
    const { id } = await make()
    const other = await make({ label: 'other' })
    expect((await ask('PATCH', `/${other.id}`, { label: 'site' })).status).toBe(409)
    const changed = await ask('PATCH', `/${id}`, { label: 'site', ttlSeconds: 5, lifetimeSeconds: 600 })
    expect(changed.body).toMatchObject({ label: 'site', ttlSeconds: 5, lifetimeSeconds: 600 })
    for (const json of [{}, { label: '' }, { label: 'x', ttlSeconds: -1 }, { label: 'x', lifetimeSeconds: 1 }])
      expect((await ask('POST', '', json)).status).toBe(400)
    for (const json of [
      {},
      { cid: first.cid, fileId: first.id },
      { cid: '' },
      { cid: 'nonsense' },
      { cid: `${first.cid}/../x` },
    ])
      expect([json, (await publish(id, json)).status]).toEqual([json, 400])
  })
})
