import { Agent, request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routeList } from '@pinyon/contract/routes.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { endlessRows } from './support/fill-route.ts'
import { rawAsk } from './support/raw-http.ts'

/** Rows whose success changes what the others need. */
const spared = new Set(['signingKeysRotate', 'accountsUpdate', 'accountUpdate'])

describe.each(databases)('abuse of the api on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let known: string[]
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    key = await app.setUp()
    const file = await upload(app, key, [['a.txt', 'a']], { keyvalues: '{"k":"v"}' })
    known = [file.id, file.cid, 'public', 'private', 'x', '%00', '..', '']
  })
  afterAll(async () => {
    agent.destroy()
    await app.close()
  })

  function ask(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Buffer,
  ): Promise<{ status: number; text: string }> {
    const { hostname, port } = new URL(app.apiUrl)
    return new Promise((resolve, reject) => {
      const sent = request(
        { host: hostname, port, method, path, headers: { ...headers, 'content-length': String(body.length) }, agent },
        (response) => {
          let text = ''
          response.on('data', (piece) => (text += piece))
          response.on('error', reject)
          response.on('close', () => resolve({ status: response.statusCode ?? 0, text }))
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  it('answers none of 1,000 odd requests with an error of ours', { timeout: 60_000 }, async () => {
    const rows = routeList.filter(({ id }) => !spared.has(id) && !endlessRows.has(id))
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom(
        '-1',
        '0',
        '1',
        '1e9',
        'NaN',
        '10abc',
        '2026-01-01',
        '0000-00-00',
        '9999999999999999',
        'true',
        '%00',
        '%ud800',
        '[]',
        '{}',
        '%7B%22k%22%3A%7B%22value%22%3A%22v%22%2C%22op%22%3A%22regexp%22%7D%7D',
        '%25',
        "'",
        '%27%3B--',
        '__proto__',
      ),
    )
    const names = [
      'limit',
      'pageLimit',
      'pageOffset',
      'pageToken',
      'order',
      'name',
      'cid',
      'status',
      'metadata[name]',
      'metadata[keyvalues]',
      'keyvalues[k]',
      'pinStart',
      'includeCount',
      'hashContains',
      'offset',
      'revoked',
      'format',
      'path',
      'after',
      'action',
      '__proto__',
    ]
    const query = fc.array(fc.tuple(fc.constantFrom(...names), odd), { maxLength: 3 })
    const body = fc.oneof(
      fc.json({ maxDepth: 3 }),
      fc
        .record(
          {
            keyName: fc.anything({ maxDepth: 1 }),
            name: fc.anything({ maxDepth: 1 }),
            permissions: fc.anything({ maxDepth: 2 }),
            keyvalues: fc.anything({ maxDepth: 2 }),
            ipfsPinHash: fc.anything({ maxDepth: 1 }),
            pinataContent: fc.anything({ maxDepth: 2 }),
            pinataMetadata: fc.anything({ maxDepth: 2 }),
            pinataOptions: fc.anything({ maxDepth: 2 }),
            expires_at: fc.anything({ maxDepth: 0 }),
            maxUses: fc.anything({ maxDepth: 0 }),
            email: fc.anything({ maxDepth: 0 }),
            token: fc.anything({ maxDepth: 0 }),
            apiKey: fc.anything({ maxDepth: 0 }),
          },
          { requiredKeys: [] },
        )
        .map((value) => toJson(value)),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constant('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--x--\r\n'),
    )
    const type = fc.constantFrom(
      'application/json',
      'multipart/form-data; boundary=x',
      'multipart/form-data',
      'text/plain',
      'x',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.nat(rows.length - 1),
        fc.array(
          fc.oneof(
            odd,
            fc.nat(7).map((i) => known[i] ?? ''),
          ),
          { minLength: 3, maxLength: 3 },
        ),
        query,
        body,
        type,
        async (which, pieces, search, sent, contentType) => {
          const row = rows[which]
          if (row === undefined) return
          const path = row.path.replace(/:\w+/g, () => pieces.pop() ?? 'x')
          const address = `${path}?${search.map((pair) => pair.join('=')).join('&')}`
          const headers = { authorization: `Bearer ${key.JWT}`, 'content-type': contentType }
          const { status, text } = await ask(
            row.method,
            address,
            headers,
            row.bodyKind === 'none' ? Buffer.alloc(0) : Buffer.from(sent),
          )
          // 501 is the answer of routes for what we do not have.
          expect(status < 500 || status === 501, `${row.method} ${address} ${sent} ${status} ${text}`).toBe(true)
        },
      ),
      { numRuns: 1_000 },
    )
    expect((await app.services.metrics.internalErrors.get()).values[0]?.value ?? 0).toBe(0)
    expect((await app.ask('GET', '/data/testAuthentication', { key })).status).toBe(200)
  })
})

/** As JSON, whatever it is: what has no JSON is left out. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? 'null'
}

it('limits classes of requests as it is told, and says when to come again', async () => {
  const app = await startTestApp({ env: { PINYON_RATE_LIMITS: 'data=3/60' } })
  try {
    const key = await app.setUp()
    const other = await app.makeKey(key, { admin: true })
    const headers = { authorization: `Bearer ${key.JWT}`, origin: 'https://page.example' }
    const list = () => rawAsk(app.apiUrl, 'GET', '/data/pinList', headers)
    for (const left of ['2', '1', '0']) {
      const answer = await list()
      expect([answer.status, answer.headers['x-ratelimit-limit'], answer.headers['x-ratelimit-remaining']]).toEqual([
        200,
        '3',
        left,
      ])
    }
    const refused = await list()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(refused.headers['access-control-allow-origin']).toBe('https://page.example')
    expect(JSON.parse(refused.text).error.reason).toBe('RATE_LIMITED')
    // Another key, another class and preflights are not touched.
    expect((await app.ask('GET', '/data/pinList', { key: other })).status).toBe(200)
    expect((await app.ask('GET', '/v3/files/public', { key })).status).toBe(200)
    expect((await rawAsk(app.apiUrl, 'OPTIONS', '/data/pinList', { origin: 'https://page.example' })).status).toBe(204)
  } finally {
    await app.close()
  }
})
