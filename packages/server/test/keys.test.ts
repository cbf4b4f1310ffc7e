import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp, type Answered, type KeyValues, type TestApp } from './support/app.ts'
import type { Row } from './support/domain.ts'

/** The three families of routes: the same keys, three spellings. */
const families = [
  {
    name: 'v3 as every SDK spells it',
    create: ['POST', '/v3/pinata/keys'],
    list: '/v3/pinata/keys',
    revoke: (app: TestApp, key: KeyValues, which: string) =>
      app.ask('PUT', `/v3/pinata/keys/${encodeURIComponent(which)}`, { key }),
  },
  {
    name: 'v3 as documented',
    create: ['POST', '/v3/api_keys'],
    list: '/v3/api_keys',
    revoke: (app: TestApp, key: KeyValues, which: string) =>
      app.ask('DELETE', `/v3/api_keys/${encodeURIComponent(which)}`, { key }),
  },
  {
    name: 'legacy',
    create: ['POST', '/users/generateApiKey'],
    list: '/users/apiKeys',
    revoke: (app: TestApp, key: KeyValues, which: string) =>
      app.ask('PUT', '/users/revokeApiKey', { key, json: { apiKey: which } }),
  },
] as const

describe.each(databases)('keys on %s', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database })
    admin = await app.setUp()
  })
  afterAll(() => app.close())

  describe.each(families)('$name', ({ name, create, list, revoke }) => {
    const legacy = name === 'legacy'
    const make = (json: unknown, key: KeyValues | string | undefined = admin) =>
      app.ask(create[0], create[1], { key, json })

    it('makes a key, lists it, revokes it, and refuses it from then on', async () => {
      const made = await make({ keyName: 'CI Uploader', maxUses: 500, permissions: { admin: true } })
      expect(made.status).toBe(200)
      expect(made.headers.get('cache-control')).toBe('no-store')
      expect(Object.keys(made.body).sort()).toEqual(['JWT', 'pinata_api_key', 'pinata_api_secret'])
      const pair = {
        pinata_api_key: made.body.pinata_api_key,
        pinata_secret_api_key: made.body.pinata_api_secret,
      }
      expect((await app.ask('GET', '/data/testAuthentication', { key: made.body })).status).toBe(200)
      expect((await app.ask('GET', '/data/testAuthentication', { headers: pair })).status).toBe(200)
      const listed = await app.ask('GET', `${list}?name=ci%20uploader&revoked=false`, { key: admin })
      expect(listed.status).toBe(200)
      expect(listed.body.count).toBe(1)
      expect(listed.body.keys[0]).toEqual({
        id: expect.any(String),
        name: 'CI Uploader',
        key: made.body.pinata_api_key,
        secret: '',
        max_uses: 500,
        uses: 2,
        user_id: admin.accountId,
        scopes: { admin: true, endpoints: {} },
        revoked: false,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        expires_at: null,
        last_used_at: expect.any(String),
      })
      const revoked = await revoke(app, admin, made.body.pinata_api_key)
      expect([revoked.status, revoked.body]).toEqual([200, 'Revoked'])
      for (const ask of [{ key: made.body as KeyValues }, { headers: pair }]) {
        const old = await app.ask('GET', '/data/testAuthentication', ask)
        expect(old).toMatchObject({ status: 403, body: { error: { reason: 'API_KEY_REVOKED' } } })
        const v3 = await app.ask('GET', '/v3/pinata/keys', ask)
        expect(v3).toMatchObject({ status: 401, body: { error: { reason: 'API_KEY_REVOKED', code: 401 } } })
      }
      expect((await revoke(app, admin, made.body.pinata_api_key)).body).toBe('Revoked')
    })

    it.each<[string, unknown]>([
      ['no name', { permissions: { admin: true } }],
      ['an empty name', { keyName: '', permissions: { admin: true } }],
      ['a name that is no text', { keyName: 5, permissions: { admin: true } }],
      ['a name with NUL', { keyName: 'a\0b', permissions: { admin: true } }],
      ['a name with half a surrogate pair', { keyName: 'a\ud800', permissions: { admin: true } }],
      ['a name too long', { keyName: 'x'.repeat(1_025), permissions: { admin: true } }],
      ['no permissions', { keyName: 'k' }],
      ['permissions null', { keyName: 'k', permissions: null }],
      ['permissions as a list', { keyName: 'k', permissions: ['admin'] }],
      ['admin as text', { keyName: 'k', permissions: { admin: 'true' } }],
      ['an unknown member', { keyName: 'k', permissions: { Admin: true } }],
      ['resources null', { keyName: 'k', permissions: { resources: null } }],
      ['resources as an object', { keyName: 'k', permissions: { resources: { 0: 'org:files:read' } } }],
      ['an unknown resource', { keyName: 'k', permissions: { resources: ['org:files:admin'] } }],
      ['a resource in capitals', { keyName: 'k', permissions: { resources: ['ORG:FILES:READ'] } }],
      ['an unknown endpoint', { keyName: 'k', permissions: { endpoints: { pinning: { all: true } } } }],
      ['an endpoint of the prototype', { keyName: 'k', permissions: { endpoints: { constructor: { name: true } } } }],
      ['endpoints as a list', { keyName: 'k', permissions: { endpoints: ['pinList'] } }],
      ['no uses', { keyName: 'k', maxUses: 0, permissions: {} }],
      ['uses below zero', { keyName: 'k', maxUses: -1, permissions: {} }],
      ['half a use', { keyName: 'k', maxUses: 1.5, permissions: {} }],
      ['too many uses', { keyName: 'k', maxUses: 1e300, permissions: {} }],
      ['uses as text', { keyName: 'k', maxUses: '10', permissions: {} }],
      ['an expiry in the past', { keyName: 'k', permissions: {}, expiresAt: '2020-01-01T00:00:00Z' }],
      ['an expiry that is none', { keyName: 'k', permissions: {}, expiresAt: 'tomorrow' }],
      ['an expiry past the year 9999', { keyName: 'k', permissions: {}, expiresAt: 1e18 }],
      ['no time to live', { keyName: 'k', permissions: {}, expiresIn: 0 }],
      ['both expiries', { keyName: 'k', permissions: {}, expiresIn: 60, expiresAt: '2100-01-01T00:00:00Z' }],
      ['a list', []],
      ['null', null],
    ])('answers 400 for %s and makes nothing', async (_, json) => {
      const before = (await app.ask('GET', list, { key: admin })).body.count
      const answer = await make(json)
      expect(answer.status).toBe(400)
      expect(answer.body.error).toMatchObject({ reason: 'INVALID_REQUEST' })
      expect((await app.ask('GET', list, { key: admin })).body.count).toBe(before)
    })

    it.each(['limitedUse=maybe', 'offset=-1', 'offset=abc', 'offset=1.5', 'offset=99999999999', 'revoked=2'])(
      'answers 400 for the query %s',
      async (query) => {
        expect((await app.ask('GET', `${list}?${query}`, { key: admin })).status).toBe(400)
      },
    )

    it('answers 401 without a key', async () => {
      expect((await app.ask(create[0], create[1], { json: {} })).status).toBe(401)
      expect((await app.ask('GET', list)).status).toBe(401)
    })

    it('answers 403 for a key without the scope, and names it', async () => {
      const limited = await app.makeKey(admin, { resources: ['org:files:write'] })
      for (const answer of [
        await make({ keyName: 'k', permissions: {} }, limited),
        await app.ask('GET', list, { key: limited }),
        await revoke(app, limited, admin.pinata_api_key),
      ]) {
        expect(answer).toMatchObject({ status: 403, body: { error: { reason: 'NO_SCOPES_FOUND' } } })
        expect(JSON.stringify(answer.body)).toMatch(legacy ? /needs users\.\w+ / : /needs keys\.\w+ or org:write/)
      }
    })

    it('answers 404 for a key that is not there, or is of another account', async () => {
      const other = await app.makeAccount(admin, `other-${list.replaceAll('/', '-').toLowerCase()}`)
      const absent = await revoke(app, admin, 'pnk_unknown')
      const foreign = await revoke(app, admin, other.pinata_api_key)
      expect(absent.status).toBe(404)
      expect(foreign).toMatchObject({ status: 404, body: absent.body })
      expect((await app.ask('GET', '/data/testAuthentication', { key: other })).status).toBe(200)
    })
  })

  it('lists ten at a time by offset, newest first, by every filter, and nothing past the end', async () => {
    const owner = await app.makeAccount(admin, 'lister')
    const list = async (query: string) => (await app.ask('GET', `/v3/pinata/keys?${query}`, { key: owner })).body
    for (let i = 0; i < 12; i++) {
      const more = i % 3 === 0 ? { maxUses: 1 } : {}
      const key = await app.makeKey(owner, { admin: true }, { keyName: `100%_${i} ÄPFEL`, ...more })
      if (i % 6 === 0) await app.ask('GET', '/data/testAuthentication', { key })
      if (i === 11) await app.ask('PUT', `/v3/pinata/keys/${key.pinata_api_key}`, { key: owner })
    }
    const names = (page: { keys: Row[] }) => page.keys.map(({ name }: Row) => name)
    const [first, second] = [await list('offset=0'), await list('offset=10')]
    expect(first).toMatchObject({ count: 13 })
    expect(names(first)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((i) => `100%_${i} ÄPFEL`))
    expect(names(second)).toEqual(['100%_1 ÄPFEL', '100%_0 ÄPFEL', 'First key'])
    expect(await list('offset=13')).toEqual({ keys: [], count: 13 })
    expect(names(await list('revoked=true'))).toEqual(['100%_11 ÄPFEL'])
    expect((await list('revoked=false')).count).toBe(12)
    expect((await list('limitedUse=true')).count).toBe(4)
    expect((await list('limitedUse=false')).count).toBe(9)
    expect(names(await list('limitedUse=true&exhausted=true'))).toEqual(['100%_6 ÄPFEL', '100%_0 ÄPFEL'])
    expect((await list('limitedUse=true&exhausted=false')).count).toBe(2)
    expect((await list(`name=${encodeURIComponent('äpfel')}`)).count).toBe(12)
    expect(names(await list(`name=${encodeURIComponent('0%_0')}`))).toEqual(['100%_0 ÄPFEL'])
    expect((await list(`name=${encodeURIComponent('%_%')}`)).count).toBe(0)
    expect((await list(`name=${encodeURIComponent("' or 1=1 --")}`)).count).toBe(0)
  })

  it('pages our own list by token, by state', async () => {
    const owner = await app.makeAccount(admin, 'pager')
    for (let i = 0; i < 5; i++) await app.makeKey(owner, { admin: true }, { keyName: `k${i}` })
    const ended = await app.makeKey(owner, { admin: true }, { keyName: 'ended' })
    await app.ask('PUT', `/v3/pinata/keys/${ended.pinata_api_key}`, { key: owner })
    const names: string[] = []
    let pageToken: string | null = ''
    for (let pages = 0; pageToken !== null && pages < 10; pages++) {
      const query = `state=active&limit=2${pageToken === '' ? '' : `&pageToken=${pageToken}`}`
      const { body }: Answered = await app.ask('GET', `/pinyon/v1/keys?${query}`, { key: owner })
      names.push(...body.keys.map(({ name }: Row) => name))
      pageToken = body.nextPageToken
    }
    expect(names).toEqual(['k4', 'k3', 'k2', 'k1', 'k0', 'First key'])
    const revoked = await app.ask('GET', '/pinyon/v1/keys?state=revoked', { key: owner })
    expect(revoked.body.keys).toMatchObject([{ name: 'ended', state: 'revoked', revokedAt: expect.any(String) }])
    expect((await app.ask('GET', '/pinyon/v1/keys?state=dead', { key: owner })).status).toBe(400)
  })

  it('lists only keys with max uses where asked, together with state and name', async () => {
    const owner = await app.makeAccount(admin, 'limiter')
    for (const [keyName, maxUses] of [
      ['Two A', 2],
      ['Two B', 2],
      ['Other', 2],
      ['Two C', null],
    ] as const)
      await app.makeKey(owner, { admin: true }, { keyName, maxUses })
    const names = async (query: string) =>
      (await app.ask('GET', `/pinyon/v1/keys?${query}`, { key: owner })).body.keys.map(({ name }: Row) => name)
    expect(await names('limited=true')).toEqual(['Other', 'Two B', 'Two A'])
    expect(await names('limited=false')).toEqual(['Two C', 'First key'])
    expect(await names('limited=true&name=two&state=active')).toEqual(['Two B', 'Two A'])
    expect(await names('limited=true&state=revoked')).toEqual([])
    expect((await app.ask('GET', '/pinyon/v1/keys?limited=some', { key: owner })).status).toBe(400)
  })

  it('tells of the last use: when, for what, from where', async () => {
    const key = await app.makeKey(admin, { endpoints: { data: { pinList: true } } }, { maxUses: 5 })
    await app.ask('GET', '/data/pinList', { key })
    const { body } = await app.ask('GET', '/pinyon/v1/keys', { key: admin })
    const found = body.keys.find(({ publicPart }: Row) => publicPart === key.pinata_api_key)
    expect(found).toMatchObject({ uses: 1, lastUsed: { route: 'pinList', address: '127.0.0.1' }, state: 'active' })
    expect(Date.now() - Date.parse(found.lastUsed.at)).toBeLessThan(60_000)
    const path = `/pinyon/v1/keys/${found.id}`
    expect((await app.ask('GET', path, { key: admin })).body).toEqual(found)
    const other = await app.makeAccount(admin, 'looker')
    expect((await app.ask('GET', path, { key: other })).status).toBe(404)
  })

  it('counts uses exactly, none for refusals and whoami, and says when they are used up', async () => {
    const key = await app.makeKey(admin, { endpoints: { data: { pinList: true } } }, { maxUses: 2 })
    const whoami = async () => (await app.ask('GET', '/pinyon/v1/whoami', { key })).body.key.usesLeft
    expect((await app.ask('GET', '/v3/files/public', { key })).status).toBe(403)
    expect((await app.ask('GET', '/data/pinList', { key: `${key.JWT}x` })).status).toBe(401)
    expect(await whoami()).toBe(2)
    expect((await app.ask('GET', '/data/pinList', { key })).status).toBe(200)
    expect((await app.ask('GET', '/data/pinList', { key })).status).toBe(200)
    expect(await whoami()).toBe(0)
    expect(await app.ask('GET', '/data/pinList', { key })).toMatchObject({
      status: 403,
      body: { error: { reason: 'KEY_USES_EXHAUSTED' } },
    })
  })

  it('regenerates: same public part, old secret and JWT end at once and say so', async () => {
    const old = await app.makeKey(admin, { admin: true })
    const { body: page } = await app.ask('GET', '/pinyon/v1/keys?limit=1', { key: admin })
    const path = `/pinyon/v1/keys/${page.keys[0].id}/regenerate`
    const renewed = await app.ask('POST', path, { key: admin })
    expect(renewed.status).toBe(200)
    expect(renewed.headers.get('cache-control')).toBe('no-store')
    expect(renewed.body.pinata_api_key).toBe(old.pinata_api_key)
    expect((await app.ask('GET', '/data/testAuthentication', { key: renewed.body })).status).toBe(200)
    const refused = await app.ask('GET', '/data/testAuthentication', { key: old })
    expect(refused).toMatchObject({ status: 403, body: { error: { reason: 'API_KEY_REVOKED' } } })
    expect(refused.body.error.details).toMatch(/regenerated on \d{4}/)
    expect((await app.ask('POST', path, { key: admin, json: { overlapSeconds: -1 } })).status).toBe(400)
    const other = await app.makeAccount(admin, 'regenerator')
    expect((await app.ask('POST', path, { key: other })).status).toBe(404)
    await app.ask('PUT', `/v3/pinata/keys/${old.pinata_api_key}`, { key: admin })
    expect((await app.ask('POST', path, { key: admin })).status).toBe(409)
    // There are no new ones to use any more.
    const after = await app.ask('GET', '/data/testAuthentication', { key: old })
    expect(after).toMatchObject({ status: 403, body: { error: { reason: 'API_KEY_REVOKED' } } })
    expect(after.body.error.details).toMatch(/revoked on \d{4}.*Make a new key/)
  })
})

describe('what a key may hand out', () => {
  let app: TestApp
  let admin: KeyValues
  beforeAll(async () => {
    app = await startTestApp()
    admin = await app.setUp()
  })
  afterAll(() => app.close())
  const ask = (key: KeyValues, permissions: unknown) =>
    app.ask('POST', '/v3/pinata/keys', { key, json: { keyName: 'child', permissions } })

  it.each<[string, unknown, unknown[], unknown[]]>([
    [
      'an admin',
      { admin: true },
      [{ admin: true }, { resources: ['org:write'] }, { endpoints: { account: { update: true } } }, {}],
      [{ operator: true }, { admin: true, operator: true }],
    ],
    [
      'org:write',
      { resources: ['org:write'] },
      [
        { resources: ['org:write'] },
        { resources: ['org:files:read'] },
        { endpoints: { files: { upload: true } } },
        { endpoints: { keys: { create: true } } },
      ],
      [
        { admin: true },
        { operator: true },
        { endpoints: { data: { pinList: true } } },
        { endpoints: { account: { membersInvite: true } } },
      ],
    ],
    [
      'only making keys',
      { endpoints: { keys: { create: true } } },
      [{}, { endpoints: { keys: { create: true } } }],
      [{ admin: true }, { endpoints: { keys: { list: true } } }, { resources: ['org:read'] }],
    ],
    [
      'making keys and reading files',
      { resources: ['org:files:read'], endpoints: { users: { generateApiKey: true }, keys: { create: true } } },
      [{ resources: ['org:files:read'] }, { endpoints: { files: { list: true } } }],
      [{ resources: ['org:files:write'] }, { endpoints: { files: { delete: true } } }],
    ],
  ])('%s: no more than it holds', async (_, mine, allowed, refused) => {
    const key = await app.makeKey(admin, mine)
    for (const permissions of allowed) expect((await ask(key, permissions)).status).toBe(200)
    for (const permissions of refused) {
      const answer = await ask(key, permissions)
      expect(answer).toMatchObject({ status: 403, body: { error: { reason: 'SCOPE_NOT_HELD' } } })
    }
  })

  it('shows, revokes and regenerates only keys whose scopes it holds; others are as if absent', async () => {
    const writer = await app.makeKey(admin, { resources: ['org:write'] })
    const reader = await app.makeKey(admin, { resources: ['org:files:read'] })
    const { body } = await app.ask('GET', '/v3/pinata/keys', { key: writer })
    const seen = body.keys.map(({ key }: Row) => key)
    expect(seen).toContain(writer.pinata_api_key)
    expect(seen).toContain(reader.pinata_api_key)
    const hidden = await app.ask('GET', '/v3/pinata/keys?name=set-up', { key: writer })
    expect(hidden.body).toEqual({ keys: [], count: 0 })
    const shown = await app.ask('GET', '/v3/pinata/keys?name=set-up', { key: admin })
    expect(shown.body).toMatchObject({ keys: [{ key: admin.pinata_api_key }], count: 1 })
    const all = await app.ask('GET', '/pinyon/v1/keys?limit=1000', { key: admin })
    const { id } = all.body.keys.find(({ publicPart }: Row) => publicPart === admin.pinata_api_key)
    expect((await app.ask('GET', `/pinyon/v1/keys/${id}`, { key: writer })).status).toBe(404)
    expect((await app.ask('POST', `/pinyon/v1/keys/${id}/regenerate`, { key: writer })).status).toBe(404)
    expect((await app.ask('PUT', `/v3/pinata/keys/${admin.pinata_api_key}`, { key: writer })).status).toBe(404)
    expect((await app.ask('PUT', `/v3/pinata/keys/${reader.pinata_api_key}`, { key: writer })).status).toBe(200)
    expect((await app.ask('GET', '/data/testAuthentication', { key: admin })).status).toBe(200)
  })
})

it('shows a secret once and stores none in clear', async () => {
  const app = await startTestApp()
  onTestFinished(() => app.close())
  const admin = await app.setUp()
  const key = await app.makeKey(admin, { admin: true })
  const { body: page } = await app.ask('GET', '/pinyon/v1/keys?limit=1', { key: admin })
  const renewed = await app.ask('POST', `/pinyon/v1/keys/${page.keys[0].id}/regenerate`, {
    key: admin,
    json: { overlapSeconds: 60 },
  })
  const signedIn = await app.ask('POST', '/pinyon/v1/sessions', {
    json: { email: 'owner@example.test', password: 'correct horse battery' },
  })
  const invited = await app.ask('POST', '/pinyon/v1/members', { key: admin, json: { email: 'a@example.test' } })
  const session = signedIn.headers.get('set-cookie')?.match(/pnses_\w+/)?.[0] ?? ''
  const wrong = await app.ask('POST', '/pinyon/v1/sessions', {
    json: { email: 'owner@example.test', password: 'a wrong one, canary' },
  })
  const secrets = [
    admin.JWT,
    admin.pinata_api_secret,
    key.JWT,
    key.pinata_api_secret,
    renewed.body.JWT,
    renewed.body.pinata_api_secret,
    invited.body.invite.token,
    session,
    'correct horse battery',
    'a wrong one, canary',
  ] as string[]
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(10)
  const answers = [wrong]
  for (const path of [
    '/users/apiKeys',
    '/v3/pinata/keys',
    '/pinyon/v1/keys',
    `/pinyon/v1/keys/${page.keys[0].id}`,
    '/pinyon/v1/whoami',
    '/pinyon/v1/audit',
    '/pinyon/v1/members',
    '/pinyon/v1/account',
  ]) {
    answers.push(await app.ask('GET', path, { key: admin }))
  }
  expect(answers.map(({ status }) => status)).toEqual([401, ...answers.slice(1).map(() => 200)])
  await app.services.keyUses.flush()
  const files = await readdir(app.dataDir, { recursive: true, withFileTypes: true })
  const stored = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
  )
  expect(stored.length).toBeGreaterThan(2)
  for (const secret of secrets) {
    for (const { body } of answers) expect(JSON.stringify(body)).not.toContain(secret)
    expect(app.log()).not.toContain(secret)
    for (const spelled of [
      secret,
      Buffer.from(secret).toString('base64').slice(0, -4),
      Buffer.from(secret).toString('hex'),
    ]) {
      for (const bytes of stored) expect(bytes.includes(spelled)).toBe(false)
    }
  }
})
