import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openReachability } from './reachability.ts'

/** Loopback stands for the public network here. */
const anywhere = { reasonAgainst: () => undefined }

describe('whether others can reach a node', () => {
  it('says that the announced address answers, and asks no more for a minute', async () => {
    let connections = 0
    const server = createServer((socket) => (connections++, socket.destroy())).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    const seen = { network: 'public', announces: [`/ip4/127.0.0.1/tcp/${port}`], isReached: false } as const
    const reachability = openReachability(anywhere)
    expect((await reachability(seen)).state).toBe('unproven')
    expect((await reachability(seen)).state).toBe('unproven')
    expect(connections).toBe(1)
  })

  it('says that the port is closed, and which', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    server.close()
    await once(server, 'close')
    const announces = [`/ip4/127.0.0.1/tcp/${port}`, `/dns4/localhost/tcp/${port}/ws`]
    const found = await openReachability(anywhere)({ network: 'public', announces, isReached: false })
    expect(found).toMatchObject({
      state: 'port-closed',
      message: expect.stringContaining(`127.0.0.1 port ${port}`) as unknown,
    })
  })

  it('says that it is reached once somebody came from outside', async () => {
    const announces = ['/ip4/10.0.0.1/tcp/1']
    const refuse = { reasonAgainst: () => 'private' }
    const reachability = openReachability(refuse)
    expect((await reachability({ network: 'public', announces, isReached: false })).state).toBe('private-address')
    expect((await reachability({ network: 'public', announces, isReached: true })).state).toBe('reachable')
  })
})
