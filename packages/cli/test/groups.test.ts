import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from './support/server.ts'

describe('groups', { timeout: 120_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())

  const names = async (...args: string[]) =>
    ((await server.json(['ls', '--all', ...args])) as { name: string }[]).map(({ name }) => name).toSorted()

  it('are made, listed, shown, renamed and deleted, by name or id', async () => {
    const made = await server.json(['groups', 'create', 'Alps', '--open'])
    expect(made).toMatchObject({ name: 'Alps', network: 'private', is_public: true })
    await server.json(['groups', 'create', 'Drop', '--public'])
    expect((await server.json(['groups', 'ls'])).map(({ name }: { name: string }) => name)).toEqual(['Drop', 'Alps'])
    expect(await server.json(['groups', 'ls', '--private', '--name', 'aLp'])).toEqual([made])
    expect(await server.json(['groups', 'show', 'Alps'])).toEqual(made)
    expect(await server.json(['groups', 'rename', made.id, 'Berge'])).toMatchObject({ id: made.id, name: 'Berge' })
    const shown = await server.run(['groups', 'show', 'Berge'])
    expect(shown.stdout).toMatch(/Group +Berge\nid +.*\nnetwork +private\n.*\nwithout signature +anyone/)
    const removed = await server.run(['groups', 'rm', 'Berge', 'Drop'])
    expect(removed.stdout).toBe('Deleted the group Berge. Its files stay.\nDeleted the group Drop. Its files stay.\n')
    expect((await server.run(['groups', 'show', 'Berge'])).code).toBe(6)
    expect((await server.run(['groups', 'ls'])).stdout).toMatch(/^No groups\. Make one/)
  })

  it('take files in by upload, id, CID and filter, and let them go', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await writeFile(join(server.workDir, `${name}.txt`), `file ${name}`)
    await server.json(['groups', 'create', 'G'])
    const a = await server.json(['upload', '--group', 'G', 'a.txt'])
    const [b, c] = await server.json(['upload', 'b.txt', 'c.txt'])
    const d = await server.json(['upload', '--keyvalue', 'k=v', 'd.txt'])
    expect(await names('--group', 'G')).toEqual(['a.txt'])
    expect((await server.run(['groups', 'add', 'G', b.id, c.cid])).stdout).toBe('2 files into the group G.\n')
    expect(await server.json(['groups', 'add', 'G', '--keyvalue', 'k=v'])).toMatchObject([
      { item: d.id, state: 'done' },
    ])
    expect(await names('--group', 'G')).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt'])
    expect((await server.run(['groups', 'remove', 'G', a.id])).stdout).toBe('1 file out of the group G.\n')
    expect(await names('--group', 'none')).toEqual(['a.txt'])
    expect((await server.run(['groups', 'remove', 'G', a.id])).code).toBe(2)
    const missing = await server.run(['groups', 'add', 'G', b.id.replace(/.{4}$/, '0000')])
    expect([missing.code, missing.stderr]).toEqual([
      6,
      expect.stringContaining('There is no such file in this account'),
    ])
    expect((await server.run(['groups', 'add', 'G'])).code).toBe(2)
    expect((await server.run(['rm', '--group', 'G'])).stderr).toContain('--yes')
    expect((await server.run(['rm', '--group', 'G', '--yes'])).stdout).toBe('Removed 3 files.\n')
    expect(await names()).toEqual(['a.txt'])
  })

  it('refuse a name that several have, and say which', async () => {
    const [one, two] = [
      await server.json(['groups', 'create', 'Twin']),
      await server.json(['groups', 'create', 'Twin']),
    ]
    const run = await server.run(['groups', 'rm', 'Twin'])
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(`${two.id} (private), ${one.id} (private)`)])
    expect((await server.run(['groups', 'rm', one.id])).code).toBe(0)
    expect((await server.run(['groups', 'rm', 'Twin'])).code).toBe(0)
  })

  it('come and go with exports and imports', async () => {
    await writeFile(join(server.workDir, 'kept.txt'), 'kept in its group')
    await server.json(['groups', 'create', 'Kept'])
    const { id } = await server.json(['upload', '--group', 'Kept', 'kept.txt'])
    const dir = join(server.workDir, 'export')
    await server.json(['export', dir, '--name', 'kept'])
    await server.json(['rm', id])
    await server.json(['groups', 'rm', 'Kept'])
    await server.json(['import', 'dir', dir])
    expect(await names('--group', 'Kept')).toEqual(['kept.txt'])
    await server.json(['import', 'dir', dir])
    expect(await server.json(['groups', 'ls', '--name', 'Kept'])).toHaveLength(1)
  })
})
