import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import type { Row } from './support/domain.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'

describe.each(databases)('accounts on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'password=1000/60' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())
  const create = (json: unknown, key: KeyValues | undefined = operator) =>
    app.ask('POST', '/pinyon/v1/accounts', { key, json })
  const accept = (token: string, password = 'another horse battery') =>
    app.ask('POST', '/pinyon/v1/invites/accept', { json: { token, password } })

  it('are made by an operator with an invite; whoever accepts owns it and gets its first key', async () => {
    const made = await create({ name: 'Firs', email: 'fir@example.test', quotaBytes: 1_000 })
    expect(made.status).toBe(201)
    expect(made.headers.get('cache-control')).toBe('no-store')
    expect(made.body).toEqual({
      account: {
        id: expect.any(String),
        name: 'Firs',
        email: 'fir@example.test',
        createdAt: expect.any(String),
        disabledAt: null,
        quotaBytes: 1_000,
        egressQuotaBytes: null,
        usedBytes: 0,
        files: 0,
        publicContent: 'allowed',
      },
      invite: {
        token: expect.stringMatching(/^pninv_/),
        url: `${app.apiUrl}/invite#token=${made.body.invite.token}`,
        expiresAt: expect.any(String),
      },
    })
    const answers = await Promise.all([1, 2, 3].map(() => accept(made.body.invite.token)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 404, 404])
    const accepted = answers.find(({ status }) => status === 201)
    expect(accepted?.headers.get('cache-control')).toBe('no-store')
    const who = await app.ask('GET', '/pinyon/v1/whoami', { key: accepted?.body.key })
    expect(who.body).toMatchObject({
      account: { id: made.body.account.id },
      scopes: { admin: true, endpoints: {} },
      quota: { limitBytes: 1_000, leftBytes: 1_000 },
    })
    expect(who.body.scopes.operator).toBe(undefined)
    const members = await app.ask('GET', '/pinyon/v1/members', { key: accepted?.body.key })
    expect(members.body).toMatchObject({ members: [{ email: 'fir@example.test', role: 'owner' }], invites: [] })
  })

  it('show what an invite is for to whoever holds it, and change nothing by it', async () => {
    const look = (token: string) => app.ask('POST', '/pinyon/v1/invites/look', { json: { token } })
    const { token, expiresAt } = (await create({ name: 'Larch', email: 'larch@example.test' })).body.invite
    const first = { account: { name: 'Larch' }, email: 'larch@example.test', role: 'owner', expiresAt }
    for (let i = 0; i < 30; i++) {
      const { status, body, headers } = await look(token)
      expect([status, body]).toEqual([200, { ...first, isNewUser: true, isFirstOwner: true }])
      expect([headers.get('cache-control'), headers.get('access-control-allow-origin')]).toEqual(['no-store', null])
    }
    const larch = (await accept(token)).body
    const invite = async (email: string, role: string) =>
      (await app.ask('POST', '/pinyon/v1/members', { key: larch.key, json: { email, role } })).body.invite.token
    const known = await look(await invite('owner@example.test', 'owner'))
    expect(known.body).toMatchObject({ role: 'owner', isNewUser: false, isFirstOwner: false })
    expect((await look(await invite('alder@example.test', 'member'))).body).toMatchObject({
      role: 'member',
      isNewUser: true,
    })
    const unknown = await look(`${token.slice(0, -1)}x`)
    for (const answer of [await look(token), await look('x')])
      expect([answer.status, answer.body.error]).toEqual([404, unknown.body.error])
    expect((await accept('x')).body.error).toEqual(unknown.body.error)
    for (const json of [{}, { token: '' }, { token: 1 }])
      expect((await app.ask('POST', '/pinyon/v1/invites/look', { json })).status).toBe(400)
  })

  it('are listed by page and name, looked at and changed by an operator', async () => {
    for (const name of ['Oak 1', 'Oak 2', 'Oak 3']) await create({ name, email: 'oak@example.test' })
    const first = await app.ask('GET', '/pinyon/v1/accounts?name=oak&limit=2', { key: operator })
    expect(first.body.accounts.map(({ name }: Row) => name)).toEqual(['Oak 3', 'Oak 2'])
    const token = first.body.nextPageToken
    const rest = await app.ask('GET', `/pinyon/v1/accounts?name=oak&limit=2&pageToken=${token}`, { key: operator })
    expect(rest.body).toMatchObject({ accounts: [{ name: 'Oak 1' }], nextPageToken: null })
    const path = `/pinyon/v1/accounts/${rest.body.accounts[0].id}`
    const json = { name: 'Elm', quotaBytes: 5, publicContent: 'refused' }
    const changed = await app.ask('PATCH', path, { key: operator, json })
    expect(changed).toMatchObject({ status: 200, body: json })
    expect((await app.ask('GET', path, { key: operator })).body).toEqual(changed.body)
    const unlimited = await app.ask('PATCH', path, { key: operator, json: { quotaBytes: null } })
    expect(unlimited.body).toEqual({ ...changed.body, quotaBytes: null })
  })

  it('can be seen and changed by their own admin, but not their quota or state', async () => {
    const own = await app.makeAccount(operator, 'own')
    const change = (json: unknown) => app.ask('PATCH', '/pinyon/v1/account', { key: own, json })
    expect(await change({ name: 'Mine', publicContent: 'refused' })).toMatchObject({
      status: 200,
      body: { id: own.accountId, name: 'Mine', publicContent: 'refused' },
    })
    for (const json of [
      { quotaBytes: null },
      { disabled: false },
      { id: operator.accountId, name: 'x' },
      { email: 'x@example.test' },
      { name: '' },
      { publicContent: 'maybe' },
    ]) {
      expect((await change(json)).status).toBe(400)
    }
    const { body } = await app.ask('GET', '/pinyon/v1/account', { key: own })
    expect(body).toMatchObject({ name: 'Mine', email: 'own@example.test' })
  })

  it.each<[string, unknown]>([
    ['no name', { email: 'a@example.test' }],
    ['no address', { name: 'a' }],
    ['an address that is none', { name: 'a', email: 'a' }],
    ['an address with a line break', { name: 'a', email: 'a@b\r\nBcc: c@d' }],
    ['a quota below zero', { name: 'a', email: 'a@example.test', quotaBytes: -1 }],
    ['a quota too large', { name: 'a', email: 'a@example.test', quotaBytes: 2 ** 60 }],
    ['a quota as text', { name: 'a', email: 'a@example.test', quotaBytes: '5' }],
  ])('are not made with %s: 400', async (_, json) => {
    expect((await create(json)).status).toBe(400)
  })

  it('are not for a key without the scope operator, though it is admin: 403', async () => {
    const admin = await app.makeKey(operator, { admin: true })
    for (const [method, path] of [
      ['POST', '/pinyon/v1/accounts'],
      ['GET', '/pinyon/v1/accounts'],
      ['GET', `/pinyon/v1/accounts/${operator.accountId}`],
      ['PATCH', `/pinyon/v1/accounts/${operator.accountId}`],
      ['POST', '/pinyon/v1/operator/signing-keys'],
    ] as const) {
      const answer = await app.ask(method, path, { key: admin, ...(method === 'GET' ? {} : { json: {} }) })
      expect(answer).toMatchObject({ status: 403, body: { error: { reason: 'NO_SCOPES_FOUND' } } })
      expect((await app.ask(method, path)).status).toBe(401)
    }
  })

  it('that are not there answer 404', async () => {
    const path = '/pinyon/v1/accounts/019c0000-0000-7000-8000-000000000000'
    expect((await app.ask('GET', path, { key: operator })).status).toBe(404)
    expect((await app.ask('PATCH', path, { key: operator, json: { name: 'x' } })).status).toBe(404)
  })

  describe('people', () => {
    it('are invited, have the part they were given, are made owners and removed', async () => {
      const owner = await app.makeAccount(operator, 'team')
      const invite = await app.ask('POST', '/pinyon/v1/members', {
        key: owner,
        json: { email: 'Ann@example.test', role: 'member' },
      })
      expect(invite.status).toBe(201)
      const listed = await app.ask('GET', '/pinyon/v1/members', { key: owner })
      expect(listed.body.invites).toMatchObject([{ email: 'Ann@example.test', role: 'member' }])
      expect(JSON.stringify(listed.body)).not.toContain(invite.body.invite.token)
      expect((await accept(invite.body.invite.token, 'short')).status).toBe(400)
      const joined = await accept(invite.body.invite.token)
      expect(joined.status).toBe(200)
      expect(joined.body).toMatchObject({ account: { id: owner.accountId } })
      expect(joined.body.key).toBe(undefined)
      const again = await app.ask('POST', '/pinyon/v1/members', { key: owner, json: { email: 'ann@EXAMPLE.test' } })
      expect(again.status).toBe(409)
      const { body } = await app.ask('GET', '/pinyon/v1/members', { key: owner })
      const ann = body.members.find(({ email }: Row) => email === 'Ann@example.test')
      const path = `/pinyon/v1/members/${ann.userId}`
      expect((await app.ask('PATCH', path, { key: owner, json: { role: 'boss' } })).status).toBe(400)
      const made = await app.ask('PATCH', path, { key: owner, json: { role: 'owner' } })
      expect(made).toMatchObject({ status: 200, body: { email: 'Ann@example.test', role: 'owner' } })
      expect((await app.ask('DELETE', path, { key: owner })).status).toBe(200)
      expect((await app.ask('DELETE', path, { key: owner })).status).toBe(404)
      expect((await app.ask('PATCH', path, { key: owner, json: { role: 'owner' } })).status).toBe(404)
    })

    it('leave their keys to the account when they go, unless these are revoked in the same step', async () => {
      const owner = await app.makeAccount(operator, 'orchard')
      const join = async (name: string) => {
        const json = { email: `${name}@example.test`, role: 'owner' }
        const invite = await app.ask('POST', '/pinyon/v1/members', { key: owner, json })
        await accept(invite.body.invite.token)
        const { headers } = await signInAs(app, json.email, ownerPassword)
        const { body } = await app.ask('POST', '/v3/pinata/keys', {
          headers,
          json: { keyName: 'by hand', permissions: { admin: true } },
        })
        const people = await app.ask('GET', '/pinyon/v1/members', { key: owner })
        const { userId } = people.body.members.find((member: Row) => member.email === json.email)
        return { key: body, userId, path: `/pinyon/v1/members/${userId}` }
      }
      const works = async (key: KeyValues) => (await app.ask('GET', '/v3/files/public', { key })).status
      const eve = await join('eve')
      const child = await app.makeKey(eve.key, { resources: ['org:files:read'] })
      const details = (await app.ask('GET', '/pinyon/v1/keys', { key: owner })).body.keys
      expect(details.map(({ createdBy }: { createdBy: unknown }) => createdBy)).toEqual([
        { userId: null, keyId: details[1].id },
        { userId: eve.userId, keyId: null },
        { userId: expect.any(String), keyId: null },
      ])
      const demoted = await app.ask('PATCH', eve.path, { key: owner, json: { role: 'member' } })
      expect(demoted).toMatchObject({ status: 200, body: { role: 'member', activeKeys: 2, revokedKeys: 0 } })
      const gone = await app.ask('DELETE', eve.path, { key: owner })
      expect(gone).toMatchObject({ status: 200, body: { activeKeys: 2, revokedKeys: 0 } })
      expect([await works(eve.key), await works(child)]).toEqual([200, 200])

      const mallory = await join('mallory')
      const grandchild = await app.makeKey(await app.makeKey(mallory.key, { admin: true }), { admin: true })
      expect((await app.ask('DELETE', `${mallory.path}?revokeKeys=perhaps`, { key: owner })).status).toBe(400)
      // Keys that may do more than who asks are not theirs to end; then nothing is changed.
      const limited = await app.makeKey(owner, {
        endpoints: { account: { membersRemove: true, membersUpdate: true } },
        resources: ['org:files:write', 'org:groups:write', 'org:gateways:write', 'org:analytics:write'],
      })
      await app.ask('PATCH', mallory.path, { key: owner, json: { role: 'member' } })
      const refused = await app.ask('DELETE', `${mallory.path}?revokeKeys=true`, { key: limited })
      expect(refused.status).toBe(403)
      expect(await works(mallory.key)).toBe(200)
      const ended = await app.ask('DELETE', `${mallory.path}?revokeKeys=true`, { key: owner })
      expect(ended).toMatchObject({ status: 200, body: { activeKeys: 0, revokedKeys: 3 } })
      expect([await works(mallory.key), await works(grandchild), await works(owner), await works(child)]).toEqual([
        401, 401, 200, 200,
      ])
      // The refusals of the revoked keys just tried are noted in their own time, before or after this question.
      const audit = await app.ask('GET', '/pinyon/v1/audit?limit=10', { key: owner })
      const entries = audit.body.entries.filter(({ action }: Row) => action !== 'key.use_denied')
      expect(entries.map(({ action }: Row) => action).slice(0, 4)).toEqual([
        'member.removed',
        'key.revoked',
        'key.revoked',
        'key.revoked',
      ])
      expect(entries[0].detail).toMatchObject({ email: 'mallory@example.test', revokedKeys: 3 })

      const oscar = await join('oscar')
      const demotedToo = await app.ask('PATCH', `${oscar.path}?revokeKeys=true`, {
        key: owner,
        json: { role: 'member' },
      })
      expect(demotedToo).toMatchObject({ status: 200, body: { role: 'member', activeKeys: 0, revokedKeys: 1 } })
      expect(await works(oscar.key)).toBe(401)
    })

    it('that are members may do everything but keys, people and settings', async () => {
      const owner = await app.makeAccount(operator, 'grove')
      const invite = await app.ask('POST', '/pinyon/v1/members', { key: owner, json: { email: 'bob@example.test' } })
      await accept(invite.body.invite.token)
      const signedIn = await app.ask('POST', '/pinyon/v1/sessions', {
        json: { email: 'bob@example.test', password: 'another horse battery' },
      })
      const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
      const ask = (method: string, path: string, json?: unknown) =>
        app.ask(method, path, { json, headers: { cookie, origin: app.apiUrl } })
      for (const [method, path, json] of [
        ['GET', '/v3/pinata/keys'],
        ['POST', '/v3/pinata/keys', { keyName: 'k', permissions: {} }],
        ['POST', '/users/generateApiKey', { keyName: 'k', permissions: {} }],
        ['GET', '/pinyon/v1/members'],
        ['POST', '/pinyon/v1/members', { email: 'c@example.test' }],
        ['PATCH', '/pinyon/v1/account', { name: 'x' }],
        ['GET', '/pinyon/v1/audit'],
        ['GET', '/pinyon/v1/accounts'],
      ] as const) {
        expect(await ask(method, path, json)).toMatchObject({
          status: 403,
          body: { error: { reason: 'NO_SCOPES_FOUND' } },
        })
      }
      for (const path of ['/pinyon/v1/account', '/data/pinList', '/v3/files/private', '/pinyon/v1/whoami']) {
        expect((await ask('GET', path)).status).toBe(200)
      }
    })

    it('keep at least one owner, also when two owners leave at once', async () => {
      const owner = await app.makeAccount(operator, 'lastone')
      const alone = (await app.ask('GET', '/pinyon/v1/members', { key: owner })).body.members[0]
      const path = `/pinyon/v1/members/${alone.userId}`
      expect((await app.ask('DELETE', path, { key: owner })).status).toBe(409)
      expect((await app.ask('PATCH', path, { key: owner, json: { role: 'member' } })).status).toBe(409)
      const invite = await app.ask('POST', '/pinyon/v1/members', {
        key: owner,
        json: { email: 'second@example.test', role: 'owner' },
      })
      await accept(invite.body.invite.token)
      const { body } = await app.ask('GET', '/pinyon/v1/members', { key: owner })
      const answers = await Promise.all(
        body.members.map(({ userId }: Row, i: number) =>
          i === 0
            ? app.ask('DELETE', `/pinyon/v1/members/${userId}`, { key: owner })
            : app.ask('PATCH', `/pinyon/v1/members/${userId}`, { key: owner, json: { role: 'member' } }),
        ),
      )
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409])
      const left = await app.ask('GET', '/pinyon/v1/members', { key: owner })
      expect(left.body.members.filter(({ role }: Row) => role === 'owner')).toHaveLength(1)
    })

    it('may not be made more than whoever decides about them', async () => {
      const owner = await app.makeAccount(operator, 'climber')
      const inviter = await app.makeKey(owner, {
        endpoints: { account: { membersInvite: true, membersUpdate: true, membersRemove: true, membersList: true } },
      })
      for (const role of ['owner', 'member']) {
        const answer = await app.ask('POST', '/pinyon/v1/members', {
          key: inviter,
          json: { email: 'x@example.test', role },
        })
        expect(answer).toMatchObject({ status: 403, body: { error: { reason: 'SCOPE_NOT_HELD' } } })
      }
      const { body } = await app.ask('GET', '/pinyon/v1/members', { key: inviter })
      const path = `/pinyon/v1/members/${body.members[0].userId}`
      expect((await app.ask('DELETE', path, { key: inviter })).status).toBe(403)
    })

    it('of another account are as if absent', async () => {
      const [mine, theirs] = [await app.makeAccount(operator, 'mine'), await app.makeAccount(operator, 'theirs')]
      const { body } = await app.ask('GET', '/pinyon/v1/members', { key: theirs })
      const [member] = body.members
      const foreign = await app.ask('DELETE', `/pinyon/v1/members/${member.userId}`, { key: mine })
      const absent = await app.ask('DELETE', '/pinyon/v1/members/unknown', { key: mine })
      expect([foreign.status, absent.status]).toEqual([404, 404])
      const invite = await app.ask('POST', '/pinyon/v1/members', { key: theirs, json: { email: 'z@example.test' } })
      const { invites } = (await app.ask('GET', '/pinyon/v1/members', { key: theirs })).body
      const path = `/pinyon/v1/invites/${invites[0].id}`
      expect((await app.ask('DELETE', path, { key: mine })).status).toBe(404)
      expect((await app.ask('DELETE', path, { key: theirs })).status).toBe(200)
      expect((await accept(invite.body.invite.token)).status).toBe(404)
    })

    it('known here prove their password when they accept', async () => {
      const [one, two] = [await app.makeAccount(operator, 'one'), await app.makeAccount(operator, 'two')]
      const invite = await app.ask('POST', '/pinyon/v1/members', {
        key: two,
        json: { email: 'one@example.test', role: 'owner' },
      })
      const { token } = invite.body.invite
      expect(await accept(token, 'not the password')).toMatchObject({
        status: 401,
        body: { error: { reason: 'SIGN_IN_FAILED' } },
      })
      expect((await accept(token)).status).toBe(200)
      expect((await app.ask('GET', '/pinyon/v1/whoami', { key: one })).status).toBe(200)
      expect((await accept('pninv_wrong')).status).toBe(404)
    })
  })
})
