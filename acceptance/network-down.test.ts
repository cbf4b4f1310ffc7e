import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { removeData, setUp, startServer, type TestServer } from './support/server.ts'

let server: TestServer | undefined

afterAll(async () => {
  if (server === undefined) return
  await server.kill()
  await removeData(server)
})

it('takes uploads and reads while no name resolves and no peer of the public network answers', async () => {
  const asked = await mkdtemp(join(tmpdir(), 'pinyon-no-dns-'))
  onTestFinished(() => rm(asked, { recursive: true }))
  const log = join(asked, 'names')
  server = await startServer({
    env: {
      PINYON_IPFS: 'embedded',
      PINYON_IPFS_NETWORK: 'public',
      PINYON_IPFS_LISTEN: '/ip4/127.0.0.1/tcp/0',
      NODE_OPTIONS: `--require ${join(import.meta.dirname, 'support/no-dns.cjs')}`,
      NO_DNS_LOG: log,
    },
  })
  const { apiUrl, gatewayUrl } = server
  const admin = await setUp(server)
  const headers = { authorization: `Bearer ${admin.JWT}` }
  const pin = await fetch(`${apiUrl}/psa/pins`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' }),
  })
  expect(pin.status).toBe(202)
  // The bootstrap nodes are looked for by now.
  await expect.poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 60_000 }).toContain('bootstrap.libp2p.io')
  for (let round = 0; round < 30; round++) {
    const bytes = randomBytes(1 + round * 40_000)
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(bytes)]), 'f.bin')
    form.append('network', 'public')
    const answer = await fetch(`${apiUrl}/v3/files`, { method: 'POST', headers, body: form })
    expect(answer.status).toBe(200)
    const { data } = (await answer.json()) as { data: { cid: string } } // what v3 answers
    const read = await fetch(`${gatewayUrl}/ipfs/${data.cid}`)
    expect([read.status, Buffer.from(await read.arrayBuffer()).equals(bytes)]).toEqual([200, true])
  }
  for (const path of ['/health/ready', '/data/pinList', '/psa/pins', '/pinyon/v1/node']) {
    expect((await fetch(`${apiUrl}${path}`, { headers })).status, path).toBe(200)
  }
  expect((await fetch(`${gatewayUrl}/ipfs/bafkqaaa`)).status).toBe(200)
}, 60_000)
