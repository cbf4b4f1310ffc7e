import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestApp, type TestApp } from './support/app.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp()
  await app.setUp()
})

afterAll(() => app.close())

const signIn = (site: string | undefined, origin?: string) =>
  app.ask('POST', '/pinyon/v1/sessions', {
    body: JSON.stringify({ email: 'owner@example.test', password: 'correct horse battery' }),
    headers: {
      'content-type': 'text/plain',
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
      ...(origin === undefined ? {} : { origin }),
    },
  })

it('lets our own pages and programs sign in', async () => {
  for (const site of [undefined, 'same-origin', 'none']) expect((await signIn(site)).status, site).toBe(200)
})

it('lets no form on another page sign its visitor in', async () => {
  for (const site of ['cross-site', 'same-site']) {
    const { status, headers } = await signIn(site)
    expect(status, site).toBe(403)
    expect(headers.get('set-cookie')).toBeNull()
  }
})

it('lets none do so in a browser that tells the origin of a page and nothing else', async () => {
  expect((await signIn(undefined, app.apiUrl)).status).toBe(200)
  for (const origin of [app.gatewayUrl, 'https://evil.example', 'null', `${app.apiUrl}.evil.example`]) {
    const { status, headers } = await signIn(undefined, origin)
    expect(status, origin).toBe(403)
    expect(headers.get('set-cookie')).toBeNull()
  }
})
