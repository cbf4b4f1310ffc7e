import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { passthroughMapper } from '@libp2p/kad-dht'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { sha256Multihash } from '../src/ipfs/multihash.ts'
import { Announcements } from '../src/ipfs/node/announcements.ts'
import { BlockSession } from '../src/ipfs/node/block-session.ts'
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
      dht: { peerInfoMapper: passthroughMapper, clientMode: false },
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

describe('the DHT', () => {
  it('leads from a root to who announced it', async () => {
    const { second, third } = await join3()
    const root: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([Buffer.from('announced')]) }
    const announcements = new Announcements(second)
    await announcements.announce(root, AbortSignal.timeout(15_000))

    const signal = AbortSignal.timeout(15_000)
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
