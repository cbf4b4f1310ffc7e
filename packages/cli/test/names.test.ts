import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('names', { timeout: 120_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ PINYON_DNSLINK: 'off' })
    await server.setUp()
  })
  afterAll(() => server.close())

  const upload = async (text: string, ...options: string[]) => {
    const file = join(server.workDir, `${text}.txt`)
    await writeFile(file, text)
    return (await server.json(['upload', ...options, file])) as { cid: string; id: string }
  }

  it('are made, published, rolled back, looked at and removed by their labels', async () => {
    const [one, two] = [await upload('one', '--public'), await upload('two', '--public')]
    const hidden = await upload('hidden')
    const made = await server.json(['names', 'create', 'site', '--ttl', '90s'])
    expect(made).toMatchObject({ label: 'site', ttlSeconds: 90 })
    expect((await server.run(['names', 'create', 'site'])).code).toBe(8)
    expect((await server.run(['names', 'publish', 'site', one.cid])).stdout).toContain(`/ipfs/${one.cid}`)
    expect(await server.json(['names', 'publish', made.name, two.id])).toMatchObject({ sequence: 2 })
    const refused = await server.run(['names', 'publish', 'site', hidden.cid])
    expect([refused.code, refused.stderr]).toEqual([8, expect.stringContaining('a private file')])
    expect((await server.run(['names', 'rollback', 'site', '1'])).code).toBe(0)
    expect((await server.run(['names', 'history', 'site'])).stdout).toMatch(/^3 .*\(back to 1\)$/m)
    expect((await server.run(['names', 'ls'])).stdout).toMatch(new RegExp(`site +${made.name} +published`))
    expect((await server.json(['names', 'update', made.id, '--label', 'home'])).label).toBe('home')
    const dnslink = await server.run(['names', 'dnslink', 'home', 'www.example.org'])
    expect([dnslink.code, dnslink.stdout]).toEqual([
      1,
      expect.stringMatching(`_dnslink.www.example.org[^]*${made.name}`),
    ])
    expect((await server.run(['names', 'rm', 'home'])).code).toBe(0)
    expect((await server.run(['names', 'show', 'home'])).code).toBe(6)
  })

  it('go to a file of their own and come back from it, in both forms', async () => {
    const { name } = await server.json(['names', 'create', 'moved'])
    for (const [file, ...form] of [['moved.pem'], ['moved.key', '--protobuf']] as const) {
      const path = join(server.workDir, file)
      expect((await server.run(['names', 'export', 'moved', '--output', path, ...form])).stdout).toContain(
        'ipfs key import',
      )
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect((await server.run(['names', 'export', 'moved', '--output', path, ...form])).code).toBe(2)
      await server.run(['names', 'rm', 'moved'])
      expect(await server.json(['names', 'import', 'moved', path, '--sequence', '7'])).toMatchObject({
        name,
        sequence: 7,
      })
    }
    expect((await readFile(join(server.workDir, 'moved.pem'), 'utf8')).trim()).toBe(
      (await server.run(['names', 'export', 'moved'])).stdout.trim(),
    )
  })
})
