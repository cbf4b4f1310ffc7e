import { describe, expect, it, onTestFinished } from 'vitest'
import { codeOfStep, stepAt } from '../src/accounts/totp-code.ts'
import { resetTotp } from '../src/accounts/manage-totp.ts'
import { databases, startTestApp, type Ask } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { fromBase32 } from './support/base32.ts'
import { signInAs } from './support/sign-in.ts'

const email = 'owner@example.test'
const password = 'correct horse battery'

describe.each(databases)('the second step of signing in on %s', { timeout: 180_000 }, (database) => {
  async function open(env: Record<string, string> = { PINYON_RATE_LIMITS: 'off' }) {
    const clock = new TestClock()
    const app = await startTestApp({ database, clock, env })
    onTestFinished(() => app.close())
    await app.setUp()
    const { headers } = await signInAs(app, email, password)
    const own = (method: string, path: string, json?: unknown, ask: Ask = {}) =>
      app.ask(method, `/pinyon/v1${path}`, { headers, ...(json === undefined ? {} : { json }), ...ask })
    const signIn = (more: object = {}) => app.ask('POST', '/pinyon/v1/sessions', { json: { email, password, ...more } })
    const begin = async () => {
      const begun = await own('POST', '/totp', { password })
      expect([begun.status, begun.headers.get('cache-control')]).toEqual([201, 'no-store'])
      return fromBase32(begun.body.secret)
    }
    const code = (secret: Uint8Array, steps = 0) => codeOfStep(secret, stepAt(clock.now()) + steps)
    const enable = async () => {
      const secret = await begin()
      const confirmed = await own('POST', '/totp/confirm', { code: code(secret) })
      expect(confirmed.status).toBe(200)
      clock.move(60_000)
      return { secret, codes: confirmed.body.recoveryCodes as string[] }
    }
    return { app, clock, own, signIn, begin, code, enable }
  }

  it('is begun with the password and in force after a first code, and ends other sessions', async () => {
    const { app, own, signIn, begin, code } = await open()
    const other = await signInAs(app, email, password)
    expect((await own('POST', '/totp', { password: 'wrong' })).status).toBe(401)
    const secret = await begin()
    expect((await own('GET', '/totp')).body).toEqual({ enabledAt: null, recoveryCodesLeft: 0 })
    expect((await signIn()).status).toBe(200)
    expect((await own('POST', '/totp/confirm', { code: code(secret, 7) })).status).toBe(401)
    const { body } = await own('POST', '/totp/confirm', { code: code(secret) })
    expect(new Set(body.recoveryCodes).size).toBe(10)
    expect((await own('GET', '/totp')).body).toEqual({ enabledAt: expect.stringMatching(/Z$/), recoveryCodesLeft: 10 })
    expect((await app.ask('GET', '/pinyon/v1/sessions/current', { headers: other.headers })).status).toBe(401)
    expect((await own('GET', '/sessions/current')).status).toBe(200)
    expect((await own('POST', '/totp', { password })).status).toBe(409)
    expect((await own('POST', '/totp/confirm', { code: code(secret) })).status).toBe(409)
  })

  it('wants a code that is good now and was not used, after the password', async () => {
    const { signIn, code, enable, clock } = await open()
    const { secret } = await enable()
    const asked = await signIn()
    expect([asked.status, asked.body.error.reason, asked.headers.get('set-cookie')]).toEqual([
      401,
      'SIGN_IN_CODE_NEEDED',
      null,
    ])
    expect((await signIn({ password: 'wrong', code: code(secret) })).body.error.reason).toBe('SIGN_IN_FAILED')
    expect((await signIn({ code: code(secret, 3) })).body.error.reason).toBe('SIGN_IN_FAILED')
    const good = code(secret)
    const at = await Promise.all([1, 2, 3, 4].map(() => signIn({ code: good })))
    expect(at.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401])
    expect((await signIn({ code: good })).status).toBe(401)
    // One from before is none either, though its window is not over.
    expect((await signIn({ code: code(secret, -1) })).status).toBe(401)
    clock.move(30_000)
    expect((await signIn({ code: ` ${code(secret).slice(0, 3)} ${code(secret).slice(3)}` })).status).toBe(200)
  })

  it('is wanted of a known user who accepts an invite or joins by a link, and its code works once', async () => {
    const { app, own, signIn, code, enable, clock } = await open({ PINYON_RATE_LIMITS: 'off', PINYON_SIGNUP: 'invite' })
    const { secret, codes } = await enable()
    const accept = (token: string, more: object = {}) =>
      app.ask('POST', '/pinyon/v1/invites/accept', { json: { token, password, ...more } })
    const invite = async (name: string) => (await own('POST', '/accounts', { name, email })).body.invite.token as string
    const [first, second] = [await invite('first'), await invite('second')]
    clock.move(30_000)
    const asked = await accept(first)
    expect([asked.status, asked.body.error.reason]).toEqual([401, 'SIGN_IN_CODE_NEEDED'])
    expect((await accept(first, { password: 'wrong', code: code(secret) })).body.error.reason).toBe('SIGN_IN_FAILED')
    expect((await accept(first, { code: code(secret, 5) })).body.error.reason).toBe('SIGN_IN_FAILED')
    const good = code(secret)
    expect((await accept(first, { code: good })).status).toBe(201)
    expect((await accept(second, { code: good })).status).toBe(401)
    expect((await signIn({ code: good })).status).toBe(401)
    expect((await accept(second, { code: codes[0] })).status).toBe(201)

    const made = await own('POST', '/operator/sign-ups/links', { maxUses: 3 })
    const join = (more: object) =>
      app.ask('POST', '/pinyon/v1/sign-up/join', { json: { token: made.body.token, email, password, ...more } })
    const accounts = async () => (await own('GET', '/sessions/current')).body.accounts.length
    expect(await accounts()).toBe(3)
    clock.move(30_000)
    for (const more of [{}, { code: code(secret, 5) }]) expect((await join(more)).status).toBe(202)
    expect(await accounts()).toBe(3)
    expect((await join({ code: code(secret) })).status).toBe(202)
    expect(await accounts()).toBe(4)
  })

  it('takes each recovery code once, and new ones in place of the old', async () => {
    const { signIn, enable, own, code, clock } = await open()
    const { secret, codes } = await enable()
    const [first = '', second = '', third = ''] = codes
    const at = await Promise.all([1, 2, 3].map(() => signIn({ code: first })))
    expect(at.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401])
    expect((await signIn({ code: second.toUpperCase().replaceAll('-', '') })).status).toBe(200)
    expect((await own('GET', '/totp')).body.recoveryCodesLeft).toBe(8)
    expect((await own('POST', '/totp/recovery-codes', { password: 'wrong', code: code(secret) })).status).toBe(401)
    const renewed = await own('POST', '/totp/recovery-codes', { password, code: code(secret) })
    expect(renewed.body.recoveryCodes).toHaveLength(10)
    expect((await signIn({ code: third })).status).toBe(401)
    clock.move(30_000)
    expect((await signIn({ code: renewed.body.recoveryCodes[0] })).status).toBe(200)
  })

  it('is turned off with password and code only, or at the machine', async () => {
    const { app, signIn, enable, own, code } = await open()
    const { secret } = await enable()
    expect((await own('POST', '/totp/off', { password, code: '000000' })).status).toBe(401)
    expect((await own('POST', '/totp/off', { password: 'wrong', code: code(secret) })).status).toBe(401)
    expect((await own('POST', '/totp/off', { password, code: code(secret) })).status).toBe(200)
    expect((await own('POST', '/totp/off', { password, code: code(secret) })).status).toBe(409)
    expect((await signIn()).status).toBe(200)
    await enable()
    expect((await signIn()).status).toBe(401)
    await resetTotp(app.services, email)
    expect((await signIn()).status).toBe(200)
    await expect(resetTotp(app.services, email)).rejects.toMatchObject({ code: 'conflict' })
    await expect(resetTotp(app.services, 'nobody@example.test')).rejects.toMatchObject({ code: 'not_found' })
    const lines = await app.services.db.read.selectFrom('audit').select('action').orderBy('id').execute()
    expect(lines.map(({ action }) => action).filter((action) => action.startsWith('user.'))).toEqual([
      'user.totp_enabled',
      'user.totp_disabled',
      'user.totp_enabled',
      'user.totp_reset',
    ])
  })

  it('counts wrong codes as failed sign-ins, so that they cannot be guessed', async () => {
    const { signIn, enable, code, app } = await open({ PINYON_RATE_LIMITS: 'sign-in=5/900' })
    const { secret } = await enable()
    for (let i = 0; i < 5; i++) expect((await signIn({ code: String(100_000 + i) })).status).toBe(401)
    expect((await signIn({ code: code(secret) })).status).toBe(429)
    const lines = await app.services.db.read
      .selectFrom('audit')
      .select('detail')
      .where('action', '=', 'session.sign_in_failed')
      .execute()
    expect(lines.map(({ detail }) => detail)).toEqual(Array.from({ length: 5 }, () => '{"secondStep":"wrong"}'))
  })

  it('keeps neither secret nor recovery codes, and is nothing for keys', async () => {
    const { app, enable } = await open()
    const { secret, codes } = await enable()
    const rows = JSON.stringify([
      await app.services.db.read.selectFrom('totps').selectAll().execute(),
      await app.services.db.read.selectFrom('recovery_codes').selectAll().execute(),
      await app.services.db.read.selectFrom('audit').selectAll().execute(),
    ])
    for (const each of [
      ...codes,
      ...codes.map((code) => code.replaceAll('-', '')),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ])
      expect(rows).not.toContain(each)
    expect(app.log()).not.toContain(codes[0])
    const key = await app.services.db.read.selectFrom('keys').select('id').execute()
    expect(key.length).toBeGreaterThan(0)
    expect((await app.ask('GET', '/pinyon/v1/totp')).status).toBe(401)
  })
})
