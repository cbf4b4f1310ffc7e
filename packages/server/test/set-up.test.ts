import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp } from './support/app.ts'

const email = 'owner@example.test'
const password = 'correct horse battery'

describe.each(databases)('set-up on %s', (database) => {
  it('makes owner, account and an admin and operator key, once', async () => {
    const app = await start(database)
    const token = await readToken(app.dataDir)
    expect((await stat(join(app.dataDir, 'setup-token'))).mode & 0o777).toBe(0o600)
    expect(await app.ask('GET', '/pinyon/v1/setup')).toMatchObject({ status: 200, body: { done: false } })
    const made = await app.ask('POST', '/pinyon/v1/setup', { json: { token, email, password, accountName: 'Pines' } })
    expect(made.status).toBe(201)
    expect(made.headers.get('cache-control')).toBe('no-store')
    expect(made.headers.get('access-control-allow-origin')).toBe(null)
    expect(made.body).toEqual({
      account: {
        id: expect.any(String),
        name: 'Pines',
        email,
        createdAt: expect.any(String),
        disabledAt: null,
        quotaBytes: null,
        usedBytes: 0,
        files: 0,
        egressQuotaBytes: null,
        publicContent: 'allowed',
      },
      key: {
        JWT: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
        pinata_api_key: expect.stringMatching(/^pnk_[0-9A-Za-z]{28}$/),
        pinata_api_secret: expect.stringMatching(/^pns_[0-9A-Za-z]{49}$/),
      },
    })
    expect(existsSync(join(app.dataDir, 'setup-token'))).toBe(false)
    const { body } = await app.ask('GET', '/pinyon/v1/whoami', { key: made.body.key })
    expect(body.scopes).toEqual({ admin: true, operator: true, endpoints: {} })
    expect(body.network).toBe('local')
    expect((await app.ask('GET', '/pinyon/v1/setup')).body).toEqual({ done: true })
    const again = await app.ask('POST', '/pinyon/v1/setup', { json: { token, email, password } })
    expect(again).toMatchObject({ status: 409, body: { error: { reason: 'CONFLICT' } } })
    await app.reopen()
    expect(existsSync(join(app.dataDir, 'setup-token'))).toBe(false)
    expect((await app.ask('POST', '/pinyon/v1/setup', { json: { token, email, password } })).status).toBe(409)
    expect((await app.ask('GET', '/pinyon/v1/whoami', { key: made.body.key })).status).toBe(200)
  })

  it('lets exactly one of 50 requests at once win', async () => {
    const app = await start(database, { PINYON_RATE_LIMITS: 'off' })
    const token = await readToken(app.dataDir)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        app.ask('POST', '/pinyon/v1/setup', { json: { token, email: `owner${i}@example.test`, password } }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201,
      ...Array.from({ length: 49 }, () => 409),
    ])
    for (const table of ['users', 'accounts', 'keys', 'members'] as const) {
      expect(await app.services.db.read.selectFrom(table).selectAll().execute()).toHaveLength(1)
    }
  })

  it('stays open over a restart, with the same token', async () => {
    const app = await start(database)
    const token = await readToken(app.dataDir)
    await app.reopen()
    expect(await readToken(app.dataDir)).toBe(token)
    await app.setUp()
  })
})

it('takes the token of the configuration and writes none', async () => {
  const token = 'w8K3vXz0Qm5TnB1yLr7HcD2f'
  const app = await start('sqlite', { PINYON_SETUP_TOKEN: token })
  expect(existsSync(join(app.dataDir, 'setup-token'))).toBe(false)
  const json = { token, email, password, publicContent: 'refused', network: 'public' }
  const made = await app.ask('POST', '/pinyon/v1/setup', { json })
  expect(made).toMatchObject({ status: 201, body: { account: { name: email, publicContent: 'refused' } } })
  const who = await app.ask('GET', '/pinyon/v1/whoami', { key: made.body.key })
  expect(who.body).toMatchObject({ publicContent: 'refused', network: 'public' })
})

it.each<[string, object]>([
  ['no token', { email, password }],
  ['no address', { token: 't', password }],
  ['an address that is none', { token: 't', email: 'owner', password }],
  ['a short password', { token: 't', email, password: 'short' }],
  ['a password that is no text', { token: 't', email, password: 1_234_567_890 }],
  ['a network that is none', { token: 't', email, password, network: 'all' }],
  ['an account name with a line break', { token: 't', email, password, accountName: 'a\nb' }],
])('answers 400 for %s', async (_, json) => {
  const app = await start('sqlite')
  expect((await app.ask('POST', '/pinyon/v1/setup', { json })).status).toBe(400)
  expect(await app.services.db.read.selectFrom('users').selectAll().execute()).toEqual([])
})

it('answers 401 for a wrong token, and 401 on other routes before set-up', async () => {
  const app = await start('sqlite')
  const wrong = await app.ask('POST', '/pinyon/v1/setup', { json: { token: 'wrong', email, password } })
  expect(wrong).toMatchObject({ status: 401, body: { error: { reason: 'SIGN_IN_FAILED' } } })
  expect((await app.ask('GET', '/data/testAuthentication')).status).toBe(401)
  const signIn = await app.ask('POST', '/pinyon/v1/sessions', { json: { email: 'admin', password: 'admin' } })
  expect(signIn.status).toBe(401)
})

it('ignores members that are none of its own', async () => {
  const app = await start('sqlite')
  const token = await readToken(app.dataDir)
  const json = { token, email, password, id: 'mine', operator: false, quotaBytes: 5, role: 'member' }
  const { body } = await app.ask('POST', '/pinyon/v1/setup', { json })
  expect(body.account.id).not.toBe('mine')
  expect(body.account.quotaBytes).toBe(null)
})

async function start(database: (typeof databases)[number], env: Record<string, string> = {}) {
  const app = await startTestApp({ database, env })
  onTestFinished(() => app.close())
  return app
}

async function readToken(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, 'setup-token'), 'utf8')).trim()
}
