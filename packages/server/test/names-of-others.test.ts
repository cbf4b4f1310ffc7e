import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCid } from '../src/ipfs/cid.ts'
import { formatIpnsName } from '../src/ipfs/names/ipns-name.ts'
import type { IpfsNode } from '../src/ipfs/node/node.ts'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { makePublisher, type Publisher } from './support/ipns-record.ts'
import { openNode } from './support/node-place.ts'
import { rawAsk } from './support/raw-http.ts'

const listen = '/ip4/127.0.0.1/tcp/0'
/** The machine may be busy. */
const patient = { timeout: 60_000, interval: 200 }
const unheld = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'

describe.each(databases)('names that others publish on %s', { timeout: 120_000 }, (database) => {
  /** What the gateway that the operator named answers, by path; 404 otherwise. */
  const records = new Map<string, Uint8Array>()
  const gateway = createServer((request, response) => {
    const record = records.get(request.url ?? '')
    response.statusCode = record === undefined ? 404 : 200
    response.end(record)
  })
  let ahead = 0
  let app: TestApp
  let first: Uploaded
  let second: Uploaded

  beforeAll(async () => {
    gateway.listen(0, '127.0.0.1')
    await once(gateway, 'listening')
    const { port } = gateway.address() as AddressInfo // it listens on TCP
    app = await startTestApp({
      database,
      nameSource: 'system',
      clock: { now: () => Date.now() + ahead },
      env: {
        PINYON_IPFS: 'embedded',
        PINYON_IPFS_LISTEN: listen,
        PINYON_IPFS_GATEWAYS: `http://127.0.0.1:${port}`,
      },
    })
    const key = await app.setUp()
    first = await upload(app, key, [['a.txt', 'the first']])
    second = await upload(app, key, [['b.txt', 'the second']])
  }, 120_000)
  afterAll(async () => {
    await app.close()
    gateway.close()
  })

  /** Another node of the same kind, which has dialled ours. */
  async function openPeer(): Promise<IpfsNode> {
    const { node: peer } = await openNode()
    const fetch = peer.openFetch({
      root: parseCid(unheld),
      origins: app.services.node.delegates(),
      signal: AbortSignal.timeout(60_000),
    })
    await expect.poll(() => peer.peers(), patient).toHaveLength(1)
    await fetch[Symbol.asyncDispose]()
    return peer
  }

  // However far the tests move the clock.
  const validUntil = Date.now() + 365 * 86_400_000
  const give = async (peer: IpfsNode, publisher: Publisher, options: Parameters<Publisher['sign']>[0]) => {
    const record = await publisher.sign({ validUntil, ...options })
    await peer.publishRecord(publisher.name.multihash, record, AbortSignal.timeout(60_000))
  }
  /** What is read when this much time has passed; a slow look-up goes on with what is known. */
  const readAfter = async (ms: number, publisher: Publisher) => {
    ahead += ms
    return (await read(publisher)).text
  }
  const read = (publisher: Publisher) => rawAsk(app.gatewayUrl, 'GET', `/ipns/${formatIpnsName(publisher.name)}`)

  it('are looked up from the peers of the node, kept for their TTL, and never go back', async () => {
    const peer = await openPeer()
    const publisher = await makePublisher()
    await give(peer, publisher, { value: `/ipfs/${first.cid}`, sequence: 5n, ttlMs: 600_000 })
    const status = async () => {
      ahead += 11_000 // so long it is remembered that there was nothing
      return (await read(publisher)).status
    }
    await expect.poll(status, patient).toBe(200)
    const shown = await read(publisher)
    expect([shown.text, shown.headers['cache-control']]).toEqual(['the first', 'public, max-age=600'])

    await give(peer, publisher, { value: `/ipfs/${second.cid}`, sequence: 6n, ttlMs: 600_000 })
    expect((await read(publisher)).text).toBe('the first')
    await expect.poll(() => readAfter(600_000, publisher), patient).toBe('the second')
    await give(peer, publisher, { value: `/ipfs/${first.cid}`, sequence: 4n })
    expect(await readAfter(600_000, publisher)).toBe('the second')
    await peer.close()
    expect(await readAfter(600_000, publisher)).toBe('the second')
  })

  it('are believed of nobody but their owner, and open nothing that no public pin has', async () => {
    const peer = await openPeer()
    const known = await makePublisher()
    await give(peer, known, { value: `/ipfs/${unheld}` })
    const poll = async () => {
      ahead += 11_000
      return (await read(known)).status
    }
    await expect.poll(poll, patient).toBe(404)
    for (const wrong of [{ forged: true }, { unsigned: true }, { validUntil: Date.now() - 1 }]) {
      const publisher = await makePublisher()
      await give(peer, publisher, { value: `/ipfs/${first.cid}`, ...wrong })
      const { status, headers } = await read(publisher)
      expect([wrong, status, headers['cache-control']]).toEqual([wrong, 500, 'no-store'])
    }
  })

  it('come from gateways of the operator too, and the newest that is valid counts', async () => {
    const peer = await openPeer()
    const [one, other] = [await makePublisher(), await makePublisher()]
    const path = ({ name }: Publisher) => `/ipns/${formatIpnsName(name)}?format=ipns-record`
    records.set(path(one), await one.sign({ value: `/ipfs/${first.cid}`, sequence: 1n, validUntil }))
    records.set(path(other), await other.sign({ value: `/ipfs/${first.cid}`, sequence: 9n, forged: true, validUntil }))
    await expect.poll(() => readAfter(61_000, one), patient).toBe('the first')
    await give(peer, one, { value: `/ipfs/${second.cid}`, sequence: 2n })
    await give(peer, other, { value: `/ipfs/${second.cid}`, sequence: 2n })
    for (const publisher of [one, other])
      await expect.poll(() => readAfter(61_000, publisher), patient).toBe('the second')
  })

  it('are not kept here for others', async () => {
    const [peer, third] = [await openPeer(), await openPeer()]
    const publisher = await makePublisher()
    await give(peer, publisher, { value: `/ipfs/${first.cid}` })
    await peer.close()
    expect(await third.findRecord(publisher.name.multihash, AbortSignal.timeout(60_000))).toBeUndefined()
  })
})

it('are looked up for the other processes of the gateway', { timeout: 180_000 }, async () => {
  const app = await startTestApp({
    nameSource: 'system',
    gatewayProcesses: 2,
    env: { PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: listen },
  })
  try {
    const key = await app.setUp()
    const { cid } = await upload(app, key, [['a.txt', 'of a name']])
    const publisher = await makePublisher()
    const record = await publisher.sign({ value: `/ipfs/${cid}` })
    app.services.node.findRecord = async () => record
    await expect.poll(() => app.log(), patient).toContain('a process of the gateway serves')
    const asked = { here: 0, there: 0 }
    const resolve = app.services.names.getRecord.bind(app.services.names)
    app.services.names.getRecord = (name) => {
      asked.here++
      return resolve(name)
    }
    await expect
      .poll(async () => {
        const before = asked.here
        // A connection of its own each time: whoever is free takes it.
        const { text } = await rawAsk(app.gatewayUrl, 'GET', `/ipns/${formatIpnsName(publisher.name)}`)
        expect(text).toBe('of a name')
        if (asked.here === before) asked.there++
        return asked.here > 0 && asked.there > 0
      }, patient)
      .toBe(true)
  } finally {
    await app.close()
  }
})
