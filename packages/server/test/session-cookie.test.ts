import type { Route } from '@pinyon/contract/route.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestApp, type Answered, type TestApp } from './support/app.ts'
import { sampleBody } from './support/fill-route.ts'

// The browser attaches the cookie also to what pages on other ports of this host ask for. None of these may read or do
// anything with it, on any route.
describe('the session cookie', () => {
  let app: TestApp
  let cookie: string
  beforeAll(async () => {
    app = await startTestApp({ env: { PINYON_RATE_LIMITS: 'off' } })
    await app.setUp()
    const signedIn = await app.ask('POST', '/pinyon/v1/sessions', {
      json: { email: 'owner@example.test', password: 'correct horse battery' },
    })
    cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  })
  afterAll(() => app.close())

  const withSession = routeList.filter((row) => row.credentials.includes('session'))
  const forAnybody = routeList.filter(
    (row) => row.credentials.length === 0 && row.cors === 'none' && row.method !== 'GET',
  )

  function ask(row: Route, headers: Record<string, string>, method: string = row.method): Promise<Answered> {
    const json = sampleBody(row)
    const path = row.path.replace(':network', 'public').replace(/:\w+/g, 'x')
    return app.ask(method, path, { headers: { cookie, ...headers }, ...(json === undefined ? {} : { json }) })
  }

  const otherPages: [string, () => Record<string, string>][] = [
    ['the gateway', () => ({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', origin: app.gatewayUrl })],
    [
      'the gateway as a form',
      () => ({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', origin: app.gatewayUrl }),
    ],
    ['the gateway as a picture', () => ({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })],
    ['a sibling host', () => ({ 'sec-fetch-site': 'same-site', origin: 'http://files.pinyon.example' })],
    ['elsewhere', () => ({ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })],
    ['a sandboxed frame', () => ({ 'sec-fetch-site': 'cross-site', origin: 'null' })],
    ['another port in an old browser', () => ({ origin: app.gatewayUrl })],
    ['a sibling host in an old browser', () => ({ origin: 'http://files.pinyon.example' })],
    ['the other scheme in an old browser', () => ({ origin: app.apiUrl.replace('http:', 'https:') })],
  ]

  it.each(otherPages)('counts for nothing from %s', async (_name, headersOf) => {
    const headers = headersOf()
    for (const row of [...withSession, ...forAnybody]) {
      const answer = await ask(row, headers)
      // Writes of people's own routes are refused for where they come from, before anybody looks for a credential.
      const [status, words] =
        row.cors === 'none' && row.method !== 'GET' ? [403, 'not from another page'] : [401, 'No credential was sent.']
      expect([row.id, answer.status, answer.headers.get('set-cookie')]).toEqual([row.id, status, null])
      // Where a page may read the answer at all, this is all it reads; people's routes it may not even read.
      expect(JSON.stringify(answer.body), row.id).toContain(words)
      if (row.cors === 'none') expect(answer.headers.get('access-control-allow-origin'), row.id).toBe(null)
    }
  })

  it.each(otherPages)('is not asked for by a preflight of %s on the routes of people', async (_name, headersOf) => {
    for (const row of [...withSession, ...forAnybody].filter(({ cors }) => cors === 'none')) {
      const headers = { ...headersOf(), 'access-control-request-method': row.method }
      const answer = await app.ask('OPTIONS', row.path.replace(/:\w+/g, 'x'), { headers })
      for (const name of ['origin', 'credentials', 'methods', 'headers'])
        expect([row.id, answer.headers.get(`access-control-allow-${name}`)]).toEqual([row.id, null])
    }
  })

  it('counts from the pages of this server on every one of these routes', async () => {
    // What would end the session comes last.
    for (const row of withSession.toSorted((a, b) => Number(a.id === 'signOut') - Number(b.id === 'signOut'))) {
      const answer = await ask(row, { 'sec-fetch-site': 'same-origin', origin: app.apiUrl })
      expect(JSON.stringify([row.id, answer.body])).not.toContain('No credential was sent.')
    }
  })
})
