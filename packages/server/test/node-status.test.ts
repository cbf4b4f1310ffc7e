import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { startHeliaPeer } from './support/helia-peer.ts'
import { openNode } from './support/node-place.ts'

const listen = '/ip4/127.0.0.1/tcp/0,/ip4/127.0.0.1/tcp/0/ws'

describe.each(databases)('the state of the node (%s)', (database) => {
  let app: TestApp
  let operator: KeyValues
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: listen } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  it('tells addresses, peers and who may reach it', async () => {
    const helia = await startHeliaPeer()
    onTestFinished(() => helia.close())
    await helia.connect(app.services.node.delegates()[0] ?? '')
    const { status, body } = await app.ask('GET', '/pinyon/v1/node', { key: operator })
    expect(status).toBe(200)
    expect(body).toMatchObject({ kind: 'embedded', network: 'local', peerId: app.services.node.peerId, peers: 1 })
    expect(body.listens).toHaveLength(2)
    expect(body.delegates).toEqual(body.announces.map((address: string) => `${address}/p2p/${body.peerId}`))
    expect(body.reachability.state).toBe('local')
    expect(body.reachability.message).toContain('PINYON_IPFS_NETWORK=public')
    await expect
      .poll(async () => (await app.ask('GET', '/pinyon/v1/node/peers', { key: operator })).body.peers)
      .toEqual([
        {
          peerId: helia.peerId,
          address: expect.any(String),
          direction: 'inbound',
          agent: expect.stringContaining('js-libp2p'),
        },
      ])
  })

  it('shows peers to operators only', async () => {
    const other = await app.makeAccount(operator, `other-${database}`)
    expect((await app.ask('GET', '/pinyon/v1/node', { key: other })).body.peers).toBeNull()
    expect((await app.ask('GET', '/pinyon/v1/node/peers', { key: other })).status).toBe(403)
    expect((await app.ask('GET', '/pinyon/v1/node')).status).toBe(401)
    const files = await app.makeKey(operator, { endpoints: { files: { list: true } } })
    expect((await app.ask('GET', '/pinyon/v1/node', { key: files })).status).toBe(403)
  })
})

describe('whether others can reach the node', () => {
  it('says that it is off', async () => {
    const app = await startTestApp()
    onTestFinished(() => app.close())
    const { body } = await app.ask('GET', '/pinyon/v1/node', { key: await app.setUp() })
    expect(body).toMatchObject({ kind: 'off', listens: [], reachability: { state: 'off' } })
    expect(body.delegates).toHaveLength(1)
  })

  it('says that only private addresses are announced', async () => {
    const { node } = await openNode({ settings: { network: 'public' }, bootstrap: [] })
    const found = await node.reachability()
    expect(found.state).toBe('private-address')
    expect(found.message).toContain('PINYON_IPFS_ANNOUNCE')
  })

  it('does not start on a port that is taken, and says which setting to change', async () => {
    const { node } = await openNode()
    const taken = node.listens()[0] ?? ''
    const env = { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: taken }
    await expect(startTestApp({ env })).rejects.toThrow(/PINYON_IPFS_LISTEN: .* cannot be listened on/)
  })

  it('takes the network that was chosen at set-up, from the next start on', async () => {
    const app = await startTestApp({ env: { PINYON_IPFS: 'off' } })
    onTestFinished(() => app.close())
    expect(app.services.node.network).toBe('local')
    const token = (await readFile(join(app.dataDir, 'setup-token'), 'utf8')).trim()
    const setUp = { token, email: 'owner@example.test', password: 'correct horse battery', network: 'public' }
    expect((await app.ask('POST', '/pinyon/v1/setup', { json: setUp })).status).toBe(201)
    await app.reopen()
    expect(app.services.node.network).toBe('public')
    expect(app.services.node.delegates()[0]).toContain('/tcp/8401/')
  })
})
