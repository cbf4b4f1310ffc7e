import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleFolder } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('doctor and peers', { timeout: 60_000 }, () => {
  const servers: TestServer[] = []
  const start = async (env?: Record<string, string>) => {
    const server = await startServer(env)
    servers.push(server)
    await server.setUp()
    return server
  }
  let server: TestServer
  beforeAll(async () => {
    server = await start({ PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' })
  })
  afterAll(() => Promise.all(servers.map((one) => one.close())))

  it('say what is well, and that a local node is one by choice', async () => {
    const { findings } = await server.json(['doctor'])
    expect(findings.map(({ what, state }: Record<string, string>) => `${what} ${state}`).slice(0, 5)).toEqual([
      'Server ok',
      'Key ok',
      'Room ok',
      'Gateway ok',
      'IPFS note',
    ])
    expect(findings[4].words).toContain('PINYON_IPFS_NETWORK')
    expect((await server.run(['doctor'])).stdout).toMatch(/^ok +Server +http/)
    expect((await server.run(['peers'])).stdout).toContain('No peers.')
  })

  it('tell what is wrong, and end accordingly', async () => {
    const odd = await start({ PINYON_GATEWAY_URL: 'http://127.0.0.1:1' })
    const { code, stdout } = await odd.run(['doctor', '--json'])
    const { error } = JSON.parse(stdout)
    expect([code, error]).toMatchObject([
      1,
      {
        reason: 'NOT_WELL',
        findings: [{}, {}, {}, { what: 'Gateway', state: 'bad' }, { what: 'IPFS', state: 'note' }],
      },
    ])
    expect(error.message).toMatch(/BAD +Gateway +http:\/\/127\.0\.0\.1:1 does not answer from here/)
  })

  it('show the peers that are connected, to operators alone', async () => {
    const { delegates } = await nodeOf(server)
    const other = await start({ PINYON_IPFS: 'embedded', PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0' })
    const sample = await sampleFolder({ a: 'by bitswap' })
    await writeFile(join(server.workDir, 'a.car'), sample.car)
    await server.json(['import', 'car', '--public', join(server.workDir, 'a.car')])
    const pin = await other.run(['pin', sample.cid, '--origin', delegates[0] ?? '', '--wait', '30s'])
    expect([pin.code, pin.stderr]).toEqual([0, expect.stringContaining('pinned')])
    const peers = await other.json(['peers'])
    expect(peers).toMatchObject([{ peerId: delegates[0]?.split('/').at(-1), direction: 'outbound' }])
    expect((await other.run(['peers'])).stdout).toMatch(/^PEER +DIRECTION +AGENT +ADDRESS\n/)
    const { JWT } = await other.json(['keys', 'create', 'no operator', '--admin'])
    expect((await other.run(['peers', '--key', JWT])).code).toBe(5)
  })
})

async function nodeOf(server: TestServer): Promise<{ delegates: string[] }> {
  const { JWT } = await server.json(['keys', 'create', 'look', '--scope', 'account.get'])
  const answer = await fetch(`${server.apiUrl}/pinyon/v1/node`, { headers: { authorization: `Bearer ${JWT}` } })
  return (await answer.json()) as { delegates: string[] } // as its row says
}
