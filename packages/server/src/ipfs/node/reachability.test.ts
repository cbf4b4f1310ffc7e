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
    const seen = { network: 'public', announces: [`/ip4/127.0.0.1/tcp/${port}`], reachedAt: undefined } as const
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
    const found = await openReachability(anywhere)({ network: 'public', announces, reachedAt: undefined })
    expect(found).toMatchObject({
      state: 'port-closed',
      message: expect.stringContaining(`127.0.0.1 port ${port}`) as unknown,
    })
  })

  it('says that it is reached while somebody came from outside within a day', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    const seen = { network: 'public', announces: [`/ip4/127.0.0.1/tcp/${port}`] } as const
    const reachability = openReachability(anywhere)
    const stateAfter = async (hours: number) =>
      (await reachability({ ...seen, reachedAt: performance.now() - hours * 3_600_000 })).state
    expect(await stateAfter(0)).toBe('reachable')
    expect(await stateAfter(23)).toBe('reachable')
    expect(await stateAfter(25)).toBe('unproven')
  })

  it('does not say so of private addresses, by which nobody came', async () => {
    const reachability = openReachability({ reasonAgainst: () => 'private' })
    const seen = { network: 'public', announces: ['/ip4/10.0.0.1/tcp/1'] } as const
    const before = await reachability({ ...seen, reachedAt: undefined })
    expect(before.state).toBe('private-address')
    const after = await reachability({ ...seen, reachedAt: performance.now() })
    expect(after.state).toBe('private-address')
    expect(after.message).toContain('by an address that others are not told')
  })

  it('names a name that cannot be looked up', async () => {
    const announces = ['/dns4/nowhere.invalid/tcp/8401']
    const found = await openReachability(anywhere)({ network: 'public', announces, reachedAt: undefined })
    expect(found.state).toBe('port-closed')
    expect(found.message).toContain('nowhere.invalid cannot be looked up')
  })
})
