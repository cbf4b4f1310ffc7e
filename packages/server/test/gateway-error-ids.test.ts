import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenGateway } from '../src/gateway/server.ts'
import type { Listening } from '../src/http/server.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const base = 'gw.example.org'

/** Pinata's programs know refusals of gateways by these (reference of Pinata's wire, 4.4). */
describe.each(databases)('refusals of gateways on %s', (database) => {
  let app: TestApp
  let listener: Listening
  let operator: KeyValues
  let key: KeyValues & { readonly accountId: string }
  let site: Uploaded
  let theirs: Uploaded
  beforeAll(async () => {
    app = await startTestApp({
      database,
      env: { PINYON_GATEWAY_URL: `http://${base}`, PINYON_GATEWAY_SUBDOMAINS: base, PINYON_DOMAIN_PROOF: 'off' },
    })
    listener = await listenGateway(app.services)
    operator = await app.setUp()
    key = await app.makeAccount(operator, `ids-${database}`)
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    site = await upload(app, key, [
      ['s/index.html', `<p>${database}`],
      ['s/page', '<!doctype html><p>sniffed'],
      ['s/page.xhtml', '<html xmlns="http://www.w3.org/1999/xhtml"/>'],
      ['s/page.xml', '<?xml version="1.0"?><?xml-stylesheet href="x"?><a/>'],
      ['s/a.svg', svg],
      ['s/a.txt', 'a'],
      ['s/a.json', '{}'],
    ])
    theirs = await upload(app, operator, [['t.txt', `theirs on ${database}`]])
    for (const domain of ['open', 'keyed', 'plain', 'off']) await manage('POST', '/v3/gateways', { domain })
    const keyed = (await manage('GET', '/v3/gateways')).data.rows.find((row: { domain: string }) => row.domain === 'keyed') // prettier-ignore
    await manage('POST', `/v3/gateways/${keyed.id}/access_tokens`)
  })
  afterAll(async () => {
    await listener.close(0)
    await app.close()
  })

  const manage = async (method: string, path: string, json?: unknown) => {
    const { status, body } = await app.ask(method, path, { key, ...(json === undefined ? {} : { json }) })
    expect([path, status]).toEqual([path, 200])
    return body
  }
  const idOf = async (name: string) =>
    (await manage('GET', '/v3/gateways')).data.rows.find(({ domain }: { domain: string }) => domain === name).id
  const ask = (host: string, path: string, method = 'GET') =>
    rawAsk(`http://127.0.0.1:${listener.port}`, method, path, { host })

  it('end in the id that Pinata gives them, under its status', async () => {
    const absent = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    const s = `/ipfs/${site.cid}`
    await manage('PUT', `/pinyon/v1/gateways/${await idOf('plain')}/rules`, { html: 'refuse' })
    const rows = [
      ['00004', 400, 'open', '/'],
      ['00004', 400, 'open', '/favicon.ico'],
      ['00004', 400, 'open', `/ipfs`],
      ['00004', 400, 'open', '/ipfs/'],
      ['00004', 400, 'open', '/ipfs/nonsense'],
      ['00004', 400, 'open', `/api/v0/cat/${site.cid}`],
      ['00006', 403, 'open', `/ipfs/${theirs.cid}`],
      ['00006', 403, 'open', `/ipfs/${absent}`],
      ['00006', 403, 'open', `/ipfs/${absent}?format=car`],
      ['00023', 403, 'plain', `${s}/`],
      ['00023', 403, 'plain', `${s}/index.html`],
      ['00023', 403, 'plain', `${s}/page`],
      ['00023', 403, 'plain', `${s}/page.xhtml`],
      ['00023', 403, 'plain', `${s}/page.xml`],
      ['00023', 403, 'plain', `${s}/a.txt?filename=a.html`],
      ['00024', 401, 'keyed', `${s}/a.txt`],
      ['00024', 401, 'keyed', `${s}/a.txt?pinataGatewayToken=guess`],
      ['00024', 401, 'keyed', `/ipfs/${absent}`],
    ] as const
    for (const [id, status, name, path] of rows) {
      const answer = await ask(`${name}.${base}`, path)
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.text, path).toMatch(new RegExp(`^[^\\n]+ ERR_ID:${id}\\n$`))
      expect(answer.headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        'access-control-allow-origin': '*',
      })
      const head = await ask(`${name}.${base}`, path, 'HEAD')
      expect([path, head.status, head.text]).toEqual([path, status, ''])
    }
    const disable = { key: operator, json: { disabled: true } }
    expect((await app.ask('PATCH', `/pinyon/v1/accounts/${key.accountId}`, disable)).status).toBe(200)
    for (const path of [`${s}/a.txt`, `/ipfs/${absent}`]) {
      const answer = await ask(`off.${base}`, path)
      expect([answer.status, answer.text]).toEqual([403, 'The account of this gateway is disabled. ERR_ID:00022\n'])
    }
    const enable = { key: operator, json: { disabled: false } }
    expect((await app.ask('PATCH', `/pinyon/v1/accounts/${key.accountId}`, enable)).status).toBe(200)
  })

  it('of pages hold where the gateway says so, and for nothing but pages', async () => {
    const s = `/ipfs/${site.cid}`
    const rules = `/pinyon/v1/gateways/${await idOf('plain')}/rules`
    const status = async (path: string, host = `plain.${base}`) => (await ask(host, `${s}/${path}`)).status
    expect(await manage('PUT', rules, { html: 'refuse' })).toMatchObject({ html: 'refuse' })
    for (const path of [
      'a.svg',
      'a.txt',
      'a.json',
      'index.html?download=true',
      'index.html?format=raw',
      'index.html?filename=a.txt',
      '?format=car',
    ])
      // prettier-ignore
      expect([path, await status(path)]).toEqual([path, 200])
    const download = await ask(`plain.${base}`, `${s}/index.html?download=true`)
    expect(download.headers['content-disposition']).toMatch(/^attachment/)
    expect(await status('', `open.${base}`)).toBe(200)

    await manage('POST', `/v3/gateways/${await idOf('plain')}/custom_domain`, { domain: 'site.example.com' })
    expect(await status('', 'site.example.com')).toBe(403)
    await manage('PUT', rules, { html: 'domains' })
    expect([await status('', 'site.example.com'), await status('')]).toEqual([200, 403])
    const access = await manage('GET', rules.replace('rules', 'access'))
    expect(access.sentences.join(' ')).toContain('on custom domains alone')
    await manage('PUT', rules, { html: 'sandbox' })
    const page = await ask(`plain.${base}`, `${s}/`)
    expect([page.status, page.headers['content-security-policy']]).toEqual([200, expect.stringMatching(/^sandbox /)])
  })
})

describe.each([
  ['refuse', 403, 403],
  ['origins', 403, 200],
  ['sandbox', 200, 200],
] as const)('PINYON_GATEWAY_HTML=%s', (html, onPath, onOrigin) => {
  it('decides where the hosts of the installation show pages', async () => {
    const app = await startTestApp({ env: { PINYON_GATEWAY_HTML: html, PINYON_GATEWAY_SUBDOMAINS: base } })
    try {
      const { cid } = await upload(app, await app.setUp(), [['s/index.html', '<p>page'], ['s/a.txt', 'a']]) // prettier-ignore
      const ask = (host: string, path: string) => rawAsk(app.gatewayUrl, 'GET', path, { host })
      for (let i = 0; i < 2; i++) {
        const shared = await ask('elsewhere', `/ipfs/${cid}/`)
        expect(shared.status).toBe(onPath)
        expect(shared.text.includes('ERR_ID:00023')).toBe(onPath === 403)
        expect((await ask(`${cid}.ipfs.${base}`, '/')).status).toBe(onOrigin)
        expect((await ask('elsewhere', `/ipfs/${cid}/a.txt`)).status).toBe(200)
      }
    } finally {
      await app.close()
    }
  })
})
