import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type DetailedPeerCertificate } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/lib/clock.ts'
import { issueCertificate, makeAuthority, type Pair } from '../src/tls/certificates.ts'
import { keepPair } from '../src/tls/kept-pair.ts'
import { openLocalIdentity } from '../src/tls/local-identity.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import { rawAsk } from './support/raw-http.ts'

const day = 86_400_000

/** A request over TLS by somebody who trusts `ca` alone. */
async function ask(url: string, ca: string, options: RequestOptions = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(url, { ca, agent: false, ...options }, resolve)
    .on('error', reject)
    .end()
  const answer = await promise
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

/** What a listener shows of itself. */
async function shownBy(url: string, servername = 'localhost'): Promise<DetailedPeerCertificate> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), servername, rejectUnauthorized: false })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  const shown = socket.getPeerCertificate(true)
  socket.destroy()
  return shown
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  server.close()
  await once(server, 'close')
  return port
}

async function authorityOf(dataDir: string): Promise<string> {
  const kept = await readFile(join(dataDir, 'tls/authority.pem'), 'utf8')
  return kept.slice(0, kept.indexOf('-----BEGIN PRIVATE KEY'))
}

describe('PINYON_TLS=local', () => {
  let app: TestApp
  let ca: string
  let free: { api: number; gateway: number }
  beforeAll(async () => {
    free = { api: await freePort(), gateway: await freePort() }
    app = await startTestApp({
      env: {
        PINYON_TLS: 'local',
        PINYON_API_LISTEN: `127.0.0.1:${free.api}`,
        PINYON_GATEWAY_LISTEN: `127.0.0.1:${free.gateway}`,
        PINYON_API_URL: 'https://pin.example.test',
        PINYON_GATEWAY_URL: 'https://gate.example.test',
      },
    })
    ca = await authorityOf(app.dataDir)
  })
  afterAll(() => app.close())

  it('answers on both listeners under every name of this machine and of the settings', async () => {
    const { api, gateway } = free
    for (const servername of ['localhost', 'pin.example.test', 'bafkqabtimvwgy3yk.ipfs.localhost']) {
      const { status } = await ask(`https://127.0.0.1:${api}/health/ready`, ca, { servername })
      expect(status, servername).toBe(200)
    }
    for (const servername of ['gate.example.test', 'bafkqabtimvwgy3yk.ipfs.gate.example.test'])
      expect((await ask(`https://127.0.0.1:${gateway}/`, ca, { servername })).status, servername).toBe(404)
    // By its address, which is no server name.
    expect((await ask(`https://127.0.0.1:${api}/health/ready`, ca)).body).toBe('{"status":"ready"}')
    await expect(ask(`https://127.0.0.1:${api}/`, ca, { servername: 'other.example.test' })).rejects.toThrow('altnames')
  })

  it('binds named hosts to TLS, also with refusals, and leaves the other ports of localhost alone', async () => {
    const { api, gateway } = free
    const named = { servername: 'pin.example.test', headers: { host: 'pin.example.test' } }
    expect((await ask(`https://127.0.0.1:${api}/v3/files/public`, ca, named)).headers).toMatchObject({
      'strict-transport-security': 'max-age=31536000',
    })
    const gate = { servername: 'gate.example.test', headers: { host: 'gate.example.test' } }
    expect((await ask(`https://127.0.0.1:${gateway}/`, ca, gate)).headers).toHaveProperty('strict-transport-security')
    for (const [host, port] of [
      ['localhost:8400', api],
      ['x.ipfs.localhost', gateway],
    ] as const)
      expect((await ask(`https://127.0.0.1:${port}/`, ca, { headers: { host } })).headers).not.toHaveProperty(
        'strict-transport-security',
      )
  })

  it('says in words that HTTPS is spoken to whoever speaks HTTP, and serves nothing', async () => {
    const { api, gateway } = free
    const refused = await rawAsk(`http://127.0.0.1:${api}`, 'GET', '/health/ready', {})
    expect(refused.status).toBe(400)
    expect(JSON.parse(refused.text)).toEqual({
      error: {
        code: 400,
        message: `HTTPS is spoken here, and this request came without. Write https:// in place of http://: https://127.0.0.1:${api}`,
        reason: 'INVALID_REQUEST',
      },
    })
    const post = await rawAsk(`http://127.0.0.1:${api}`, 'POST', '/pinning/pinJSONToIPFS', {}, 'x'.repeat(300_000))
    expect(post.status).toBe(400)
    const gate = await rawAsk(`http://127.0.0.1:${gateway}`, 'GET', '/ipfs/bafkqabtimvwgy3yk', {})
    expect([gate.status, gate.headers['content-type']]).toEqual([400, 'text/plain; charset=utf-8'])
    expect(gate.text).toContain(`https://127.0.0.1:${gateway}`)
  })

  it('keeps authority and certificate where only their owner reads', async () => {
    const dir = join(app.dataDir, 'tls')
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    expect((await readdir(dir)).toSorted()).toEqual(['authority.pem', 'server.pem'])
    for (const file of await readdir(dir)) expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600)
    expect(app.log()).not.toContain('PRIVATE')
  })

  it('shows the same certificate after a restart', async () => {
    const before = await shownBy(`https://127.0.0.1:${free.api}`)
    await app.reopen()
    expect((await shownBy(`https://127.0.0.1:${free.api}`)).fingerprint256).toBe(before.fingerprint256)
  })
})

describe('the certificate of the installation', () => {
  let dir: string
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('is renewed when it has less than 30 days left, while its authority stays', async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-tls-'))
    let now = Date.UTC(2026, 0, 1)
    const deps = { clock: { now: () => now }, log: { info: () => undefined } as never } // what is said is of no interest
    const identity = await openLocalIdentity(deps, { dataDir: dir, names: ['localhost'] })
    const told: Pair[] = []
    identity.onChange((pair) => told.push(pair))
    const first = new X509Certificate(identity.pair.cert)
    const authority = await authorityOf(dir)
    now += 59 * day
    await identity.renewIfDue()
    expect(told).toEqual([])
    now += 2 * day
    await identity.renewIfDue()
    const second = new X509Certificate(identity.pair.cert)
    expect(told).toEqual([identity.pair])
    expect(second.validToDate.getTime() - first.validToDate.getTime()).toBe(61 * day)
    expect(await authorityOf(dir)).toBe(authority)
    expect(second.checkIssued(new X509Certificate(authority))).toBe(true)
    identity.close()
    // Ten years on there is another authority, and a certificate of its own.
    now += 3_500 * day
    const later = await openLocalIdentity(deps, { dataDir: dir, names: ['localhost'] })
    expect(await authorityOf(dir)).not.toBe(authority)
    expect(new X509Certificate(later.pair.cert).checkIssued(new X509Certificate(await authorityOf(dir)))).toBe(true)
    later.close()
  })

  it('is made anew when a name is missing in it', async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-tls-'))
    const deps = { clock: systemClock, log: { info: () => undefined } as never } // as above
    const open = async (names: string[]) => {
      const identity = await openLocalIdentity(deps, { dataDir: dir, names })
      identity.close()
      return identity.pair.cert
    }
    const first = await open(['localhost', '127.0.0.1', '*.ipfs.localhost'])
    expect(await open(['127.0.0.1'])).toBe(first)
    for (const name of ['pin.example.test', '10.0.0.7', '*.ipfs.gate.example.test'])
      expect(new X509Certificate(await open([name])).fingerprint256, name).not.toBe(
        new X509Certificate(first).fingerprint256,
      )
  })
})

describe('PINYON_TLS=files', () => {
  let dir: string
  let app: TestApp
  let authority: Pair
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'pinyon-tls-'))
    authority = await makeAuthority('Somebody', Date.now())
    const { cert, key } = await issueCertificate(authority, ['localhost'], Date.now())
    await keepPair(join(dir, 'cert.pem'), { cert, key: '' }, { once: false })
    await keepPair(join(dir, 'key.pem'), { cert: '', key }, { once: false })
    app = await startTestApp({ env: { PINYON_TLS: `files:${dir}/cert.pem,${dir}/key.pem` } })
  })
  afterAll(async () => {
    await app.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('shows the certificate of the files, and another one once both files have changed', async () => {
    const before = await shownBy(app.apiUrl)
    const { status } = await ask(app.apiUrl.replace('127.0.0.1', 'localhost'), authority.cert, { method: 'OPTIONS' })
    expect(status).toBe(204)
    const next = await issueCertificate(authority, ['localhost'], Date.now())
    await keepPair(join(dir, 'cert.pem'), { cert: next.cert, key: '' }, { once: false })
    // A certificate without its key is none: the one before stays until the key follows.
    await vi.waitFor(() => expect(app.log()).toContain('cannot be used, the one before stays'), { timeout: 60_000 })
    expect((await shownBy(app.apiUrl)).fingerprint256).toBe(before.fingerprint256)
    await keepPair(join(dir, 'key.pem'), { cert: '', key: next.key }, { once: false })
    await vi.waitFor(() => expect(app.log()).toContain('was read again'), { timeout: 60_000 })
    expect((await shownBy(app.apiUrl)).fingerprint256).toBe(new X509Certificate(next.cert).fingerprint256)
  })

  it('refuses to start with a key of another certificate, and says so', async () => {
    await cp(join(dir, 'cert.pem'), join(dir, 'other.pem'))
    const other = await issueCertificate(authority, ['localhost'], Date.now())
    await keepPair(join(dir, 'other-key.pem'), { cert: '', key: other.key }, { once: false })
    await expect(startTestApp({ env: { PINYON_TLS: `files:${dir}/other.pem,${dir}/other-key.pem` } })).rejects.toThrow(
      /PINYON_TLS: the certificate cannot be used: the key in .*other-key.pem is not that/,
    )
    await expect(startTestApp({ env: { PINYON_TLS: `files:${dir}/none.pem,${dir}/key.pem` } })).rejects.toThrow(
      /PINYON_TLS: .*none.pem/,
    )
  })
})
