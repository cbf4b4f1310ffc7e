import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid, parseCid } from '../src/ipfs/cid.ts'
import { multihashOf } from '../src/ipfs/multihash.ts'
import { formatIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { base36 } from 'multiformats/bases/base36'
import { cidBytes } from '../src/ipfs/cid.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { makePublisher } from './support/ipns-record.ts'
import { PresetNames } from './support/preset-names.ts'
import { rawAsk, rawConnect } from './support/raw-http.ts'

const settings = {
  PINYON_GATEWAY_SUBDOMAINS: 'gw.example.org,localhost',
  PINYON_GATEWAY_PROXY: 'on',
  PINYON_DNSLINK: 'hosts',
  PINYON_TRUSTED_PROXIES: '127.0.0.1',
}

describe.each(databases)('hosts of the gateway on %s', (database) => {
  const names = new PresetNames()
  let app: TestApp
  let key: KeyValues
  let site: Uploaded
  let key36: string
  const ask = (host: string, path: string, headers: Record<string, string> = {}) =>
    rawAsk(app.gatewayUrl, 'GET', path, { host, ...headers })

  beforeAll(async () => {
    app = await startTestApp({ database, nameSource: names, env: settings })
    key = await app.setUp()
    site = await upload(app, key, [
      ['site/page.html', '<script>1</script>'],
      ['site/ipfs/inner.txt', 'a folder that is called so'],
      ['site/ą/b%20c.txt', 'odd name'],
    ])
    const publisher = await makePublisher()
    key36 = formatIpnsName(publisher.name)
    names.setRecord(publisher.name, await publisher.sign({ value: `/ipfs/${site.cid}` }))
    names.setLink('my-site.example.com', `/ipfs/${site.cid}`)
  })
  afterAll(() => app.close())

  it('sends content paths on such a host to the origin of their own, and never serves them there', async () => {
    for (const [path, location] of [
      [`/ipfs/${site.cid}`, `http://${site.cid}.ipfs.gw.example.org:8080/`],
      [
        `/ipfs/${site.cid}/%c4%85/b%2520c.txt?x=%2f&y`,
        `http://${site.cid}.ipfs.gw.example.org:8080/%C4%85/b%2520c.txt?x=%2F&y`,
      ],
      [`/ipns/${key36}/page.html`, `http://${key36}.ipns.gw.example.org:8080/page.html`],
      ['/ipns/my-site.example.com/', 'http://my--site-example-com.ipns.gw.example.org:8080/'],
      [`/ipfs/?uri=ipfs%3A%2F%2F${site.cid}%2Fa%20b%3Fc`, `/ipfs/${site.cid}/a%20b?c`],
      ['/ipns/?uri=ipns://my-site.example.com', '/ipns/my-site.example.com'],
    ] as const) {
      const answer = await ask('GW.example.org:8080', path)
      expect([answer.status, answer.headers.location], path).toEqual([301, location])
      expect(answer.headers['access-control-allow-origin'], path).toBe('*')
    }
    const bad = await ask('gw.example.org', '/ipfs/QmNoCid')
    expect([bad.status, bad.text.includes('invalid path "/ipfs/QmNoCid"')]).toEqual([400, true])
    expect((await ask('gw.example.org', '/')).status).toBe(404)
  })

  it('knows a CID in every spelling, and one spelling as the label', async () => {
    const v0 = await upload(app, key, [['a.txt', 'old']], { cid_version: 'v0' })
    const label = formatCid({ ...parseCid(v0.cid), version: 1 })
    expect((await ask('gw.example.org', `/ipfs/${v0.cid}`)).headers.location).toBe(
      `http://${label}.ipfs.gw.example.org/`,
    )
    const served = await ask(`${label}.ipfs.gw.example.org`, '/')
    expect([served.status, served.text, served.headers['x-ipfs-path']]).toEqual([200, 'old', `/ipfs/${label}/`])
    const otherBase = base36.encode(cidBytes({ ...parseCid(v0.cid), version: 1 }))
    const moved = await ask(`${otherBase}.ipfs.gw.example.org:81`, '/x?y=1')
    expect([moved.status, moved.headers.location]).toEqual([301, `http://${label}.ipfs.gw.example.org:81/x?y=1`])
  })

  it('shows content at the root of its origin, where /ipfs is a folder like any other', async () => {
    const host = `${site.cid}.ipfs.gw.example.org`
    expect((await ask(host, '/ipfs/inner.txt')).text).toBe('a folder that is called so')
    expect((await ask(host, `/ipfs/${site.cid}`)).status).toBe(404)
    expect((await ask(`${site.cid}.ipfs.localhost:1`, '/page.html')).status).toBe(200)
    const list = await ask(host, '/')
    expect(list.text).toContain('<a href="/page.html">page.html</a>')
    expect(list.text).not.toContain('>..</a>')
    const below = await ask(host, '/ipfs')
    expect([below.status, below.headers.location]).toEqual([301, '/ipfs/'])
    expect((await ask(host, '//evil.example')).headers.location).toBeUndefined()
  })

  it('lets pages do as they like in an origin of their own, and nowhere else', async () => {
    const own = await ask(`${site.cid}.ipfs.gw.example.org`, '/page.html')
    expect([own.status, own.headers['content-security-policy']]).toEqual([200, undefined])
    const shared = await ask('other.example', `/ipfs/${site.cid}/page.html`)
    expect(shared.headers['content-security-policy']).toContain('sandbox')
    expect(shared.headers['content-security-policy']).not.toContain('allow-same-origin')
  })

  it('says that a label does not fit into the DNS, as a path and as a host', async () => {
    const long = formatCid({
      version: 1,
      codec: 0x55,
      multihash: multihashOf(0x13, Buffer.from('x')) ?? new Uint8Array(),
    })
    for (const answer of [
      await ask('gw.example.org', `/ipfs/${long}`),
      await ask(`${long}.ipfs.gw.example.org`, '/'),
    ]) {
      expect(answer.status).toBe(400)
      expect(answer.text).toContain('CID incompatible with DNS label length limit of 63')
    }
  })

  it('serves domains with a DNSLink by a label, and by their own host', async () => {
    for (const host of [
      'my--site-example-com.ipns.gw.example.org',
      'my-site.example.com.ipns.gw.example.org',
      'my-site.example.com',
      'My-Site.example.com:99',
    ])
      expect((await ask(host, '/ipfs/inner.txt')).text, host).toBe('a folder that is called so')
    const secure = await ask('my-site.example.com.ipns.gw.example.org', '/a', { 'x-forwarded-proto': 'https' })
    expect([secure.status, secure.headers.location]).toEqual([
      301,
      'https://my--site-example-com.ipns.gw.example.org/a',
    ])
    const list = await ask('my-site.example.com', '/')
    expect(list.text).toContain(`href="https://cid.ipfs.tech/#`)
    expect((await ask('unknown.example.com', `/ipfs/${site.cid}/page.html`)).status).toBe(200)
    expect((await ask('nonsense.ipns.gw.example.org', '/')).status).toBe(400)
  })

  it('believes forwarded headers of trusted proxies only', async () => {
    const headers = { 'x-forwarded-host': 'evil.example, gw.example.org', 'x-forwarded-proto': 'https' }
    const trusted = await ask('inner', `/ipfs/${site.cid}`, headers)
    expect(trusted.headers.location).toBe(`https://${site.cid}.ipfs.gw.example.org/`)
    expect((await ask('inner', `/ipfs/${site.cid}`, { 'x-forwarded-host': 'a/b' })).status).toBe(400)
    const plain = await startTestApp({ env: { PINYON_GATEWAY_SUBDOMAINS: 'gw.example.org' } })
    try {
      const answer = await rawAsk(plain.gatewayUrl, 'GET', '/ipfs/bafkqaaa', { host: 'inner', ...headers })
      expect(answer.status).toBe(200)
    } finally {
      await plain.close()
    }
  })

  it('is a proxy that connects nowhere', async () => {
    const host = `${site.cid}.ipfs.gw.example.org`
    const whole = await rawAsk(app.gatewayUrl, 'GET', `http://${host}/ipfs/inner.txt`, { host: 'whatever' })
    expect(whole.text).toBe('a folder that is called so')
    const tunnel = await rawConnect(app.gatewayUrl, `CONNECT ${host}:80 HTTP/1.1\r\nHost: ${host}:80\r\n\r\n`)
    await tunnel.until(/ 200 .*\r\n\r\n/)
    tunnel.socket.write(`GET /ipfs/inner.txt HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect((await tunnel.closed()).text).toContain('a folder that is called so')
    const nowhere = await rawAsk(app.gatewayUrl, 'GET', `http://127.0.0.1:${new URL(app.apiUrl).port}/health/ready`, {})
    expect(nowhere.status).toBe(404)
  })

  it('answers by every host as if what is private were not there', async () => {
    const hidden = await upload(app, key, [['h.txt', 'hidden words']], { network: 'private' })
    const unknown = formatCid({
      version: 1,
      codec: 0x55,
      multihash: multihashOf(0x12, Buffer.from('unknown')) ?? new Uint8Array(),
    })
    for (const path of [
      '/',
      '/?format=raw',
      '/?format=car',
      '/?format=tar',
      '/?format=json',
      '/?format=dag-json',
      '/x',
    ]) {
      const [mine, other] = await Promise.all(
        [hidden.cid, unknown].map((cid) => ask(`${cid}.ipfs.gw.example.org`, path)),
      )
      expect([mine?.status, mine?.text], path).toEqual([other?.status, other?.text])
      expect(mine?.status, path).toBe(404)
    }
  })

  it('holds on a connection that changes its mind about hosts', async () => {
    const { port } = new URL(app.gatewayUrl)
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece))
    for (const [host, path, close] of [
      [`${site.cid}.ipfs.gw.example.org`, '/ipfs/inner.txt', 'keep-alive'],
      ['gw.example.org', `/ipfs/${site.cid}`, 'keep-alive'],
      ['other.example', `/ipfs/${site.cid}/ipfs/inner.txt`, 'close'],
    ])
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: ${close}\r\n\r\n`)
    await new Promise((resolve) => socket.on('close', resolve))
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 301', 'HTTP/1.1 200'])
  })
})
