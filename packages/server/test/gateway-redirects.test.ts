import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('_redirects of the gateway on %s', (database) => {
  const names = new PresetNames()
  let app: TestApp
  let key: KeyValues
  const ask = (host: string, path: string, headers: Record<string, string> = {}) =>
    rawAsk(app.gatewayUrl, 'GET', path, { host, ...headers })
  /** Uploads a site with this file; its host. */
  async function site(
    redirects: string,
    more: readonly (readonly [string, string])[] = [],
  ): Promise<{ cid: string; host: string }> {
    const { cid } = await upload(app, key, [
      ['s/_redirects', redirects],
      ['s/index.html', '<p>home'],
      ['s/404.html', '<p>not here'],
      ['s/found.txt', 'found'],
      ...more,
    ])
    return { cid, host: `${cid}.ipfs.localhost:80` }
  }

  beforeAll(async () => {
    app = await startTestApp({ database, nameSource: names, env: { PINYON_DNSLINK: 'hosts' } })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  it('are looked at only when a path does not exist', async () => {
    const { host } = await site('/found.txt /never\n/lost /found.txt\n/* /404.html 404')
    expect((await ask(host, '/found.txt')).text).toBe('found')
    expect((await ask(host, '/lost')).headers.location).toBe('/found.txt')
    const lost = await ask(host, '/whatever/deep')
    expect([lost.status, lost.text]).toEqual([404, '<p>not here'])
    expect(lost.headers['cache-control']).toBe('public, max-age=29030400, immutable')
    expect(lost.headers['content-type']).toBe('text/html; charset=utf-8')
    expect((await ask(host, '/whatever', { range: 'bytes=0-1' })).text).toBe('<p>not here')
    expect((await ask(host, '/whatever?format=raw')).text).toContain('There is no')
  })

  it('serve pages of one address at every path, with tags and conditions of the page', async () => {
    const { host } = await site('/* /index.html 200')
    const page = await ask(host, '/app/route?x=1')
    expect([page.status, page.text]).toEqual([200, '<p>home'])
    const again = await ask(host, '/app/route', { 'if-none-match': String(page.headers.etag) })
    expect([again.status, again.body.length]).toEqual([304, 0])
  })

  it('carry the query of the request, which wins over their own', async () => {
    const { host } = await site('/a /b?x=1&y=2\n/c/:p https://other.example/:p 302\n/* //evil.example/:splat')
    expect((await ask(host, '/a')).headers.location).toBe('/b?x=1&y=2')
    expect((await ask(host, '/a?x=9&z=3')).headers.location).toBe('/b?y=2&x=9&z=3')
    expect((await ask(host, '/c/%0d%0aset-cookie:x')).headers.location).toBe(
      'https://other.example/%0D%0Aset-cookie%3Ax',
    )
    expect((await ask(host, '/x')).headers.location).toBe('/evil.example/x')
  })

  it('are an error in words when they cannot be followed', async () => {
    const broken = await site('/a /b 301!')
    const answer = await ask(broken.host, '/lost')
    expect([answer.status, answer.headers['cache-control']]).toEqual([500, 'no-store'])
    expect(answer.text).toContain('could not parse _redirects:')
    expect((await ask(broken.host, '/found.txt')).status).toBe(200)
    const unreadable = await site('/gone /page%zz 301\n/lost /page%zz 200')
    expect((await ask(unreadable.host, '/gone')).text).toContain('could not parse _redirects: line 2')
    const large = await site(`# ${'x'.repeat(70_000)}\n`)
    expect((await ask(large.host, '/lost')).text).toContain('redirects file size cannot exceed')
  })

  it('do nothing in a path that many contents share', async () => {
    const { cid, host } = await site('/* /index.html 200')
    expect((await ask('shared.example', `/ipfs/${cid}/lost`)).status).toBe(404)
    names.setLink('site.example.com', `/ipfs/${cid}`)
    const linked = await ask('site.example.com', '/lost')
    expect([linked.status, linked.headers['cache-control']]).toEqual([200, undefined])
    expect((await ask(host, '/lost')).status).toBe(200)
  })
})
