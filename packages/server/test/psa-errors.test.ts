import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type Answered, type Ask, type KeyValues, type TestApp } from './support/app.ts'
import { rawAsk } from './support/raw-http.ts'
import { nothingFetched, PsaClient, unknownCid } from './support/pins.ts'

let app: TestApp
let key: KeyValues
let psa: PsaClient
beforeAll(async () => {
  app = await startTestApp({ env: nothingFetched })
  key = await app.setUp()
  psa = new PsaClient(app, key)
})
afterAll(() => app.close())

function expectFailure({ status, headers, body }: Answered, wanted: number, reason: string): void {
  expect([status, body.error?.reason]).toEqual([wanted, reason])
  expect([Object.keys(body), Object.keys(body.error)]).toEqual([['error'], ['reason', 'details']])
  expect(body.error.details.length).toBeGreaterThan(5)
  expect(headers.get('content-type')).toMatch(/^application\/json(;|$)/)
  expect(headers.get('cache-control')).toBe('no-store')
}

it.each<[string, string, string, Ask, number, string]>([
  ['no token', 'GET', '/psa/pins', {}, 401, 'INVALID_CREDENTIALS'],
  ['a wrong token', 'GET', '/psa/pins', { key: 'purposefullyInvalid' }, 401, 'INVALID_CREDENTIALS'],
  ['a wrong token and a wrong query', 'GET', '/psa/pins?limit=x', { key: 'x.y.z' }, 401, 'INVALID_CREDENTIALS'],
  ['no such path', 'GET', '/psa/pin', {}, 404, 'NOT_FOUND'],
  ['no such path with a query', 'GET', '/psa?x=1', {}, 404, 'NOT_FOUND'],
  ['a wrong method', 'PUT', '/psa/pins', {}, 405, 'METHOD_NOT_ALLOWED'],
])('answers %s as a Failure', async (_title, method, path, ask, status, reason) => {
  const answered = await app.ask(method, path, ask)
  expectFailure(answered, status, reason)
  expect(answered.headers.get('www-authenticate') ?? '').toMatch(status === 401 ? /^Bearer/ : /^$/)
})

it('answers a revoked key, one without the scope, and one that is used up as a Failure', async () => {
  const scoped = await app.makeKey(key, { endpoints: { data: { pinList: true } } }, { maxUses: 2 })
  expectFailure(await app.ask('POST', '/psa/pins', { key: scoped, json: { cid: 'bafkqaaa' } }), 403, 'NO_SCOPES_FOUND')
  const used = [await app.ask('GET', '/psa/pins', { key: scoped }), await app.ask('GET', '/psa/pins', { key: scoped })]
  expect(used.map(({ status }) => status)).toEqual([200, 200])
  expectFailure(await app.ask('GET', '/psa/pins', { key: scoped }), 403, 'KEY_USES_EXHAUSTED')
  const other = await app.makeKey(key, { admin: true })
  await app.ask('PUT', '/users/revokeApiKey', { key, json: { apiKey: other.pinata_api_key } })
  expectFailure(await app.ask('GET', '/psa/pins', { key: other }), 401, 'API_KEY_REVOKED')
})

it.each<[string, unknown, string]>([
  ['no CID', {}, 'cid: is missing'],
  ['nothing', [], ''],
  ['a number', { cid: 5 }, 'cid'],
  ['a path', { cid: '/ipfs/bafkqaaa' }, 'CID'],
  ['a URL', { cid: 'ipfs://bafkqaaa' }, 'CID'],
  ['a CID with a path', { cid: 'bafkqaaa/x' }, 'CID'],
  ['spaces', { cid: ' bafkqaaa' }, 'CID'],
  ['a long text', { cid: `b${'a'.repeat(1_999)}` }, 'CID'],
  ['a CID of an unknown hash', { cid: 'bafkr4ih5anxc5dnvcgxxr5hnvf3yrltqo42uwbzxj4vzwdyjlhgnxw6hu4' }, ''],
  ['an IPNS name', { cid: 'bafzbeigmfoaj7x6bfdu6vzvyjbrxrlwzyj3g2j4zq2vzvrvdd6fhrzrtgm' }, ''],
  ['a long name', { cid: 'bafkqaaa', name: 'é'.repeat(256) }, 'name'],
  ['a name of another kind', { cid: 'bafkqaaa', name: 7 }, 'name'],
  ['half a character', { cid: 'bafkqaaa', name: '\ud800' }, 'name'],
  ['a number in meta', { cid: 'bafkqaaa', meta: { a: 1 } }, 'meta.a'],
  ['null in meta', { cid: 'bafkqaaa', meta: { a: null } }, 'meta.a'],
  ['a list as meta', { cid: 'bafkqaaa', meta: ['a'] }, 'meta: must be an object, not a list'],
  ['a long key in meta', { cid: 'bafkqaaa', meta: { ['k'.repeat(256)]: '' } }, 'its key must be at most 255 bytes'],
  ['too much meta', { cid: 'bafkqaaa', meta: Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`k${n}`, ''])) }, 'meta'], // prettier-ignore
  ['origins that are no list', { cid: 'bafkqaaa', origins: '/ip4/1.2.3.4' }, 'origins'],
  ['origins that are no text', { cid: 'bafkqaaa', origins: [7] }, 'origins'],
])('refuses a pin with %s, and keeps nothing of it', async (_title, json, words) => {
  const before = (await psa.list('status=queued,pinned')).count
  const answered = await psa.ask('POST', '/pins', json)
  expect(answered.status, JSON.stringify(answered.body)).toBe(400)
  expectFailure(answered, 400, answered.body.error.reason)
  expect(answered.body.error.details).toContain(words)
  expect((await psa.list('status=queued,pinned')).count).toBe(before)
})

it('refuses a body that is no JSON, compressed or too large as a Failure', async () => {
  expectFailure(await app.ask('POST', '/psa/pins', { key, body: '{"cid":' }), 400, 'BAD_REQUEST')
  const gzip = { 'content-encoding': 'gzip' }
  expectFailure(await app.ask('POST', '/psa/pins', { key, body: 'x', headers: gzip }), 415, 'UNSUPPORTED_MEDIA_TYPE')
  const large = JSON.stringify({ cid: 'bafkqaaa', name: 'x'.repeat(5_000_000) })
  expectFailure(await app.ask('POST', '/psa/pins', { key, body: large }), 413, 'PAYLOAD_TOO_LARGE')
  expect((await psa.list('name=x')).count).toBe(0)
})

it('answers 404 for whatever cannot be the id of a pin', async () => {
  for (const id of ['x', '%00', 'a%00b', 'x'.repeat(3_000), '..%2Fpins', '%F0%9F%93%8C'])
    for (const method of ['GET', 'POST', 'DELETE']) {
      const ask = method === 'POST' ? { key, json: { cid: 'bafkqaaa' } } : { key }
      const answered = await app.ask(method, `/psa/pins/${id}`, ask)
      expect(answered.body).toEqual({ error: { reason: 'NOT_FOUND', details: expect.any(String) } })
      expectFailure(answered, 404, 'NOT_FOUND')
    }
})

it('takes the name and meta that the specification allows, to the letter', async () => {
  const name = '\u{1F4CC}'.repeat(255)
  const meta = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`key ${n}`, n % 2 === 0 ? '' : `v${n}`]))
  const { pin, requestid } = await psa.add({ cid: unknownCid(), name, meta })
  expect(pin).toMatchObject({ name, meta })
  expect((await psa.get(requestid)).pin).toEqual(pin)
})

it('refuses no pin for its origins, and keeps twenty that may be of use', async () => {
  const peer = '12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG'
  const likely = Array.from({ length: 25 }, (_, n) => `/ip4/192.0.2.${n}/udp/4001/quic-v1/p2p/${peer}`)
  const odd = [
    '',
    'not an address',
    '/onion3/x:1',
    '/ip4/10.0.0.1/tcp/1',
    '/unix/a',
    `/dns4/${'x'.repeat(1_900)}/tcp/1`,
    `/dns4/${'x'.repeat(100_000)}/tcp/1`,
  ]
  // What no column can hold is left out before.
  const unkept = ['/unix/\0', '\ud800']
  const { requestid } = await psa.add({ cid: unknownCid(), origins: [...unkept, ...odd, ...likely, ...likely] })
  const { read } = app.services.db
  const keptOf = async (id: string) =>
    JSON.parse((await read.selectFrom('files').select('queued_origins').where('id', '=', id).executeTakeFirst())?.queued_origins ?? '') // prettier-ignore
  expect(await keptOf(requestid)).toEqual(likely.slice(0, 20))
  const few = await psa.add({ cid: unknownCid(), origins: [...odd, likely[0]] })
  expect(await keptOf(few.requestid)).toEqual([likely[0], ...odd.slice(1, -2)])
})

it('lets browsers in: preflights without a token, every method and header that clients send', async () => {
  const headers = {
    origin: 'https://app.example',
    'access-control-request-method': 'DELETE',
    'access-control-request-headers': 'authorization,content-type',
  }
  for (const path of ['/psa/pins', '/psa/pins/x', '/psa//pins/']) {
    const preflight = await app.ask('OPTIONS', path, { headers })
    expect([path, preflight.status]).toEqual([path, 204])
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(preflight.headers.get('access-control-allow-methods')).toMatch(/GET.*POST.*DELETE/)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Content-Type/)
  }
  for (const ask of [{ key, headers }, { headers }]) {
    const answered = await app.ask('GET', '/psa/pins', ask)
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(answered.headers.get('access-control-expose-headers')).toMatch(/Retry-After.*X-RateLimit-Reset/)
  }
})

it('keeps connections open for longer than a minute, and never redirects', async () => {
  const answer = await rawAsk(app.apiUrl, 'POST', '/psa//pins//', {
    authorization: `bearer ${key.JWT}`,
    connection: 'keep-alive',
    'content-length': '0',
  })
  expect([answer.status, answer.headers['location']]).toEqual([400, undefined])
  expect(Number(/timeout=(\d+)/.exec(String(answer.headers['keep-alive']))?.[1])).toBeGreaterThanOrEqual(60)
})

it('opens replace to those who may both add and remove, whichever family their scopes are of', async () => {
  const { requestid } = await psa.add({ cid: 'bafkqaaa' })
  let id = requestid
  const replace = async (endpoints: object) => {
    const scoped = await app.makeKey(key, { endpoints })
    const answered = await app.ask('POST', `/psa/pins/${id}`, { key: scoped, json: { cid: 'bafkqaaa' } })
    if (answered.status === 202) id = answered.body.requestid
    return answered
  }
  for (const endpoints of [
    { psa: { add: true } },
    { pinning: { pinByHash: true } },
    { pinning: { unpin: true } },
    { psa: { remove: true, list: true, get: true } },
  ]) {
    const refused = await replace(endpoints)
    expectFailure(refused, 403, 'NO_SCOPES_FOUND')
    expect(refused.body.error.details).toContain(
      'psa.replace, psa.add with pinning.unpin, psa.add with psa.remove, pinning.pinByHash with pinning.unpin, pinning.pinByHash with psa.remove or org:files:write (or admin)',
    )
  }
  for (const endpoints of [
    { psa: { replace: true } },
    { psa: { add: true, remove: true } },
    { pinning: { pinByHash: true, unpin: true } },
    { psa: { add: true }, pinning: { unpin: true } },
  ]) {
    expect((await replace(endpoints)).status).toBe(202)
  }
  // Whoever may do it by one family may hand it out by the other; nobody hands out more.
  const both = await app.makeKey(key, { endpoints: { pinning: { pinByHash: true }, keys: { create: true } } })
  await app.makeKey(both, { endpoints: { psa: { add: true } } })
  await expect(app.makeKey(both, { endpoints: { psa: { replace: true } } })).rejects.toThrow('SCOPE_NOT_HELD')
})
