import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makePasswordReset } from '../src/accounts/change-password.ts'
import { codeOfStep, stepAt } from '../src/accounts/totp-code.ts'
import type { Schema } from '../src/db/schema.ts'
import { databases, startTestApp, type Ask, type KeyValues, type TestApp } from './support/app.ts'
import { fromBase32 } from './support/base32.ts'
import { pathsOf, sampleBody } from './support/fill-route.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'

/** A table that is not here is one more place for secrets: it does not compile without it. */
const tables = {
  installation: 1, accounts: 1, account_totals: 1, users: 1, members: 1, sessions: 1, invites: 1, password_resets: 1, keys: 1,
  key_use_days: 1, key_refusals: 1, repeated_requests: 1, repeated_writes: 1, rate_counts: 1, audit: 1, audit_unsealed: 1,
  audit_chain: 1, audit_head: 1, groups: 1, bulks: 1, bulk_items: 1, files: 1, file_keyvalues: 1, pins: 1, pin_blocks: 1, blocks: 1,
  packs: 1, damage: 1, usage_counts: 1, jobs: 1, fetches: 1, requests: 1, pin_counts: 1, sign_in_failures: 1, links: 1, swaps: 1,
  signatures: 1, events: 1, event_relay: 1, quota_refusals: 1, uploads: 1, upload_files: 1, webhooks: 1, webhook_deliveries: 1,
  gateways: 1, custom_domains: 1, gateway_restrictions: 1, gateway_plugins: 1, traffic: 1, egress: 1, denials: 1, totps: 1,
  sign_up_links: 1, sign_up_requests: 1, recovery_codes: 1, ipns_names: 1, ipns_records: 1,
} as const satisfies Record<keyof Schema, 1> // prettier-ignore

describe.each(databases)('secrets on %s', (database) => {
  let app: TestApp
  /** Everything that must not be seen again, by what it is. */
  const secrets = new Map<string, string>()
  /** What was taken for a credential of another kind. */
  const confused: string[] = []
  /** Everything that was answered after a secret was shown. */
  let answered = ''
  let key: KeyValues & { accountId: string }

  const hide = (name: string, value: unknown) => {
    if (typeof value !== 'string' || value.length < 8) throw new Error(`${name} is no secret: ${String(value)}`)
    secrets.set(name, value)
  }
  const hideKey = (name: string, { JWT, pinata_api_secret }: KeyValues) => {
    hide(`${name} JWT`, JWT)
    hide(`${name} JWT's payload`, JWT.split('.')[1])
    hide(`${name} JWT's signature`, JWT.split('.')[2])
    hide(`${name} secret`, pinata_api_secret)
  }
  const ask = async (method: string, path: string, how: Ask = {}) => {
    const answer = await app.ask(method, path, how)
    answered += `${method} ${answer.status} ${JSON.stringify([...answer.headers])} ${JSON.stringify(answer.body)}\n`
    return answer
  }

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    hide('set-up token', (await readFile(join(app.dataDir, 'setup-token'), 'utf8')).trim())
    key = await app.setUp()
    hideKey('operator', key)
    hide('operator password', 'correct horse battery')
    const owner = await app.makeAccount(key, 'owner-of-secrets')
    hideKey('owner', owner)
    hide('owner password', ownerPassword)
    const made = await app.makeKey(key, { endpoints: { files: { list: true } } })
    hideKey('scoped', made)
    const { keys } = (await ask('GET', '/pinyon/v1/keys?limit=1', { key })).body
    const again = await app.ask('POST', `/pinyon/v1/keys/${keys[0].id}/regenerate`, {
      key,
      json: { overlapSeconds: 60 },
    })
    hideKey('regenerated', again.body)
    const invite = await app.ask('POST', '/pinyon/v1/members', { key, json: { email: 'invited@example.test' } })
    hide('invite', invite.body.invite.token)
    await makeNewer(key)
    hide('reset', (await makePasswordReset(app.services, 'owner@example.test')).token)
    const session = await signInAs(app, 'owner-of-secrets@example.test', ownerPassword)
    hide('session', session.cookie.split('=')[1])
    const changed = 'the password after the change'
    hide('changed password', changed)
    await ask('PUT', '/pinyon/v1/password', {
      headers: session.headers,
      json: { currentPassword: ownerPassword, newPassword: changed },
    })
    for (const name of ['bearer', 'secret half', 'cookie', 'password', 'query', 'path', 'token', 'field'])
      hide(`wrong ${name}`, `canary-${name.replace(' ', '-')}-${'x7Kq9'.repeat(3)}`)
    await makeSecondStep(session.headers, changed)
    await tryEverywhere(session.headers)
  }, 300_000)
  afterAll(() => app.close())

  /** What came later: secrets of webhooks, gateways, links, children, and answers that are kept to be given again. */
  async function makeNewer(asker: KeyValues) {
    const own = (path: string, json: object, headers = {}) => app.ask('POST', path, { key: asker, json, headers })
    const hook = await own('/pinyon/v1/webhooks', { url: 'https://hooks.example.test/', kinds: ['pin.failed'] })
    hide('webhook secret', hook.body.secret)
    hide('webhook secret without its head', hook.body.secret.slice('whsec_'.length))
    const gateway = (await own('/v3/gateways', { domain: 'of-secrets' })).body.data.id
    hide('access token', (await own(`/v3/gateways/${gateway}/access_tokens`, {})).body.data.value)
    const name = (await own('/pinyon/v1/names', { label: 'of secrets' })).body.id
    const { pem, protobuf } = (await own(`/pinyon/v1/names/${name}/export`, {})).body
    hide('key of a name', pem.split('\n')[1])
    hide('key of a name as protobuf', protobuf)
    hide('seed of a name', Buffer.from(protobuf, 'base64').subarray(4, 36).toString('base64'))
    hide('seed of a name in hex', Buffer.from(protobuf, 'base64').subarray(4, 36).toString('hex'))
    hide('sign-up link', (await own('/pinyon/v1/operator/sign-ups/links', {})).body.token)
    const date = Math.floor(Date.now() / 1_000)
    const link = await own('/v3/files/sign', { date, expires: 600, network: 'private' })
    hide('link signature', new URL(link.body.data).searchParams.get('X-Signature'))
    const { id } = (await app.ask('GET', '/pinyon/v1/whoami', { key: asker })).body.key
    const child = { keyName: 'child', permissions: { endpoints: { files: { list: true } } } }
    hideKey('child', (await own(`/pinyon/v1/keys/${id}/children`, child)).body)
    const repeat = { 'idempotency-key': 'a name of secrets' }
    hideKey('repeated', (await own(`/pinyon/v1/keys/${id}/children`, { ...child, keyName: 'repeated' }, repeat)).body)
    // What was shown once is not shown when the same request comes again.
    const json = { ...child, keyName: 'repeated' }
    await ask('POST', `/pinyon/v1/keys/${id}/children`, { key: asker, json, headers: repeat })
  }

  /** What an authenticator app is given, and the codes that stand in for it. */
  async function makeSecondStep(headers: Record<string, string>, password: string) {
    const begun = await app.ask('POST', '/pinyon/v1/totp', { headers, json: { password } })
    hide('secret of an authenticator', begun.body.secret)
    const bytes = Buffer.from(fromBase32(begun.body.secret))
    hide('secret of an authenticator in hex', bytes.toString('hex'))
    hide('secret of an authenticator in base64', bytes.toString('base64').replace(/=+$/, ''))
    const json = { code: codeOfStep(bytes, stepAt(Date.now())) }
    const { body } = await app.ask('POST', '/pinyon/v1/totp/confirm', { headers, json })
    hide('recovery code', body.recoveryCodes[0])
    hide('recovery code as it is hashed', body.recoveryCodes[1].replaceAll('-', ''))
  }

  /** Sends every secret by every carrier, also by those where it does not belong, to every row. */
  async function tryEverywhere(browser: Record<string, string>) {
    const wrong = (name: string) => secrets.get(`wrong ${name}`) ?? ''
    for (const row of routeList) {
      for (const path of pathsOf(row).map((one) => one.replace(':network', 'private').replaceAll(/:\w+/g, 'x'))) {
        // What would end what the rest of the test asks with.
        if (['signOut', 'accountsUpdate', 'accountUpdate', 'passwordChange'].includes(row.id)) continue
        const json = sampleBody(row)
        const body = json === undefined ? {} : { json }
        await ask(row.method, path, { key, ...body })
        await ask(row.method, path, { headers: browser, ...body })
        await ask(row.method, `${path}?token=${wrong('query')}&jwt=${wrong('query')}`, body)
        await ask(row.method, path, {
          ...body,
          headers: { authorization: `Bearer ${wrong('bearer')}.${wrong('bearer')}.x` },
        })
        await ask(row.method, path, { ...body, headers: { authorization: wrong('bearer') } })
        await ask(row.method, path, {
          ...body,
          headers: { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: wrong('secret half') },
        })
        await ask(row.method, path, {
          ...body,
          headers: { cookie: `__Host-pinyon=${wrong('cookie')}`, 'sec-fetch-site': 'same-origin' },
        })
      }
    }
    for (const [name, secret] of secrets) {
      const carriers: Record<string, string>[] = [
        { authorization: `Bearer ${secret}` },
        { authorization: secret },
        { authorization: `Basic ${Buffer.from(`x:${secret}`).toString('base64')}` },
        { pinata_api_key: secret, pinata_secret_api_key: secret },
        { pinata_api_secret: secret },
        { cookie: `__Host-pinyon=${secret}; other=${secret}`, 'sec-fetch-site': 'same-origin' },
        { 'x-api-key': secret },
      ]
      for (const headers of carriers) {
        const { status } = await ask('GET', '/data/testAuthentication', { headers })
        await ask('GET', '/v3/files/private', { headers })
        const isJwt = headers['authorization'] === `Bearer ${secret}` && name.endsWith(' JWT')
        const isSession = 'cookie' in headers && name === 'session'
        if (status !== 401 && !isJwt && !isSession) confused.push(`${name} as ${Object.keys(headers)[0]}: ${status}`)
      }
      await ask('GET', `/v3/files/private?pageToken=${encodeURIComponent(secret).slice(0, 150)}`, {})
      await ask('GET', `/nothing/${encodeURIComponent(secret).slice(0, 1_000)}`, {})
      await ask('GET', `/nothing/here?secret=${encodeURIComponent(secret)}`, {})
      const json = { email: 'owner@example.test', password: secret, currentPassword: secret, newPassword: secret }
      // A right password would sign in, and a right token be used up: they are sent where they do not belong.
      if (!name.includes('password')) await ask('POST', '/pinyon/v1/sessions', { json })
      if (name !== 'invite') await ask('POST', '/pinyon/v1/invites/accept', { json: { ...json, token: secret } })
      if (name !== 'reset') await ask('POST', '/pinyon/v1/password/reset', { json: { ...json, token: secret } })
      await ask('POST', '/pinyon/v1/setup', { json: { ...json, token: secret } })
    }
    await ask('GET', '/metrics', { key })
    for (const path of [
      '/pinyon/v1/audit?limit=1000',
      '/pinyon/v1/keys?limit=1000',
      '/v3/pinata/keys',
      '/users/apiKeys',
      '/pinyon/v1/members',
    ])
      expect((await ask('GET', path, { key })).status).toBe(200)
  }

  /** The names of the secrets that stand in some bytes, in clear, in hex or in base64. */
  function found(bytes: Buffer | string): string[] {
    const haystack = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
    return [...secrets].flatMap(([name, secret]) =>
      spellings(secret).some((spelling) => haystack.includes(spelling)) ? [name] : [],
    )
  }

  it('are looked for in every spelling', () => {
    expect(secrets.size).toBeGreaterThan(40)
    const secret = secrets.get('invite') ?? ''
    for (const text of [
      secret,
      `a ${encodeURIComponent(secret)} b`,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('hex').toUpperCase(),
      ...['', 'x', 'xy'].flatMap((before) => [
        Buffer.from(`${before}${secret} and more`).toString('base64'),
        Buffer.from(`${before}${secret} and more`).toString('base64url'),
      ]),
    ])
      expect([text, found(text)]).toEqual([text, ['invite']])
    expect(found('nothing')).toEqual([])
  })

  it('are in no answer after the one that shows them, no metric and no audit entry', () => {
    expect(answered.length).toBeGreaterThan(100_000)
    expect(found(answered)).toEqual([])
  })

  it('are taken for nothing but what they are', () => {
    expect(confused).toEqual([])
  })

  it('are in no line of the log', () => {
    expect(app.log()).not.toBe('')
    expect(found(app.log())).toEqual([])
  })

  it('are in no row of any table', async () => {
    for (const table of Object.keys(tables) as (keyof Schema)[]) {
      const rows = await app.services.db.read.selectFrom(table).selectAll().execute()
      const shown = rows.map((row) =>
        Object.values(row).map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value)),
      )
      expect([table, found(JSON.stringify(shown))]).toEqual([table, []])
    }
  })

  it('are in no file of the data directory, running or closed, the log of the database included', async () => {
    const look = async () => {
      const seen: string[] = []
      for (const entry of await readdir(app.dataDir, { recursive: true, withFileTypes: true })) {
        // 32 MiB of random bytes would take long to look through.
        if (!entry.isFile() || entry.name === 'reserve') continue
        // What is written anew has another name for a moment.
        if (entry.name.endsWith('.new')) continue
        seen.push(entry.name)
        const bytes = await readFile(join(entry.parentPath, entry.name))
        expect([entry.name, found(bytes)]).toEqual([entry.name, []])
      }
      return seen
    }
    const running = await look()
    if (database === 'sqlite') expect(running).toEqual(expect.arrayContaining(['pinyon.db', 'pinyon.db-wal']))
    await app.app.close()
    expect(await look()).not.toContain('setup-token')
  })
})

/** How a text may stand in bytes. Base64 depends on what comes before it, so its inner part is looked for. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const hex = bytes.toString('hex')
  const shifted = [0, 1, 2].map((shift) => bytes.subarray(shift, shift + Math.floor((bytes.length - shift) / 3) * 3))
  return [
    secret,
    encodeURIComponent(secret),
    hex,
    hex.toUpperCase(),
    ...shifted.flatMap((part) => [part.toString('base64'), part.toString('base64url')]),
  ]
}
