import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { formatCid, parseCid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { multihashOf, sha256Multihash } from '../src/ipfs/multihash.ts'
import { usualTimes } from '../src/ipfs/node/session-times.ts'
import { type IpfsNode, NoSource } from '../src/ipfs/node/node.ts'
import { type GoPeer, startGoPeer } from './support/go-peer.ts'
import { type HeliaPeer, startHeliaPeer } from './support/helia-peer.ts'
import { fetchDag, openNode } from './support/node-place.ts'

/** Nobody is waited for longer than a test wants. */
const impatient = { ...usualTimes, patienceMs: 0 }

describe('fetching from the network', () => {
  let go: GoPeer
  let other: GoPeer
  let helia: HeliaPeer
  beforeAll(async () => {
    go = await startGoPeer()
    other = await startGoPeer()
    helia = await startHeliaPeer()
  }, 240_000)
  afterAll(async () => {
    go.close()
    other.close()
    await helia.close()
  })

  const fetch = (node: IpfsNode, cid: string, origins: readonly string[]) => {
    const opened = node.openFetch({ root: parseCid(cid), origins, signal: AbortSignal.timeout(15_000) })
    onTestFinished(() => opened[Symbol.asyncDispose]())
    return opened
  }

  it.each([
    ['TCP', 0],
    ['WebSocket', 1],
  ])('gets what only a Go peer has, by its address over %s', async (_, index) => {
    const { node } = await openNode()
    const { cid } = await go.add(3_000_000, { seed: 10 + index })
    const opened = fetch(node, cid, [go.addresses[index] ?? ''])
    const blocks = await fetchDag(opened, cid)
    expect(blocks.size).toBe(13)
    for (const [key, bytes] of blocks) {
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(key.slice(4))
    }
    expect(opened.tried).toContainEqual({ source: go.addresses[index], outcome: 'connected', blocks: 0 })
    expect(opened.tried).toContainEqual({ source: go.peerId, outcome: 'gave', blocks: 13 })
  })

  it('gets what only a peer has that dialled a delegate', async () => {
    const { node } = await openNode()
    const { cid } = await go.add(1_000_000, { seed: 20 })
    await go.connect(node.delegates()[0] ?? '')
    expect((await fetchDag(fetch(node, cid, []), cid)).size).toBe(5)
    await go.disconnect()
  })

  it('says of no address that it led to a peer which was connected already', async () => {
    const { node } = await openNode()
    const { cid } = await go.add(100_000, { seed: 21 })
    await go.connect(node.delegates()[0] ?? '')
    const opened = fetch(node, cid, [`/ip4/10.1.2.3/tcp/4001/p2p/${go.peerId}`])
    await fetchDag(opened, cid)
    expect(opened.tried).toEqual([{ source: go.peerId, outcome: 'gave', blocks: 1 }])
    await go.disconnect()
  })

  it('gets what only a Helia peer has, by origin and by delegate', async () => {
    const { node } = await openNode()
    const content = Buffer.alloc(2_500_000, 'helia ')
    const cid = (await helia.files.addBytes(content)).toString()
    expect((await fetchDag(fetch(node, cid, [helia.addresses[1] ?? '']), cid)).size).toBeGreaterThan(1)

    const second = await openNode()
    await helia.connect(second.node.delegates()[1] ?? '')
    expect((await fetchDag(fetch(second.node, cid, []), cid)).size).toBeGreaterThan(1)
  })

  it.each([0x12, 0x13, 0x16, 0xb260])('takes blocks by hash function 0x%s', async (code) => {
    const { node } = await openNode()
    const bytes = Buffer.from(`addressed by ${code}`)
    const cid = { version: 1, codec: codecs.raw, multihash: multihashOf(code, bytes)! } as const // all of these are accepted
    await go.put(formatCid(cid), bytes)
    expect(Buffer.from(await fetch(node, formatCid(cid), go.addresses).get(cid))).toEqual(bytes)
  })

  it('tells which sources had nothing, and gives up when nobody is left', async () => {
    const { node } = await openNode({ times: impatient })
    const absent = { version: 1, codec: codecs.raw, multihash: sha256Multihash([Buffer.from('nobody')]) } as const
    const gone = `/ip4/127.0.0.1/tcp/1/p2p/${other.peerId}`
    const quic = `/ip4/127.0.0.1/udp/4001/quic-v1/p2p/${go.peerId}`
    const opened = fetch(node, formatCid(absent), [
      gone,
      quic,
      'nonsense',
      '/ip4/127.0.0.1/tcp/4001',
      go.addresses[0] ?? '',
    ])
    await expect(opened.get(absent)).rejects.toThrow(NoSource)
    const tried = new Map(opened.tried.map(({ source, outcome, detail }) => [source, { outcome, detail }]))
    expect(tried.get(gone)).toEqual({
      outcome: 'unreachable',
      detail: expect.stringContaining('ECONNREFUSED') as unknown,
    })
    expect(tried.get(quic)?.outcome).toBe('not-understood')
    expect(tried.get('nonsense')?.outcome).toBe('not-understood')
    expect(tried.get('/ip4/127.0.0.1/tcp/4001')).toEqual({
      outcome: 'not-understood',
      detail: 'it does not end in /p2p/ID',
    })
    expect(tried.get(go.peerId)?.outcome).toBe('has-not')
  })

  it('does not wait for an address that nobody answers at', async () => {
    const { node } = await openNode({ settings: { dialPrivate: ['192.0.2.0/24'] } })
    const { cid } = await go.add(500_000, { seed: 30 })
    const dead = `/ip4/192.0.2.1/tcp/4001/p2p/${other.peerId}`
    const begun = performance.now()
    await fetchDag(fetch(node, cid, [dead, go.addresses[0] ?? '']), cid)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  it('goes on with a second provider when the first disappears', async () => {
    const { node } = await openNode()
    const first = await startGoPeer()
    onTestFinished(() => first.close())
    const { cid } = await first.add(30_000_000, { seed: 40 })
    await other.add(30_000_000, { seed: 40 })
    const opened = fetch(node, cid, [first.addresses[0] ?? '', other.addresses[0] ?? ''])
    await opened.get(parseCid(cid))
    first.close()
    expect((await fetchDag(opened, cid)).size).toBe(116)
  })

  it('dials an origin again that went away', async () => {
    const { node } = await openNode()
    const { cid } = await go.add(2_000_000, { seed: 50 })
    const opened = fetch(node, cid, [go.addresses[0] ?? ''])
    await opened.get(parseCid(cid))
    await go.disconnect()
    await expect.poll(() => node.peers().length).toBe(0)
    const leftAt = performance.now()
    expect((await fetchDag(opened, cid)).size).toBe(9)
    expect(performance.now() - leftAt).toBeLessThan(3_000)
  })

  it('stops asking for what is not wanted any more', async () => {
    const { node } = await openNode()
    const bytes = Buffer.from('comes late')
    const cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([bytes]) } as const
    const opened = fetch(node, formatCid(cid), [go.addresses[0] ?? ''])
    const stop = new AbortController()
    const waiting = opened.get(cid, stop.signal)
    stop.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await go.put(formatCid(cid), bytes)
    expect(Buffer.from(await opened.get(cid))).toEqual(bytes)
  })
})
