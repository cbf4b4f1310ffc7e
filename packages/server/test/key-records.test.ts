import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'

const dayMs = 86_400_000

describe.each(databases)('what is told of keys on %s', (database) => {
  let app: TestApp
  let admin: KeyValues
  const clock = new TestClock()

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_RATE_LIMITS: 'off' } })
    admin = await app.setUp()
  })
  afterAll(() => app.close())

  const idOf = async (key: KeyValues): Promise<string> => {
    const { body } = await app.ask('GET', '/pinyon/v1/keys?limit=1000', { key: admin })
    return body.keys.find((each: { publicPart: string }) => each.publicPart === key.pinata_api_key).id
  }
  const tell = async (key: KeyValues, what: string) =>
    (await app.ask('GET', `/pinyon/v1/keys/${await idOf(key)}/${what}`, { key: admin })).body
  const uploader = { endpoints: { files: { upload: true, list: true } } }

  it('refusals say why, where, how often and what would allow it', async () => {
    const key = await app.makeKey(admin, uploader)
    for (let i = 0; i < 5; i++) await app.ask('GET', '/data/pinList', { key })
    await app.ask('DELETE', '/v3/files/public/x', { key })
    const { refusals } = await tell(key, 'refusals')
    expect(refusals).toHaveLength(2)
    expect(refusals).toContainEqual({
      reason: 'NO_SCOPES_FOUND',
      message: expect.stringContaining('data.pinList'),
      route: { id: 'pinList', method: 'GET', path: '/data/pinList' },
      scope: 'data.pinList',
      count: 5,
      firstAt: expect.any(String),
      lastAt: expect.any(String),
    })
    expect(refusals).toContainEqual(expect.objectContaining({ scope: 'files.delete', count: 1 }))
  })

  it('refusals are those of known keys alone, fifty of each at most, in few writes', async () => {
    const key = await app.makeKey(admin, {})
    const id = await idOf(key)
    const before = app.services.db.commits
    for (let i = 0; i < 70; i++) {
      clock.move(1)
      app.services.keyRefusals.note(id, { reason: 'scope_missing', route: `r${i}`, message: 'm', scope: null })
      if (i % 35 === 34) await app.services.keyRefusals.flush()
    }
    expect(app.services.db.commits - before).toBeLessThan(10)
    const { refusals } = await tell(key, 'refusals')
    expect(refusals).toHaveLength(50)
    const wrong = { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: admin.pinata_api_secret }
    expect((await app.ask('GET', '/data/pinList', { headers: wrong })).status).toBe(401)
    const all = await app.services.db.read
      .selectFrom('key_refusals')
      .selectAll()
      .where('route', '=', 'pinList')
      .execute()
    await app.services.keyRefusals.flush()
    expect(all.filter(({ key_id }) => key_id === id)).toEqual([])
  })

  it('uses are counted by day and by operation', async () => {
    const key = await app.makeKey(admin, uploader, { maxUses: 100 })
    for (let i = 0; i < 3; i++) await app.ask('GET', '/v3/files/public', { key })
    clock.move(dayMs)
    await app.ask('GET', '/v3/files/public', { key })
    const { days, routes } = await tell(key, 'uses?days=3')
    const today = new Date(clock.now()).toISOString().slice(0, 10)
    expect(days.map(({ uses }: { uses: number }) => uses)).toEqual([0, 3, 1])
    expect(days.at(-1).day).toBe(today)
    expect(routes).toEqual([{ route: 'filesList', uses: 4 }])
  })

  it('advice names what is granted and was not used for ninety days', async () => {
    const key = await app.makeKey(admin, { resources: ['org:files:read'], endpoints: { psa: { add: true } } })
    await app.ask('GET', '/v3/files/public', { key })
    const early = await tell(key, 'advice')
    expect(early).toMatchObject({ days: 90, observedDays: 1, used: ['files.list'] })
    expect(early.unused).toEqual(expect.arrayContaining(['files.get', 'psa.add']))
    expect(early.permissions).toEqual({ admin: false, endpoints: { files: { list: true } } })
    clock.move(91 * dayMs)
    expect(await tell(key, 'advice')).toMatchObject({ observedDays: 90, used: [], permissions: { endpoints: {} } })
  })

  it('is nobody else’s business', async () => {
    const id = await idOf(await app.makeKey(admin, { admin: true }))
    const lesser = await app.makeKey(admin, { endpoints: { keys: { get: true } } })
    for (const what of ['refusals', 'advice', 'uses']) {
      expect((await app.ask('GET', `/pinyon/v1/keys/${id}/${what}`, { key: lesser })).status).toBe(404)
    }
  })
})
