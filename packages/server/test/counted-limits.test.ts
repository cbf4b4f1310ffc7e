import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertUser } from '../src/accounts/queries.ts'
import { insertRestriction } from '../src/gateways/queries.ts'
import { upsertSignUpRequest } from '../src/accounts/sign-up-queries.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'

const clients = 32

/** What is counted and then added to, or looked for and then made: of those that come at once none is one too many. */
describe.each(databases)('asked for by 32 clients at once on %s', { timeout: 120_000 }, (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }
  beforeAll(async () => {
    const env = { PINYON_RATE_LIMITS: 'off', PINYON_MAX_GROUPS: '40', PINYON_SIGNUP: 'request' }
    app = await startTestApp({ database, env })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  /** How many of 32 were answered how. */
  async function together(ask: (i: number) => Promise<{ status: number }>): Promise<Record<number, number>> {
    const answers = await Promise.all(Array.from({ length: clients }, (_, i) => ask(i)))
    const counts: Record<number, number> = {}
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }
  const times = async (count: number, act: (i: number) => Promise<unknown>) => {
    for (let i = 0; i < count; i++) await act(i)
  }

  it('groups stay within their number', async () => {
    const make = (name: string) => app.ask('POST', '/v3/groups/public', { key, json: { name } })
    await times(38, (i) => make(`g${i}`))
    expect(await together((i) => make(`more ${i}`))).toEqual({ 200: 2, 409: 30 })
  })

  it('gateways, their domains and what lets requests in stay within their numbers', async () => {
    const make = (domain: string) => app.ask('POST', '/v3/gateways', { key, json: { domain } })
    await times(98, (i) => make(`gateway-${i}`))
    expect(await together((i) => make(`more-${i}`))).toEqual({ 200: 2, 409: 30 })
    const { body } = await app.ask('GET', '/v3/gateways', { key })
    const { id } = body.data.rows[0]
    const add = (what: string, json: unknown) => app.ask('POST', `/v3/gateways/${id}/${what}`, { key, json })
    await times(48, (i) => add('custom_domain', { domain: `d${i}.example.org` }))
    const domains = await together((i) => add('custom_domain', { domain: `more-${i}.example.org` }))
    expect(domains).toEqual({ 200: 2, 409: 30 })
    await app.services.db.write(async (tx) => {
      for (let i = 0; i < 498; i++) {
        const row = { id: `ip-${i}`, gateway_id: id, kind: 'ip', value: `10.0.${i >> 8}.${i & 255}`, created_at: 1 }
        await insertRestriction(tx, row)
      }
    })
    const addresses = await together((i) => add('ips', { ip: `192.0.2.${i}` }))
    expect(addresses).toEqual({ 200: 2, 409: 30 })
  })

  it('webhooks stay within their number, and each new secret is another one', async () => {
    const make = (i: number) =>
      app.ask('POST', '/pinyon/v1/webhooks', {
        key,
        json: { url: `https://hook-${i}.invalid/`, kinds: ['quota.near'] },
      })
    await times(48, make)
    expect(await together(make)).toEqual({ 200: 2, 409: 30 })
    const { body } = await app.ask('GET', '/pinyon/v1/webhooks', { key })
    const path = `/pinyon/v1/webhooks/${body.webhooks[0].id}/rotate-secret`
    const secrets = new Set<string>()
    const rotate = async () => {
      const answer = await app.ask('POST', path, { key, json: {} })
      secrets.add(answer.body.secret)
      return answer
    }
    expect(await together(rotate)).toEqual({ 200: clients })
    expect(secrets.size).toBe(clients)
  })

  it('requests for an account stay within their number', async () => {
    await app.services.db.write(async (tx) => {
      for (let i = 0; i < 998; i++) {
        const email = `waits-${i}@example.test`
        await upsertSignUpRequest(tx, { id: `r${i}`, email, email_folded: email, name: '', note: '', created_at: 1 })
      }
    })
    const ask = (i: number) =>
      app.ask('POST', '/pinyon/v1/sign-up/requests', { json: { email: `more-${i}@example.test` } })
    expect(await together(ask)).toEqual({ 202: 2, 429: 30 })
  })

  it('one new person becomes one user, by invites to many accounts and by a link', async () => {
    const invites: string[] = []
    await times(6, async (i) => {
      const json = { name: `account ${i}`, email: 'one@example.test' }
      invites.push((await app.ask('POST', '/pinyon/v1/accounts', { key, json })).body.invite.token)
    })
    const password = 'another horse battery'
    const accepted = await Promise.all(
      invites.map((token) => app.ask('POST', '/pinyon/v1/invites/accept', { json: { token, password } })),
    )
    expect(accepted.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409, 409, 409])
    const made = await app.ask('POST', '/pinyon/v1/operator/sign-ups/links', { key, json: { maxUses: 6 } })
    const join = () => app.ask('POST', '/pinyon/v1/sign-up/join', { json: { token: made.body.token, email: 'two@example.test', password } }) // prettier-ignore
    const joined = await Promise.all(Array.from({ length: 6 }, join))
    expect(new Set(joined.map(({ status }) => status)).size).toBe(1)
    // Passwords take so long that these seldom meet: at the table itself they do.
    const { db } = app.services
    const three = { email: 'three@example.test', passwordHash: 'none', operator: false, at: 1 }
    const kept = Array.from({ length: 16 }, (_, i) => db.write((tx) => insertUser(tx, { ...three, id: `three-${i}` })))
    expect((await Promise.all(kept)).filter(Boolean)).toHaveLength(1)
    const users = await db.read.selectFrom('users').select('email').orderBy('email').execute()
    const names = users.map(({ email }) => email.split('@')[0])
    expect(names).toEqual(['one', 'owner', 'three', 'two'])
  })
})
