import { describe, expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { signInAs } from './support/sign-in.ts'

const password = 'a password of mine'

describe.each(databases)('joining on %s', { timeout: 60_000 }, (database) => {
  async function open(env: Record<string, string>) {
    const clock = new TestClock()
    const app = await startTestApp({ database, clock, env: { PINYON_RATE_LIMITS: 'off', ...env } })
    onTestFinished(() => app.close())
    const operator = await app.setUp()
    const post = (path: string, json: object) => app.ask('POST', `/pinyon/v1/sign-up${path}`, { json })
    const asOperator = (method: string, path: string, json?: object) =>
      app.ask(method, `/pinyon/v1/operator/sign-ups${path}`, { key: operator, ...(json === undefined ? {} : { json }) })
    const link = async (json: object = {}) => {
      const made = await asOperator('POST', '/links', json)
      expect(made.status).toBe(201)
      return made.body as { token: string; url: string; link: { id: string } }
    }
    return { app, clock, operator, post, asOperator, link }
  }

  it('is closed unless the operator opens it, and says so', async () => {
    const { app, post, link } = await open({})
    expect((await app.ask('GET', '/pinyon/v1/sign-up')).body).toEqual({ mode: 'off' })
    const { token } = await link()
    for (const answer of [
      await post('/look', { token }),
      await post('/join', { token, email: 'ann@example.test', password }),
      await post('/requests', { email: 'ann@example.test' }),
    ])
      expect([answer.status, answer.body.error.reason]).toEqual([403, 'SIGN_UP_CLOSED'])
  })

  it('by a link makes an account with the usual quota, as often as the link allows and no oftener', async () => {
    const { app, post, link, asOperator, operator } = await open({
      PINYON_SIGNUP: 'invite',
      PINYON_DEFAULT_QUOTA: '5000',
    })
    const { token, url } = await link({ maxUses: 3, note: 'for the club' })
    expect(url).toBe(`${app.apiUrl}/sign-up#token=${token}`)
    expect((await post('/look', { token })).body).toMatchObject({ quotaBytes: 5_000_000_000 })
    const at = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        post('/join', { token, email: `p${i}@example.test`, password, accountName: `P${i}` }),
      ),
    )
    expect(at.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 202, 202, 404, 404, 404, 404, 404])
    const accounts = (await app.ask('GET', '/pinyon/v1/accounts', { key: operator })).body.accounts
    expect(accounts).toHaveLength(4)
    expect(accounts[0]).toMatchObject({ name: expect.stringMatching(/^P\d$/), quotaBytes: 5_000_000_000 })
    const joined = at.findIndex(({ status }) => status === 202)
    const { headers } = await signInAs(app, `p${joined}@example.test`, password)
    expect((await app.ask('GET', '/pinyon/v1/account', { headers })).body.name).toBe(`P${joined}`)
    const { links } = (await asOperator('GET', '')).body
    expect(links).toMatchObject([{ note: 'for the club', maxUses: 3, uses: 3 }])
    expect(JSON.stringify(links)).not.toContain(token)
    // A quota that is named counts more than the usual one.
    const own = await link({ quotaBytes: 7 })
    await post('/join', { token: own.token, email: 'own@example.test', password })
    const [newest] = (await app.ask('GET', '/pinyon/v1/accounts?limit=1', { key: operator })).body.accounts
    expect(newest.quotaBytes).toBe(7)
  })

  it('by a link tells nobody who has an account, and gives none to who does not know the password', async () => {
    const { app, post, link, operator } = await open({ PINYON_SIGNUP: 'invite' })
    const { token } = await link({ maxUses: 10 })
    const email = 'ann@example.test'
    const first = await post('/join', { token, email, password })
    const known = await post('/join', { token, email: 'ANN@example.test', password: 'another password' })
    const unknown = await post('/join', { token, email: 'nobody@example.test', password: 'another password' })
    const seen = ({ status, headers, body }: typeof first) => {
      const { date: _date, 'x-request-id': _id, ...rest } = Object.fromEntries(headers)
      return { status, rest, body }
    }
    expect(seen(known)).toEqual(seen(first))
    expect(seen(known)).toEqual(seen(unknown))
    const count = async () => (await app.ask('GET', '/pinyon/v1/accounts', { key: operator })).body.accounts.length
    expect(await count()).toBe(3)
    await signInAs(app, email, password)
    // With their own password they get another account.
    await post('/join', { token, email, password, accountName: 'second' })
    const { answer } = await signInAs(app, email, password)
    expect(answer.body.accounts).toHaveLength(2)
    const refused = await app.services.db.read
      .selectFrom('audit')
      .select('result')
      .where('action', '=', 'sign_up.refused')
      .execute()
    expect(refused).toEqual([{ result: 'refused' }])
  })

  it('by a link takes as long for known as for unknown addresses', { timeout: 120_000 }, async () => {
    const { post, link } = await open({ PINYON_SIGNUP: 'invite' })
    const { token } = await link({ maxUses: 10_000 })
    await post('/join', { token, email: 'ann@example.test', password })
    const times: Record<string, number[]> = { known: [], unknown: [] }
    for (let i = 0; i < 9; i++) {
      for (const [kind, email] of [
        ['known', 'ann@example.test'],
        ['unknown', `new${i}@example.test`],
      ] as const) {
        // prettier-ignore
        const began = performance.now()
        await post('/join', { token, email, password: 'some other password' })
        times[kind]?.push(performance.now() - began)
      }
    }
    const median = (values: number[] = []) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
    const ratio = median(times['known']) / median(times['unknown'])
    expect(ratio).toBeGreaterThan(0.6)
    expect(ratio).toBeLessThan(1.6)
  })

  it('ends with the link: revoked, over, mistyped', async () => {
    const { clock, post, link, asOperator } = await open({ PINYON_SIGNUP: 'invite' })
    const look = async (token: string) => (await post('/look', { token })).status
    const [one, two] = [await link(), await link({ expiresInDays: 1 })]
    expect([await look(one.token), await look(two.token)]).toEqual([200, 200])
    expect((await asOperator('DELETE', `/links/${one.link.id}`)).status).toBe(200)
    expect((await asOperator('DELETE', `/links/${one.link.id}`)).status).toBe(404)
    clock.move(86_400_000)
    expect([await look(one.token), await look(two.token), await look('x')]).toEqual([404, 404, 404])
    expect((await post('/join', { token: two.token, email: 'a@b.test', password })).status).toBe(404)
    expect((await post('/join', { token: two.token, email: 'a@b.test', password: 'short' })).status).toBe(400)
    expect((await post('/requests', { email: 'a@b.test' })).status).toBe(403)
  })

  it('by a request waits for the operator, who hands over a link or refuses', async () => {
    const { app, post, asOperator, operator } = await open({ PINYON_SIGNUP: 'request', PINYON_DEFAULT_QUOTA: '1000' })
    const ask = (email: string, more: object = {}) => post('/requests', { email, name: 'Ann', note: 'photos', ...more })
    const answers = [
      await ask('owner@example.test'),
      await ask('ann@example.test'),
      await ask('Ann@example.test', { note: 'again' }),
      await ask('bob@example.test'),
    ]
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [202, {}]))
    const { requests, mode, defaultQuotaBytes } = (await asOperator('GET', '')).body
    expect([mode, defaultQuotaBytes]).toEqual(['request', 1_000_000_000])
    expect(requests).toMatchObject([
      { email: 'owner@example.test', isUser: true },
      { email: 'ann@example.test', note: 'again', isUser: false },
      { email: 'bob@example.test', isUser: false },
    ])
    const accepted = await asOperator('POST', `/requests/${requests[1].id}`, {})
    expect(accepted.status).toBe(201)
    expect(accepted.body).toMatchObject({
      account: { name: 'Ann', quotaBytes: 1_000_000_000 },
      invite: { url: expect.stringContaining('/invite#token=') },
    })
    expect((await asOperator('POST', `/requests/${requests[1].id}`, {})).status).toBe(404)
    expect((await asOperator('DELETE', `/requests/${requests[2].id}`)).status).toBe(200)
    expect((await asOperator('DELETE', `/requests/${requests[2].id}`)).status).toBe(404)
    expect((await asOperator('GET', '')).body.requests).toHaveLength(1)
    const taken = await app.ask('POST', '/pinyon/v1/invites/accept', {
      json: { token: accepted.body.invite.token, password },
    })
    expect(taken.status).toBe(201)
    const alice = await app.makeAccount(operator, 'alice')
    expect((await app.ask('GET', '/pinyon/v1/operator/sign-ups', { key: alice })).status).toBe(403)
    expect((await app.ask('GET', '/pinyon/v1/operator/settings', { key: alice })).status).toBe(403)
    const { settings } = (await app.ask('GET', '/pinyon/v1/operator/settings', { key: operator })).body
    expect(settings).toContainEqual({ name: 'PINYON_SIGNUP', value: 'request' })
    const lines = await app.services.db.read
      .selectFrom('audit')
      .select('action')
      .where('action', 'like', 'sign_up.%')
      .orderBy('id')
      .execute()
    expect(lines.map(({ action }) => action)).toEqual([
      'sign_up.requested',
      'sign_up.requested',
      'sign_up.requested',
      'sign_up.requested',
      'sign_up.accepted',
      'sign_up.turned_down',
    ])
  })

  it('cannot be tried without end', async () => {
    const { post, link } = await open({ PINYON_SIGNUP: 'request', PINYON_RATE_LIMITS: 'password=5/900,sign-in=5/900' })
    const { token } = await link({ maxUses: 100 })
    const statuses: number[] = []
    for (let i = 0; i < 8; i++)
      statuses.push((await post('/join', { token, email: 'owner@example.test', password })).status)
    expect(statuses.filter((status) => status === 202)).toHaveLength(5)
    expect(statuses.at(-1)).toBe(429)
  })
})
