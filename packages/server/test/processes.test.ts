import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { allow, deny } from '../src/admin-denials.ts'
import { rebuildIndex, resetPassword, setQuota, verify } from '../src/admin.ts'
import type { KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { uploadTo } from './support/upload-to.ts'

/** Promised bound of everything that another process has to learn. */
const heardMs = 1_000

/** The node listens where nobody can know before. */
const ipfs = { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' }

it('say that no process runs the IPFS node where none does', { timeout: 120_000 }, async () => {
  const installation = await makeInstallation()
  onTestFinished(() => installation.close())
  const process = await installation.start(['api', 'gateway', 'worker'], ipfs)
  const key = await installation.setUp(process)
  const { body } = await process.ask('GET', '/pinyon/v1/operator/health', { key })
  expect(body.findings).toContainEqual({
    part: 'node',
    severity: 'warn',
    message: 'Nothing is fetched from the IPFS network.',
    help: expect.stringContaining('start one whose PINYON_ROLES include node'),
  })
})

describe('three processes of one installation', () => {
  let installation: Installation
  let api: Process
  let gateway: Process
  let both: Process
  let key: KeyValues & { readonly accountId: string }
  let metricsUrl: string
  let closedPort: number
  beforeAll(async () => {
    installation = await makeInstallation()
    const [metricsPort, apiPort] = [await freePort(), await freePort()]
    metricsUrl = `http://127.0.0.1:${metricsPort}`
    closedPort = apiPort
    // At once, on an empty directory and an empty database.
    ;[api, gateway, both] = await Promise.all([
      installation.start(['api', 'worker', 'node'], ipfs),
      installation.start(['gateway'], {
        PINYON_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
        PINYON_API_LISTEN: `127.0.0.1:${apiPort}`,
        ...ipfs,
      }),
      installation.start(['api', 'gateway'], ipfs),
    ])
    key = await installation.setUp(api)
  }, 120_000)
  afterAll(() => installation.close())

  it('make what is made once in one of them', async () => {
    const keys = (await readdir(join(installation.dataDir, 'keys'))).toSorted()
    expect(keys.filter((name) => name.endsWith('.json'))).toHaveLength(1)
    expect(keys.filter((name) => name.endsWith('.pem'))).toHaveLength(1)
    const [one, other] = await Promise.all([api, both].map((each) => each.ask('GET', '/.well-known/jwks.json')))
    expect(one?.body).toEqual(other?.body)
    expect((await both.ask('GET', '/pinyon/v1/whoami', { key })).status).toBe(200)
  })

  it('serve what was uploaded to one of them, each in its role', async () => {
    const { cid, id } = await uploadTo(api, key, { name: 'hello.txt', content: 'hello' })
    for (const { gatewayUrl } of [gateway, both]) {
      const read = await fetch(`${gatewayUrl}/ipfs/${cid}`)
      expect([read.status, await read.text()]).toEqual([200, 'hello'])
    }
    const listed = await both.ask('GET', '/v3/files/public', { key })
    expect(listed.body.data.files).toMatchObject([{ id, cid, name: 'hello.txt' }])
  })

  it('do not listen for roles that they do not have, and tell their health beside', async () => {
    await expect(fetch(`http://127.0.0.1:${closedPort}/health/live`)).rejects.toThrow('fetch failed')
    const health = await fetch(`${metricsUrl}/health/ready`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ready' }])
  })

  it('say alike what the node is like that one of them runs, and let no second one run', async () => {
    const facts = async (process: Process) => (await process.ask('GET', '/pinyon/v1/node', { key })).body
    const here = await facts(api)
    expect(here).toMatchObject({ kind: 'embedded', delegates: [expect.stringMatching(/tcp\/[1-9]\d*\/p2p\/12D3/)] })
    // It may have started before the one that runs the node.
    await expect.poll(() => facts(both), { interval: 200 }).toEqual(here)
    const cid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka'
    const pinned = await both.ask('POST', '/psa/pins', { key, json: { cid } })
    expect([pinned.status, pinned.body.delegates]).toEqual([202, here.delegates])
    await expect(installation.start(['node'], ipfs)).rejects.toThrow(/PINYON_ROLES: another process .* runs node/)
  })

  it('refuse a key that another of them revoked within a second', async () => {
    const made = await newKey(api, key)
    for (const process of [api, both]) {
      for (let i = 0; i < 20; i++) expect((await whoAmI(process, made)).status).toBe(200)
    }
    expect((await revoke(both, key, made)).status).toBe(200)
    const revokedAt = performance.now()
    expect((await whoAmI(both, made)).status).toBe(401)
    await expect.poll(async () => (await whoAmI(api, made)).status, { timeout: heardMs, interval: 5 }).toBe(401)
    expect(performance.now() - revokedAt).toBeLessThan(heardMs)
  })

  it('refuse the keys of an account that another of them disabled, and a session that another ended', async () => {
    const invited = await api.ask('POST', '/pinyon/v1/accounts', {
      key,
      json: { name: 'second', email: 'second@example.test' },
    })
    const accepted = await both.ask('POST', '/pinyon/v1/invites/accept', {
      json: { token: invited.body.invite.token, password: 'another horse battery' },
    })
    expect(accepted.status).toBe(201)
    const session = await signIn(both, 'second@example.test', 'another horse battery')
    const cookie = { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
    expect((await api.ask('GET', '/pinyon/v1/sessions/current', { headers: cookie })).status).toBe(200)
    expect((await both.ask('DELETE', '/pinyon/v1/sessions/current', { headers: cookie })).status).toBe(200)
    expect((await api.ask('GET', '/pinyon/v1/sessions/current', { headers: cookie })).status).toBe(401)
    const theirs = accepted.body.key as KeyValues
    expect((await whoAmI(both, theirs)).status).toBe(200)
    const path = `/pinyon/v1/accounts/${invited.body.account.id}`
    expect((await api.ask('PATCH', path, { key, json: { disabled: true } })).status).toBe(200)
    await expect.poll(async () => (await whoAmI(both, theirs)).status, { timeout: heardMs, interval: 5 }).not.toBe(200)
  })

  it('verify at once what another of them signs with a new key, and sign with it', async () => {
    const rotated = await api.ask('POST', '/pinyon/v1/operator/signing-keys', { key })
    expect(rotated.status).toBeLessThan(300)
    const made = await newKey(api, key)
    expect((await whoAmI(both, made)).status).toBe(200)
    const kidOf = ({ JWT }: KeyValues) => JSON.parse(Buffer.from(JWT.split('.')[0] ?? '', 'base64url').toString()).kid
    await expect.poll(async () => kidOf(await newKey(both, key)), { timeout: heardMs, interval: 50 }).toBe(kidOf(made))
    expect((await both.ask('GET', '/.well-known/jwks.json')).body.keys).toHaveLength(2)
  })

  it('show nothing any more of what another of them unpinned, within a second', async () => {
    const shown = async (cid: string) => (await fetch(`${gateway.gatewayUrl}/ipfs/${cid}`)).status
    const one = await uploadTo(api, key, { name: 'one.txt', content: 'unpinned' })
    // Often, so that whatever is remembered is.
    for (let i = 0; i < 5; i++) expect(await shown(one.cid)).toBe(200)
    expect((await both.ask('DELETE', `/v3/files/public/${one.id}`, { key })).status).toBe(200)
    await expect.poll(() => shown(one.cid), { timeout: heardMs, interval: 20 }).toBe(404)
    const large = 'x'.repeat(3_000_000)
    const two = await uploadTo(both, key, { name: 'two.txt', content: large })
    for (let i = 0; i < 3; i++) expect(await shown(two.cid)).toBe(200)
    expect((await api.ask('DELETE', `/v3/files/public/${two.id}`, { key })).status).toBe(200)
    await expect.poll(() => shown(two.cid), { timeout: heardMs, interval: 20 }).toBe(404)
  })

  it('serve nothing that one of them, or the command line, has taken down, within a second', async () => {
    const { cid } = await uploadTo(api, key, { name: 'bad.txt', content: 'to be taken down' })
    const read = async () =>
      Promise.all([gateway, both].map(async ({ gatewayUrl }) => (await fetch(`${gatewayUrl}/ipfs/${cid}`)).status))
    expect(await read()).toEqual([200, 200])
    const json = { cid, reason: 'No.', confirm: true }
    expect((await api.ask('POST', '/pinyon/v1/denials', { key, json })).status).toBe(201)
    await expect.poll(read, { timeout: heardMs, interval: 20 }).toEqual([410, 410])
    const place = { env: { PINYON_DATABASE_URL: installation.databaseUrl }, dataDir: installation.dataDir }
    await allow(place, cid)
    await expect.poll(read, { timeout: heardMs, interval: 20 }).toEqual([200, 200])
    await deny(place, json)
    await expect.poll(read, { timeout: heardMs, interval: 20 }).toEqual([410, 410])
  })

  it('let the machine change accounts beside them, and rebuild nothing', async () => {
    const env = { PINYON_DATABASE_URL: installation.databaseUrl }
    const machine = { env, dataDir: installation.dataDir, apiUrl: api.apiUrl }
    const { token } = await resetPassword(machine, 'owner@example.test')
    const reset = { token, password: 'correct horse battery' }
    expect((await both.ask('POST', '/pinyon/v1/password/reset', { json: reset })).status).toBe(200)
    expect(await setQuota(machine, 'owner@example.test', 10_000_000_000)).toMatchObject({ quotaBytes: 10_000_000_000 })
    expect((await whoAmI(both, key)).body.quota).toMatchObject({ limitBytes: 10_000_000_000 })
    expect(await verify(machine, { all: true })).toMatchObject({ damaged: [] })
    await expect(rebuildIndex(machine, {})).rejects.toMatchObject({ reason: 'SERVER_RUNNING' })
  })

  it('count failed sign-ins together', async () => {
    const statuses = []
    for (let i = 0; i < 12; i++) {
      const process = i % 2 === 0 ? api : both
      statuses.push((await signIn(process, 'owner@example.test', 'a wrong password')).status)
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(10)
    expect(statuses.slice(10)).toEqual([429, 429])
  })
})

function signIn(process: Process, email: string, password: string) {
  return process.ask('POST', '/pinyon/v1/sessions', {
    json: { email, password },
    headers: { 'sec-fetch-site': 'same-origin' },
  })
}

function whoAmI(process: Process, key: KeyValues) {
  return process.ask('GET', '/pinyon/v1/whoami', { key })
}

async function newKey(process: Process, by: KeyValues): Promise<KeyValues> {
  const { status, body } = await process.ask('POST', '/v3/pinata/keys', {
    key: by,
    json: { keyName: 'test', permissions: { admin: true } },
  })
  if (status !== 200) throw new Error(`key creation answered ${status}: ${JSON.stringify(body)}`)
  return body as KeyValues
}

function revoke(process: Process, by: KeyValues, { pinata_api_key: publicPart }: KeyValues) {
  return process.ask('PUT', `/v3/pinata/keys/${publicPart}`, { key: by })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('A TCP listener has a port')
  return address.port
}
