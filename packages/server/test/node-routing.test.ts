import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passthroughMapper } from '@libp2p/kad-dht'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { sha256Multihash } from '../src/ipfs/multihash.ts'
import { findIpnsName } from '../src/ipfs/names/ipns-name.ts'
import { verifyIpnsRecord } from '../src/ipfs/names/ipns-record.ts'
import { makeIpnsRecord } from '../src/ipfs/names/make-record.ts'
import { nameKeyOf } from '../src/ipfs/names/name-key.ts'
import { Announcements } from '../src/ipfs/node/announcements.ts'
import { BlockSession } from '../src/ipfs/node/block-session.ts'
import { DhtRecords } from '../src/ipfs/node/dht-records.ts'
import { Exchange } from '../src/ipfs/node/exchange.ts'
import { findProviders } from '../src/ipfs/node/find-providers.ts'
import { openLibp2p } from '../src/ipfs/node/libp2p.ts'
import { openNodeKey } from '../src/ipfs/node/node-key.ts'

/** A DHT of our own on loopback, whose addresses are believed. */
async function join3() {
  const peers = []
  for (let number = 0; number < 3; number++) {
    const keys = await mkdtemp(join(tmpdir(), 'pinyon-node-'))
    onTestFinished(() => rm(keys, { recursive: true }))
    const libp2p = await openLibp2p({
      key: await openNodeKey(keys),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      gater: { denyDialMultiaddr: () => false },
      isPublic: true,
      // On loopback nobody finds out that it can be reached, so it is said.
      dht: {
        peerInfoMapper: passthroughMapper,
        clientMode: false,
        validators: { ipns: (key, record) => verifiedRecord(key, record) },
        selectors: { ipns: () => 0 },
      },
    })
    onTestFinished(() => libp2p.stop())
    peers.push(libp2p)
  }
  const [first, second, third] = peers
  if (first === undefined || second === undefined || third === undefined) throw new Error('Not all were made')
  await second.dial(first.getMultiaddrs())
  await third.dial(first.getMultiaddrs())
  return { first, second, third }
}

/** As every peer of the public DHT holds a record against its key before it takes it. */
async function verifiedRecord(key: Uint8Array, record: Uint8Array): Promise<void> {
  await verifyIpnsRecord(record, { multihash: key.subarray('/ipns/'.length) }, Date.now())
}

describe('the DHT', { timeout: 180_000 }, () => {
  it('gives the record of a name to whoever looks it up, and takes none that is not valid', async () => {
    const { second, third } = await join3()
    const key = nameKeyOf(Buffer.alloc(32, 9))
    const name = findIpnsName(key.name)
    if (name === undefined) throw new Error('the name cannot be read')
    const fields = { value: '/ipfs/bafkqaaa', sequence: 1, ttlMs: 0 }
    const record = makeIpnsRecord(key, { ...fields, validUntil: Date.now() + 3_600_000 })
    const records = new DhtRecords(second)
    expect(await records.publish(name.multihash, record, AbortSignal.timeout(60_000))).toBeGreaterThan(0)
    const found = await new DhtRecords(third).find(name.multihash, AbortSignal.timeout(60_000))
    expect(Buffer.from(found ?? '')).toEqual(Buffer.from(record))
    const ended = makeIpnsRecord(key, { ...fields, validUntil: Date.now() - 1 })
    expect(await records.publish(name.multihash, ended, AbortSignal.timeout(60_000))).toBe(0)
  })

  it('leads from a root to who announced it', async () => {
    const { second, third } = await join3()
    const root: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([Buffer.from('announced')]) }
    const announcements = new Announcements(second)
    await announcements.announce(root, AbortSignal.timeout(60_000))

    const signal = AbortSignal.timeout(60_000)
    const session = new BlockSession({ exchange: new Exchange(), signal })
    onTestFinished(() => session[Symbol.asyncDispose]())
    const attached: string[] = []
    await findProviders(
      third,
      { isConnected: () => false, attach: (peerId) => void attached.push(peerId.toString()) },
      session,
      { root, signal },
    )
    expect(attached).toEqual([second.peerId.toString()])
  })
})
