import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { makePasswordReset } from '../src/accounts/change-password.ts'
import { databases, startTestApp, type Answered, type Ask, type TestApp } from './support/app.ts'
import { TestClock, type Row } from './support/domain.ts'

const email = 'owner@example.test'
const password = 'correct horse battery'
const day = 86_400_000

describe.each(databases)('a session on %s', (database) => {
  it('begins with a cookie that keeps to its rules, goes on, and ends at sign-out', async () => {
    const app = await start({ database })
    const { accountId } = await app.setUp()
    const signedIn = await signIn(app)
    expect(signedIn.status).toBe(200)
    expect(signedIn.headers.get('set-cookie')).toMatch(
      /^__Host-pinyon=pnses_[0-9A-Za-z]{49}; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=2592000$/,
    )
    expect(signedIn.headers.get('cache-control')).toBe('no-store')
    expect(signedIn.body).toEqual({
      session: {
        id: expect.any(String),
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
        expiresAt: expect.any(String),
        address: '127.0.0.1',
        agent: expect.any(String),
        current: true,
      },
      user: { id: expect.any(String), email, operator: true },
      account: { id: accountId, name: email, role: 'owner' },
      accounts: [{ id: accountId, name: email, role: 'owner' }],
    })
    const cookie = cookieOf(signedIn)
    const current = await asBrowser(app, cookie, 'GET', '/pinyon/v1/sessions/current')
    expect(current).toMatchObject({ status: 200, body: { session: { id: signedIn.body.session.id } } })
    const out = await asBrowser(app, cookie, 'DELETE', '/pinyon/v1/sessions/current')
    expect(out.status).toBe(200)
    expect(out.headers.get('set-cookie')).toMatch(/^__Host-pinyon=; .*Max-Age=0$/)
    expect((await asBrowser(app, cookie, 'GET', '/pinyon/v1/sessions/current')).status).toBe(401)
  })

  it('has a new id and token at each sign-in, and the one before ends', async () => {
    const app = await start({ database })
    await app.setUp()
    const first = await signIn(app)
    const second = await signIn(app, {}, { cookie: `other=1; ${cookieOf(first)}` })
    expect(cookieOf(second)).not.toBe(cookieOf(first))
    expect(second.body.session.id).not.toBe(first.body.session.id)
    expect((await asBrowser(app, cookieOf(first), 'GET', '/pinyon/v1/sessions/current')).status).toBe(401)
    expect((await asBrowser(app, cookieOf(second), 'GET', '/pinyon/v1/sessions/current')).status).toBe(200)
  })

  it('is listed, and ended from another one', async () => {
    const app = await start({ database })
    await app.setUp()
    const [mine, other] = [await signIn(app), await signIn(app)]
    const { body } = await asBrowser(app, cookieOf(mine), 'GET', '/pinyon/v1/sessions')
    expect(body.sessions.map(({ id, current }: Row) => [id, current])).toEqual([
      [other.body.session.id, false],
      [mine.body.session.id, true],
    ])
    const path = `/pinyon/v1/sessions/${other.body.session.id}`
    expect((await asBrowser(app, cookieOf(mine), 'DELETE', path)).status).toBe(200)
    expect((await asBrowser(app, cookieOf(other), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    expect((await asBrowser(app, cookieOf(mine), 'DELETE', path)).status).toBe(404)
  })

  it('does not outlive a change of the password, but the one that changes it does', async () => {
    const app = await start({ database })
    await app.setUp()
    const [mine, other] = [await signIn(app), await signIn(app)]
    const change = (json: object) => asBrowser(app, cookieOf(mine), 'PUT', '/pinyon/v1/password', { json })
    expect((await change({ currentPassword: 'wrong', newPassword: 'a new password' })).status).toBe(401)
    expect((await change({ currentPassword: password, newPassword: 'short' })).status).toBe(400)
    expect((await change({ currentPassword: password, newPassword: 'a new password' })).status).toBe(200)
    expect((await asBrowser(app, cookieOf(other), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    expect((await asBrowser(app, cookieOf(mine), 'GET', '/pinyon/v1/sessions')).status).toBe(200)
    expect((await signIn(app)).status).toBe(401)
    expect((await signIn(app, { password: 'a new password' })).status).toBe(200)
  })

  it('ends when its account is disabled, as do the keys; all are back when it is enabled', async () => {
    const app = await start({ database })
    const operator = await app.setUp()
    const other = await app.makeAccount(operator, 'other')
    const theirs = await signIn(app, { email: 'other@example.test', password: 'another horse battery' })
    expect((await app.ask('GET', '/pinyon/v1/account', { key: other })).status).toBe(200)
    const path = `/pinyon/v1/accounts/${other.accountId}`
    const disabled = await app.ask('PATCH', path, { key: operator, json: { disabled: true } })
    expect(disabled).toMatchObject({ status: 200, body: { disabledAt: expect.any(String) } })
    expect(await app.ask('GET', '/pinyon/v1/account', { key: other })).toMatchObject({
      status: 403,
      body: { error: { reason: 'ACCOUNT_DISABLED' } },
    })
    expect((await asBrowser(app, cookieOf(theirs), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    const again = await signIn(app, { email: 'other@example.test', password: 'another horse battery' })
    expect(again).toMatchObject({ status: 403, body: { error: { reason: 'ACCOUNT_DISABLED' } } })
    await app.ask('PATCH', path, { key: operator, json: { disabled: false } })
    expect((await app.ask('GET', '/pinyon/v1/account', { key: other })).status).toBe(200)
    expect((await asBrowser(app, cookieOf(theirs), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    const own = `/pinyon/v1/accounts/${operator.accountId}`
    expect((await app.ask('PATCH', own, { key: operator, json: { disabled: true } })).status).toBe(409)
  })

  it('ends a week after its last use and a month after its beginning', async () => {
    const clock = new TestClock()
    const app = await start({ database, clock })
    await app.setUp()
    const idle = await signIn(app)
    const used = await signIn(app)
    for (let i = 0; i < 5; i++) {
      expect((await asBrowser(app, cookieOf(used), 'GET', '/pinyon/v1/sessions')).status).toBe(200)
      // The last use is written without being waited for.
      await expect
        .poll(async () => {
          const rows = await app.services.db.read.selectFrom('sessions').select('last_used_at').execute()
          return rows.some(({ last_used_at }) => last_used_at === clock.now())
        })
        .toBe(true)
      clock.move(6 * day)
    }
    expect((await asBrowser(app, cookieOf(idle), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    expect((await asBrowser(app, cookieOf(used), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
  })

  it('moves to another account of its user and has the part there', async () => {
    const app = await start({ database })
    const operator = await app.setUp()
    const other = await app.makeAccount(operator, 'other')
    const invited = await app.ask('POST', '/pinyon/v1/members', { key: other, json: { email, role: 'member' } })
    const json = { token: invited.body.invite.token, password }
    expect((await app.ask('POST', '/pinyon/v1/invites/accept', { json })).status).toBe(200)
    const cookie = cookieOf(await signIn(app))
    const path = '/pinyon/v1/sessions/current/account'
    const moved = await asBrowser(app, cookie, 'PUT', path, { json: { accountId: other.accountId } })
    expect(moved.body).toMatchObject({ account: { id: other.accountId, role: 'member' } })
    expect((await asBrowser(app, cookie, 'GET', '/v3/pinata/keys')).status).toBe(403)
    expect((await asBrowser(app, cookie, 'GET', '/pinyon/v1/account')).body.id).toBe(other.accountId)
    const gone = await asBrowser(app, cookie, 'PUT', path, { json: { accountId: 'unknown' } })
    expect(gone.status).toBe(404)
    const { body } = await app.ask('GET', '/pinyon/v1/members', { key: other })
    const me = body.members.find((member: Row) => member.email === email)
    expect((await app.ask('DELETE', `/pinyon/v1/members/${me.userId}`, { key: other })).status).toBe(200)
    expect((await asBrowser(app, cookie, 'GET', '/pinyon/v1/account')).status).toBe(401)
  })

  it('refuses a page that shows another account or person than it is of, before anything is done', async () => {
    const app = await start({ database })
    const operator = await app.setUp()
    const other = await app.makeAccount(operator, 'other')
    const invited = await app.ask('POST', '/pinyon/v1/members', { key: other, json: { email, role: 'owner' } })
    const json = { token: invited.body.invite.token, password }
    expect((await app.ask('POST', '/pinyon/v1/invites/accept', { json })).status).toBe(200)
    const { body, ...answer } = await signIn(app)
    const cookie = cookieOf({ body, ...answer })
    const rename = (accountId: string, userId: string = body.user.id) =>
      asBrowser(app, cookie, 'PATCH', '/pinyon/v1/account', {
        json: { name: 'Renamed' },
        headers: { 'pinyon-acting-as': `${userId}/${accountId}` },
      })
    expect((await rename(operator.accountId)).status).toBe(200)
    const stale = await rename(other.accountId)
    expect([stale.status, stale.body.error.reason]).toEqual([409, 'SESSION_CHANGED'])
    expect((await rename(operator.accountId, 'somebody')).status).toBe(409)
    await asBrowser(app, cookie, 'PUT', '/pinyon/v1/sessions/current/account', { json: { accountId: other.accountId } })
    expect((await rename(operator.accountId)).status).toBe(409)
    expect((await asBrowser(app, cookie, 'GET', '/pinyon/v1/account')).body.name).toBe('other')
  })

  it('is begun anew with a one-time reset, which ends the others', async () => {
    const clock = new TestClock()
    const app = await start({ database, clock })
    await app.setUp()
    const before = await signIn(app)
    const reset = (token: string) =>
      app.ask('POST', '/pinyon/v1/password/reset', { json: { token, password: 'chosen by reset' } })
    const replaced = await makePasswordReset(app.services, 'OWNER@example.test ')
    const { token } = await makePasswordReset(app.services, email)
    expect((await reset(replaced.token)).status).toBe(404)
    const answers = await Promise.all([reset(token), reset(token), reset(token)])
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 404, 404])
    expect((await asBrowser(app, cookieOf(before), 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    expect((await signIn(app, { password: 'chosen by reset' })).status).toBe(200)
    const late = await makePasswordReset(app.services, email)
    clock.move(3_600_000)
    expect((await reset(late.token)).status).toBe(404)
    await expect(makePasswordReset(app.services, 'nobody@example.test')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('signing in', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ env: { PINYON_RATE_LIMITS: 'sign-in=1000000/60' } })
    await app.setUp()
  })
  afterAll(() => app.close())

  it('answers a wrong password and an unknown address alike', async () => {
    const known = await signIn(app, { password: 'wrong password' })
    const unknown = await signIn(app, { email: 'nobody@example.test' })
    expect(known.status).toBe(401)
    expect(unknown).toMatchObject({ status: known.status, body: known.body })
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()])
    expect(known.headers.get('set-cookie')).toBe(null)
  })

  it('takes as long for an unknown address as for a wrong password', { timeout: 60_000 }, async () => {
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let i = 0; i < 100; i++) {
      for (const which of ['known', 'unknown'] as const) {
        const began = performance.now()
        await signIn(app, { email: which === 'known' ? email : 'nobody@example.test', password: 'wrong password' })
        times[which].push(performance.now() - began)
      }
    }
    const ratio = median(times.known) / median(times.unknown)
    expect(ratio).toBeGreaterThan(0.8)
    expect(ratio).toBeLessThan(1.25)
  })

  it('does not mind case and spaces of the address', async () => {
    expect((await signIn(app, { email: ' Owner@Example.TEST ' })).status).toBe(200)
  })

  it.each([{ email }, { email, password: null }, { email: ['a'], password }, [], 'text', null])(
    'answers 400 for %j',
    async (json) => {
      expect((await app.ask('POST', '/pinyon/v1/sessions', { json })).status).toBe(400)
    },
  )

  it('refuses a cookie that is no session, and a JWT in its place', async () => {
    const key = await app.ask('POST', '/pinyon/v1/sessions', { json: { email, password } })
    const token = cookieOf(key).split('=')[1] ?? ''
    for (const wrong of ['', 'x', `${token}x`, token.slice(0, -1), 'a.b.c', "' or 1=1 --"]) {
      expect((await asBrowser(app, `__Host-pinyon=${wrong}`, 'GET', '/pinyon/v1/sessions')).status).toBe(401)
    }
    const asBearer = await app.ask('GET', '/pinyon/v1/sessions', { headers: { authorization: `Bearer ${token}` } })
    expect(asBearer.status).toBe(401)
  })

  it('is for people: a key is told so', async () => {
    const made = await asBrowser(app, cookieOf(await signIn(app)), 'POST', '/v3/pinata/keys', {
      json: { keyName: 'k', permissions: { admin: true } },
    })
    expect(made.status).toBe(200)
    const answer = await app.ask('GET', '/pinyon/v1/sessions', { key: made.body })
    expect(answer).toMatchObject({ status: 403, body: { error: { reason: 'FORBIDDEN' } } })
  })

  it("sends no CORS headers, and no one else's session can be ended", async () => {
    const answer = await signIn(app, {}, { origin: app.apiUrl })
    expect(answer.headers.get('access-control-allow-origin')).toBe(null)
    const path = '/pinyon/v1/sessions/019c0000-0000-7000-8000-000000000000'
    expect((await asBrowser(app, cookieOf(answer), 'DELETE', path)).status).toBe(404)
  })
})

it('stops guessing after ten failures from an address, not the owner from another, and not the successes', async () => {
  const clock = new TestClock()
  const app = await start({ clock, env: { PINYON_TRUSTED_PROXIES: '127.0.0.1' } })
  await app.setUp()
  const from = (address: string, json: object = {}) => signIn(app, json, { 'x-forwarded-for': address })
  for (let i = 0; i < 20; i++) expect((await from('198.51.100.1')).status).toBe(200)
  const guesses = await Promise.all(
    Array.from({ length: 30 }, (_, i) => from('198.51.100.1', { password: `wrong password ${i}` })),
  )
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(10)
  const refused = guesses.filter(({ status }) => status === 429)
  expect(refused).toHaveLength(20)
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await from('198.51.100.1')).status).toBe(429)
  expect((await from('198.51.100.2')).status).toBe(200)
  for (let i = 0; i < 100; i++) {
    expect((await from(`203.0.113.${i}`, { password: 'wrong password' })).status).toBe(401)
  }
  expect((await from('198.51.100.3')).status).toBe(200)
  clock.move(15 * 60_000)
  expect((await from('198.51.100.1')).status).toBe(200)
}, 60_000)

it('counts failures behind no proxy by the address of the socket, whatever the headers say', async () => {
  const app = await start({})
  await app.setUp()
  const answers: number[] = []
  for (let i = 0; i < 11; i++) {
    const headers = {
      'x-forwarded-for': `198.51.100.${i}`,
      forwarded: `for=198.51.100.${i}`,
      'x-real-ip': `198.51.100.${i}`,
    }
    answers.push((await signIn(app, { password: 'wrong password' }, headers)).status)
  }
  expect(answers).toEqual([...Array.from({ length: 10 }, () => 401), 429])
})

async function start(options: Parameters<typeof startTestApp>[0]): Promise<TestApp> {
  const app = await startTestApp(options)
  onTestFinished(() => app.close())
  return app
}

function signIn(app: TestApp, json: object = {}, headers: Record<string, string> = {}): Promise<Answered> {
  return app.ask('POST', '/pinyon/v1/sessions', { json: { email, password, ...json }, headers })
}

function cookieOf(answer: Answered): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

/** As a page of ours asks: with the cookie and what the browser says of it. */
function asBrowser(app: TestApp, cookie: string, method: string, path: string, ask: Ask = {}): Promise<Answered> {
  return app.ask(method, path, { ...ask, headers: { ...ask.headers, cookie, origin: app.apiUrl } })
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
