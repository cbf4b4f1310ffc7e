import { expect, describe, it } from 'vitest'
import { sha256Multihash } from '../multihash.ts'
import { openNodeKey } from './node-key.ts'
import { NoSource } from './node.ts'
import { nodeSuite } from './node.suite.ts'
import { openOffNode } from './off-node.ts'

const settings = {
  listen: ['/ip4/127.0.0.1/tcp/8401', '/ip4/127.0.0.1/tcp/8402/ws'],
  announce: [],
  network: 'local',
  dialPrivate: [],
  deny: [],
  gateways: [],
} as const
const peerId = '12D3KooWPeer'

describe('the node that is off', () => {
  nodeSuite(async ({ keys, gateways = [] }) => openOffNode({ ...settings, gateways }, await openNodeKey(keys)))

  it('gives one address: the first it would listen on, or that is announced', () => {
    expect(openOffNode(settings, { peerId }).delegates()).toEqual([`/ip4/127.0.0.1/tcp/8401/p2p/${peerId}`])
    const announce = ['/dns4/pin.example.org/tcp/443/wss/p2p/12D3KooWOther', '/ip4/203.0.113.7/tcp/1']
    expect(openOffNode({ ...settings, announce }, { peerId }).delegates()).toEqual([
      `/dns4/pin.example.org/tcp/443/wss/p2p/${peerId}`,
    ])
  })

  it('says at once that it has nobody to ask', async () => {
    const cid = { version: 1, codec: 0x55, multihash: sha256Multihash([Buffer.from('nobody has this')]) } as const
    const node = openOffNode(settings, { peerId })
    await using fetch = node.openFetch({ root: cid, origins: [], signal: new AbortController().signal })
    await expect(fetch.get(cid)).rejects.toThrow(NoSource)
  })
})
