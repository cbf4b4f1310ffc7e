import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'

let app: TestApp
let admin: KeyValues & { accountId: string }
beforeAll(async () => {
  app = await startTestApp()
  admin = await app.setUp()
})
afterAll(() => app.close())

it('says of any valid key what it may do, what is left, and where things are', async () => {
  const expiresAt = '2100-01-01T00:00:00.000Z'
  const key = await app.makeKey(
    admin,
    { endpoints: { files: { upload: true } } },
    { keyName: 'up', maxUses: 3, expiresAt },
  )
  const pair = { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: key.pinata_api_secret }
  for (const ask of [{ key }, { headers: pair }]) {
    const answer = await app.ask('GET', '/pinyon/v1/whoami', ask)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toEqual({
      account: { id: admin.accountId, name: 'owner@example.test' },
      key: {
        id: expect.any(String),
        name: 'up',
        publicPart: key.pinata_api_key,
        usesLeft: 3,
        expiresAt,
        regeneratedAt: null,
      },
      user: null,
      scopes: { admin: false, endpoints: { files: { upload: true } } },
      seesAllFiles: true,
      quota: { limitBytes: null, usedBytes: 0, leftBytes: null, files: 0 },
      publicContent: 'allowed',
      limits: { keyvalues: 100 },
      network: 'local',
      urls: { api: app.apiUrl, gateway: app.gatewayUrl },
      contact: null,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    })
  }
})

it('answers a session too', async () => {
  const signedIn = await app.ask('POST', '/pinyon/v1/sessions', {
    json: { email: 'owner@example.test', password: 'correct horse battery' },
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { body } = await app.ask('GET', '/pinyon/v1/whoami', { headers: { cookie, origin: app.apiUrl } })
  expect(body).toMatchObject({
    key: null,
    user: { email: 'owner@example.test', role: 'owner' },
    scopes: { admin: true, operator: true },
  })
})

it('answers 401 to nobody, and to two credentials of different keys 400', async () => {
  expect((await app.ask('GET', '/pinyon/v1/whoami')).status).toBe(401)
  const other = await app.makeKey(admin, {})
  const headers = { pinata_api_key: other.pinata_api_key, pinata_secret_api_key: other.pinata_api_secret }
  const mixed = await app.ask('GET', '/pinyon/v1/whoami', { key: admin, headers })
  expect(mixed).toMatchObject({ status: 400, body: { error: { reason: 'MIXED_CREDENTIALS' } } })
})

it('tells the holder of a good scoped key, at testAuthentication, that the key works', async () => {
  const key = await app.makeKey(admin, { resources: ['org:files:read'] })
  for (const path of ['/data/testAuthentication', '/v3/data/testAuthentication']) {
    const good = await app.ask('GET', path, { key: admin })
    expect(good).toMatchObject({
      status: 200,
      body: { message: 'Congratulations! You are communicating with the Pinata API!' },
    })
    const scoped = await app.ask('GET', path, { key })
    expect(scoped.status).toBe(403)
    expect(JSON.stringify(scoped.body)).toMatch(/Your key works\..*GET \/pinyon\/v1\/whoami/)
  }
})
