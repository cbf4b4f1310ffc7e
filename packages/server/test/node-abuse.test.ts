import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { sha256Multihash } from '../src/ipfs/multihash.ts'
import { usualTimes } from '../src/ipfs/node/session-times.ts'
import { DialPolicy } from '../src/ipfs/node/dial-policy.ts'
import { Gater } from '../src/ipfs/node/gater.ts'
import { NoSource } from '../src/ipfs/node/node.ts'
import { writeMessage } from '../src/ipfs/node/bitswap/message.ts'
import { type LiarPeer, startLiarPeer } from './support/liar-peer.ts'
import { openNode } from './support/node-place.ts'

const peer = '12D3KooWHFrmLWTTDD4NodngtRMEVYgxrsDMp4F9iSwYntZ9WjHa'
const bytes = randomBytes(20_000)
const wanted: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([bytes]) }
/** Stalls are seen soon, and nobody new is waited for. */
const impatient = { ...usualTimes, stallMs: 1_000, patienceMs: 0 }

async function start(answer: Parameters<typeof startLiarPeer>[0]): Promise<LiarPeer> {
  const liar = await startLiarPeer(answer)
  onTestFinished(() => liar.close())
  return liar
}

/** An honest one that gives the block a moment after it was asked. */
const startHonest = () =>
  start((message, send) => {
    const isAsked = message.wants.some(({ isCancel }) => !isCancel)
    if (isAsked) void send(writeMessage({ blocks: [{ cid: wanted, bytes }] }))
  })

describe('peers that lie', () => {
  const other = randomBytes(20_000)
  const lies: [string, Parameters<typeof startLiarPeer>[0]][] = [
    [
      'sends wrong bytes',
      (message, send) => {
        if (message.wants.length > 0) void send(writeMessage({ blocks: [{ cid: wanted, bytes: other }] }))
      },
    ],
    [
      'sends a block that nobody asked for',
      (message, send) => {
        const cid: Cid = { version: 1, codec: codecs.raw, multihash: sha256Multihash([other]) }
        if (message.wants.length > 0) void send(writeMessage({ blocks: [{ cid, bytes: other }] }))
      },
    ],
    [
      'announces a message of 1 GB',
      (message, send) => {
        if (message.wants.length > 0) void send([Buffer.from([0x80, 0x80, 0x80, 0x80, 0x04]), randomBytes(1_000)])
      },
    ],
    [
      'sends what is no message',
      (message, send) => {
        if (message.wants.length > 0) void send([Buffer.from([3, 0x0a, 0xff, 0xff])])
      },
    ],
    [
      'sends a block above 2 MiB',
      (message, send) => {
        if (message.wants.length > 0)
          void send(writeMessage({ blocks: [{ cid: wanted, bytes: randomBytes(2 * 1024 * 1024 + 1) }] }))
      },
    ],
  ]
  it.each(lies)('drops one that %s, tells so, keeps it away and asks another', async (_, answer) => {
    const { node } = await openNode({ times: impatient })
    const liar = await start(answer)
    const honest = await startHonest()
    const opened = node.openFetch({ root: wanted, origins: liar.addresses, signal: AbortSignal.timeout(15_000) })
    await expect(opened.get(wanted)).rejects.toThrow(NoSource)
    expect(opened.tried.find(({ source }) => source === liar.peerId)?.outcome).toBe('lied')
    await opened[Symbol.asyncDispose]()
    await expect.poll(() => liar.peers()).toBe(0)

    const again = node.openFetch({
      root: wanted,
      origins: [...liar.addresses, ...honest.addresses],
      signal: AbortSignal.timeout(15_000),
    })
    expect(Buffer.from(await again.get(wanted))).toEqual(bytes)
    await again[Symbol.asyncDispose]()
    await liar.connect(node.delegates()[0] ?? '').catch(() => undefined)
    await expect.poll(() => node.peers().map(({ peerId }) => peerId)).not.toContain(liar.peerId)
  })

  it('asks another when one says that it has a block and sends none', async () => {
    const { node } = await openNode({ times: { ...usualTimes, stallMs: 1_000 } })
    const liar = await start((message, send) => {
      if (message.wants.length > 0) void send(writeMessage({ haves: [wanted] }))
    })
    await liar.connect(node.delegates()[0] ?? '')
    await using opened = node.openFetch({ root: wanted, origins: [], signal: AbortSignal.timeout(15_000) })
    const found = opened.get(wanted)
    const honest = await startHonest()
    await honest.connect(node.delegates()[0] ?? '')
    expect(Buffer.from(await found)).toEqual(bytes)
  })

  it('neither lets in nor dials whom the operator keeps away', async () => {
    const honest = await startHonest()
    const byId = await openNode({ settings: { deny: [honest.peerId] }, times: impatient })
    const byRange = await openNode({ settings: { deny: ['127.0.0.0/8'] }, times: impatient })
    for (const { node } of [byId, byRange]) {
      await honest.connect(node.delegates()[0] ?? '').catch(() => undefined)
      await using opened = node.openFetch({
        root: wanted,
        origins: honest.addresses,
        signal: AbortSignal.timeout(15_000),
      })
      await expect(opened.get(wanted)).rejects.toThrow(NoSource)
      expect(opened.tried[0]).toMatchObject({ outcome: 'unreachable' })
      await expect.poll(() => node.peers()).toEqual([])
    }
    const open = await openNode()
    await using opened = open.node.openFetch({
      root: wanted,
      origins: honest.addresses,
      signal: AbortSignal.timeout(15_000),
    })
    expect(Buffer.from(await opened.get(wanted))).toEqual(bytes)
  })

  it('closes the socket of a liar that came by WebSocket, even when it does not', async () => {
    const { node } = await openNode({ times: impatient })
    const [, , , , port] = (node.listens()[1] ?? '').split('/')
    // Between the two, so that it is seen who closes: from the lie on the liar hears nothing more.
    const closed = Promise.withResolvers<void>()
    let isDeaf = false
    const between = createServer((liarSide) => {
      const nodeSide = connect(Number(port), '127.0.0.1')
      liarSide.on('data', (data) => nodeSide.write(data)).on('error', () => undefined)
      nodeSide.on('data', (data) => !isDeaf && liarSide.write(data)).on('error', () => undefined)
      nodeSide.on('close', () => (closed.resolve(), liarSide.destroy()))
    })
    const liar = await start(() => undefined)
    await liar.connect(`/ip4/127.0.0.1/tcp/${await listen(between)}/ws/p2p/${node.peerId}`)
    const lie = liar.send(writeMessage({ blocks: [{ cid: wanted, bytes: other }] }))
    await lie
    isDeaf = true
    await closed.promise
    expect(node.peers()).toEqual([])
  })

  it('is not filled by what one peer wants, and answers others meanwhile', async () => {
    const { node, blocks } = await openNode()
    blocks.add(wanted.multihash, bytes)
    const flooder = await start(() => undefined)
    await flooder.connect(node.delegates()[0] ?? '')
    const wants = Array.from({ length: 50_000 }, (_, number) => ({
      cid: { version: 1, codec: codecs.raw, multihash: sha256Multihash([Buffer.from(`flood ${number}`)]) } as const,
      priority: 1,
      isCancel: false,
      wantsHave: false,
      sendDontHave: true,
    }))
    await flooder.send(writeMessage({ wants }))
    const answered = Promise.withResolvers<void>()
    const asker = await start((message) => {
      if (message.blocks.length > 0) answered.resolve()
    })
    await asker.connect(node.delegates()[0] ?? '')
    const begun = performance.now()
    await asker.send(
      writeMessage({ wants: [{ cid: wanted, priority: 1, isCancel: false, wantsHave: false, sendDontHave: true }] }),
    )
    await answered.promise
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(blocks.reads).toBeLessThan(5_000)
  })
})

describe('addresses that may not be dialled', () => {
  const refused = [
    '/ip4/0.0.0.0/tcp/4001',
    '/ip4/10.1.2.3/tcp/4001',
    '/ip4/100.64.0.1/tcp/4001',
    '/ip4/169.254.169.254/tcp/80',
    '/ip4/172.16.0.1/tcp/4001',
    '/ip4/192.0.0.1/tcp/4001',
    '/ip4/192.168.1.1/tcp/4001/ws',
    '/ip4/198.18.0.1/tcp/4001',
    '/ip4/224.0.0.1/tcp/4001',
    '/ip4/240.0.0.1/tcp/4001',
    '/ip6/::/tcp/4001',
    '/ip6/fc00::1/tcp/4001',
    '/ip6/fe80::1/tcp/4001',
    '/ip6/ff02::1/tcp/4001',
    '/ip6/::ffff:10.0.0.1/tcp/4001',
    '/ip6/64:ff9b::a00:1/tcp/4001',
    '/ip6/2002:a00:1::1/tcp/4001',
  ]
  it.each(refused)('refuses %s and says which rule', async (address) => {
    const { node } = await openNode({ times: impatient })
    const text = `${address}/p2p/${peer}`
    await using opened = node.openFetch({ root: wanted, origins: [text], signal: AbortSignal.timeout(15_000) })
    await expect(opened.get(wanted)).rejects.toThrow(NoSource)
    const [tried] = opened.tried
    expect(tried).toMatchObject({ source: text, outcome: 'refused' })
    expect(tried?.detail).toContain('is not a public address')
  })

  const onLoopback: [string, 'local' | 'public', (port: number) => string][] = [
    ['loopback in network public', 'public', (port) => `/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`],
    ['loopback by WebSocket in network public', 'public', (port) => `/ip4/127.0.0.1/tcp/${port}/ws/p2p/${peer}`],
    ['loopback written as IPv6 in network public', 'public', (port) => `/ip6/::ffff:127.0.0.1/tcp/${port}/p2p/${peer}`],
    ['a name that leads to loopback', 'public', (port) => `/dns4/localhost/tcp/${port}/p2p/${peer}`],
    ['a name that leads to loopback, by WebSocket', 'public', (port) => `/dns/localhost/tcp/${port}/wss/p2p/${peer}`],
    ['loopback without a peer id', 'local', (port) => `/ip4/127.0.0.1/tcp/${port}`],
    ['an HTTP server on loopback', 'local', (port) => `/ip4/127.0.0.1/tcp/${port}/http`],
    ['an HTTP server whose name leads to loopback', 'local', (port) => `/dns4/localhost/tcp/${port}/http`],
    ['an HTTPS server on loopback', 'local', (port) => `/ip4/127.0.0.1/tcp/${port}/https`],
  ]
  it.each(onLoopback)('opens no connection to %s', async (_, network, addressOf) => {
    const connections: unknown[] = []
    const port = await listen(createServer((socket) => void connections.push(socket.destroy())))
    const { node } = await openNode({ settings: { network }, times: { ...impatient }, bootstrap: [] })
    const stop = AbortSignal.timeout(3_000)
    const opened = node.openFetch({ root: wanted, origins: [addressOf(port)], signal: stop })
    await expect(opened.get(wanted)).rejects.toThrow()
    expect(
      opened.tried.map(({ outcome }) => outcome).filter((each) => each === 'connected' || each === 'gave'),
    ).toEqual([])
    expect(opened.tried[0]?.outcome).toMatch(/refused|not-understood/)
    await opened[Symbol.asyncDispose]()
    expect(connections).toEqual([])
  })

  it('follows no redirect to where it may not go', async () => {
    const reached: string[] = []
    const inner = await listen(
      http.createServer((request, response) => void (reached.push(request.url ?? ''), response.end())),
    )
    // 127.1.0.0/16 is allowed and stands for a public server; 127.0.0.1 is not.
    const server = http.createServer((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner}/secret` }).end()
    })
    const outer = await listen(server, '127.1.0.1')
    const { node } = await openNode({ settings: { dialPrivate: ['127.1.0.0/16'] }, times: impatient })
    const text = `/ip4/127.1.0.1/tcp/${outer}/http`
    await using opened = node.openFetch({ root: wanted, origins: [text], signal: AbortSignal.timeout(15_000) })
    await expect(opened.get(wanted)).rejects.toThrow(NoSource)
    expect(opened.tried[0]).toMatchObject({ outcome: 'refused' })
    expect(reached).toEqual([])
  })

  it('dials private ranges that the operator allows', async () => {
    const server = http.createServer((_request, response) => response.end(bytes))
    const port = await listen(server, '127.1.0.1')
    const { node } = await openNode({ settings: { network: 'public', dialPrivate: ['127.1.0.0/16'] }, bootstrap: [] })
    const origins = [`/ip4/127.1.0.1/tcp/${port}/http`]
    await using opened = node.openFetch({ root: wanted, origins, signal: AbortSignal.timeout(15_000) })
    expect(Buffer.from(await opened.get(wanted))).toEqual(bytes)
  })

  it('believes no HTTP server that sends wrong bytes', async () => {
    const port = await listen(
      http.createServer((_request, response) => response.end('wrong')),
      '127.1.0.1',
    )
    const { node } = await openNode({ settings: { dialPrivate: ['127.1.0.1'] }, times: impatient })
    const origins = [`/ip4/127.1.0.1/tcp/${port}/http`]
    await using opened = node.openFetch({ root: wanted, origins, signal: AbortSignal.timeout(15_000) })
    await expect(opened.get(wanted)).rejects.toThrow(NoSource)
    expect(opened.tried[0]?.outcome).toBe('lied')
  })

  // promises.md section 6: routers and gateways that answer 500, 429 or nonsense, slowly or for ever.
  const erring: [string, http.RequestListener, string][] = [
    ['500', (_request, response) => void response.writeHead(500).end('out of order'), 'has-not'],
    ['429', (_request, response) => void response.writeHead(429, { 'retry-after': '60' }).end(), 'has-not'],
    ['a page of HTML', (_request, response) => void response.end('<html>Sign in first</html>'), 'lied'],
    [
      'more than a block, without end',
      (_request, response) => {
        const pour = () => {
          while (!response.destroyed && response.write(bytes));
        }
        response.on('drain', pour)
        pour()
      },
      'unreachable',
    ],
    [
      'half of a block, and is cut off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': bytes.length })
        response.write(bytes.subarray(0, 10_000), () => response.destroy())
      },
      'unreachable',
    ],
    ['what is no HTTP', (request) => void request.socket.end('SSH-2.0-OpenSSH_9.6\r\n'), 'unreachable'],
  ]
  it.each(erring)('gets from another what a server answers with %s', async (_, answer, outcome) => {
    const bad = await listen(http.createServer(answer))
    // It is there first, and alone until it has failed.
    const { promise: hasFailed, resolve: tellFailed } = Promise.withResolvers<void>()
    const good = await listen(http.createServer((_request, response) => void hasFailed.then(() => response.end(bytes))))
    const gateways = [bad, good].map((port) => `http://127.0.0.1:${port}`)
    const { node } = await openNode({ settings: { gateways } })
    await using opened = node.openFetch({ root: wanted, origins: [], signal: AbortSignal.timeout(60_000) })
    const got = opened.get(wanted)
    await expect.poll(() => opened.tried.find(({ source }) => source === gateways[0])?.outcome).toBe(outcome)
    tellFailed()
    expect(Buffer.from(await got)).toEqual(bytes)
  })

  it('never dials private addresses that the network tells of, even ranges that callers may name', async () => {
    const settings = { network: 'public', dialPrivate: ['10.0.0.0/8'] } as const
    const { gater } = new Gater(new DialPolicy(settings), settings)
    const id = peerIdFromString(peer)
    for (const text of [
      '/ip4/10.0.0.1/tcp/4001',
      '/ip4/127.0.0.1/tcp/4001',
      '/ip6/::1/tcp/1',
      '/dns4/localhost/tcp/1',
    ]) {
      const address = multiaddr(`${text}/p2p/${peer}`)
      expect(await gater.denyDialMultiaddr?.(address)).toBe(true)
      expect(await gater.filterMultiaddrForPeer?.(id, address)).toBe(false)
    }
    const open = multiaddr(`/ip4/8.8.8.8/tcp/4001/p2p/${peer}`)
    expect(await gater.denyDialMultiaddr?.(open)).toBe(false)
    expect(await gater.filterMultiaddrForPeer?.(id, open)).toBe(true)
    // In network local nobody is dialled but who was named.
    const local = new Gater(new DialPolicy({ ...settings, network: 'local' }), { network: 'local' })
    expect(await local.gater.denyDialMultiaddr?.(open)).toBe(true)
  })
})

async function listen(server: Server | http.Server, host = '127.0.0.1'): Promise<number> {
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port // it listens on TCP
}
