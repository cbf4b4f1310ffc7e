import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { pathsOf, sampleBody } from './support/fill-route.ts'
import { nothingFetched, unknownCid } from './support/pins.ts'

describe.each(databases)('requests with an Idempotency-Key on %s (T78)', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  const clock = new TestClock()

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_RATE_LIMITS: 'off', ...nothingFetched } })
    admin = await app.setUp()
  })
  afterAll(() => app.close())

  let names = 0
  const newName = () => `name ${++names} of ${database}`
  const send = (name: string, path: string, json: unknown, key: KeyValues | string = admin, method = 'POST') =>
    app.ask(method, path, { key, json, headers: { 'idempotency-key': name } })
  const addPin = (name: string, cid: string, key: KeyValues = admin) => send(name, '/psa/pins', { cid }, key)
  const countPins = async (cid: string) =>
    (await app.ask('GET', `/psa/pins?cid=${cid}&status=queued,pinning,pinned,failed`, { key: admin })).body.count
  const records = () => app.services.db.read.selectFrom('repeated_requests').selectAll().execute()
  /** As the database is when the process was killed between the commit and the answer. */
  const loseAnswer = (name: string) =>
    app.services.db.write(async (tx) => {
      const last = (await tx.selectFrom('repeated_requests').select('id').orderBy('id', 'desc').limit(1).execute())[0]
      if (last === undefined) throw new Error(`${name} was not kept`)
      const lost = { answer: null, lease: 'a process that was killed', lease_until: clock.now() }
      await tx.updateTable('repeated_requests').set(lost).where('id', '=', last.id).execute()
    })

  it('have one effect and the same answer, one after another and all at once', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const first = await addPin(name, cid)
    const again = await addPin(name, cid)
    expect([first.status, again.status, again.body]).toEqual([202, 202, first.body])
    expect(await countPins(cid)).toBe(1)
    const [other, otherName] = [unknownCid(), newName()]
    const all = await Promise.all(Array.from({ length: 20 }, () => addPin(otherName, other)))
    const made = all.filter(({ status }) => status === 202)
    expect(new Set(made.map(({ body }) => body.requestid)).size).toBe(1)
    for (const { status, headers } of all) {
      expect([202, 409]).toContain(status)
      if (status === 409) expect(headers.get('retry-after')).toBe('1')
    }
    expect(await countPins(other)).toBe(1)
  })

  it('answer 422 for another body or address, and forget nothing of the first', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const first = await addPin(name, cid)
    const other = await addPin(name, unknownCid())
    expect([other.status, other.body.error.reason]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect((await send(name, '/pinning/pinByHash', { cid })).status).toBe(422)
    expect((await addPin(name, cid)).body).toEqual(first.body)
  })

  it('are told apart by who asks', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const key = await app.makeKey(admin, { admin: true })
    const [one, two] = [await addPin(name, cid), await addPin(name, cid, key)]
    expect(one.body.requestid).not.toBe(two.body.requestid)
    expect(await countPins(cid)).toBe(2)
  })

  it('want a name of 1 to 255 characters', async () => {
    const cid = unknownCid()
    for (const name of ['x'.repeat(300), 'x'.repeat(256), '']) {
      const { status, body } = await addPin(name, cid)
      expect([name.length, status, body.error.reason]).toEqual([name.length, 400, 'BAD_REQUEST'])
    }
    expect((await addPin('x'.repeat(255), cid)).status).toBe(202)
    expect(await countPins(cid)).toBe(1)
  })

  it('are forgotten after a day', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const first = await addPin(name, cid)
    clock.move(24 * 3_600_000 - 1_000)
    expect((await addPin(name, cid)).body).toEqual(first.body)
    clock.move(2_000)
    expect((await addPin(name, cid)).body.requestid).not.toBe(first.body.requestid)
  })

  it('cost one use, however often they are sent', async () => {
    const key = await app.makeKey(admin, { admin: true }, { maxUses: 2 })
    const [cid, name] = [unknownCid(), newName()]
    for (let i = 0; i < 5; i++) expect((await addPin(name, cid, key)).status).toBe(202)
    expect((await addPin(newName(), cid, key)).status).toBe(202)
    expect((await addPin(newName(), cid, key)).status).toBe(403)
    expect((await addPin(name, cid, key)).status).toBe(202)
  })

  it('are done once when the process dies between commit and answer, and answered the same', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const first = await addPin(name, cid)
    await loseAnswer(name)
    expect((await addPin(name, cid)).body).toEqual(first.body)
    expect(await countPins(cid)).toBe(1)
    const replaced = unknownCid()
    const replace = () => send(`${name} replaced`, `/psa/pins/${first.body.requestid}`, { cid: replaced })
    const second = await replace()
    await loseAnswer(name)
    expect((await replace()).body).toEqual(second.body)
    expect([await countPins(cid), await countPins(replaced)]).toEqual([0, 1])
    const json = { pinataContent: { it: 'is kept once' } }
    const kept = await send(`${name} json`, '/pinning/pinJSONToIPFS', json)
    await loseAnswer(name)
    expect((await send(`${name} json`, '/pinning/pinJSONToIPFS', json)).body).toEqual(kept.body)
    expect(kept.body).not.toHaveProperty('isDuplicate', true)
  })

  it('go on after a restart', async () => {
    const [cid, name] = [unknownCid(), newName()]
    const first = await addPin(name, cid)
    await app.reopen()
    expect((await addPin(name, cid)).body).toEqual(first.body)
    expect(await countPins(cid)).toBe(1)
  })

  it('that were refused leave nothing behind, and may be sent again', async () => {
    const name = newName()
    const before = await records()
    expect((await addPin(name, 'no CID')).status).toBe(400)
    // Those of the day before may be forgotten at any moment.
    expect((await records()).filter(({ id }) => !before.some((one) => one.id === id))).toEqual([])
    expect((await addPin(name, unknownCid())).status).toBe(202)
  })

  it('show no secret twice, and make one key', async () => {
    const name = newName()
    const json = { keyName: name, permissions: { admin: true } }
    const [first, again] = [await send(name, '/v3/pinata/keys', json), await send(name, '/v3/pinata/keys', json)]
    expect(first.status).toBe(200)
    expect([again.status, again.body.error.isCarriedOut]).toEqual([409, true])
    await loseAnswer(name)
    expect((await send(name, '/v3/pinata/keys', json)).status).toBe(409)
    const { keys } = (await app.ask('GET', `/pinyon/v1/keys?name=${encodeURIComponent(name)}`, { key: admin })).body
    expect(keys).toHaveLength(1)
    const stored = JSON.stringify([
      await records(),
      await app.services.db.read.selectFrom('repeated_writes').selectAll().execute(),
    ])
    for (const secret of Object.values(first.body as KeyValues)) expect(stored).not.toContain(secret)
  })

  it('work on every row that takes JSON and a key', { timeout: 120_000 }, async () => {
    const file = await upload(app, admin, [['f', 'changed again and again']])
    const secrets: string[] = []
    for (const row of routeList) {
      if (row.bodyKind !== 'json' || !row.credentials.includes('key')) continue
      const path = (pathsOf(row)[0] ?? '').replace(':network', 'public').replaceAll(/:\w+/g, file.id)
      const name = newName()
      const ask = () => send(name, path, sampleBody(row), admin, row.method)
      const [first, again] = [await ask(), await ask()]
      expect([row.id, first.status < 500 || first.status === 501]).toEqual([row.id, true])
      const expected = first.status < 300 && row.showsSecret === true ? 409 : first.status
      expect([row.id, again.status]).toEqual([row.id, expected])
      for (const [, secret = ''] of JSON.stringify(first.body).matchAll(/"(?:\w*secret|token|JWT)":"([^"]{20,})"/gi)) {
        expect([row.id, row.showsSecret]).toEqual([row.id, true])
        secrets.push(secret)
      }
      if (first.status < 300 && row.showsSecret !== true) expect([row.id, again.body]).toEqual([row.id, first.body])
    }
    expect(secrets.length).toBeGreaterThan(4)
    const writes = await app.services.db.read.selectFrom('repeated_writes').selectAll().execute()
    const stored =
      JSON.stringify(await records()) + writes.map(({ result }) => Buffer.from(result).toString('latin1')).join()
    for (const secret of secrets) expect(stored).not.toContain(secret)
  })
})
