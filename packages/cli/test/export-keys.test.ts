import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { folderOf, manifest } from './support/exported.ts'
import { sampleFile } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('moving with keys that may not do all of it', { timeout: 120_000 }, () => {
  let from: TestServer
  let to: TestServer
  beforeAll(async () => {
    ;[from, to] = await Promise.all([startServer(), startServer()])
    await Promise.all([from.setUp(), to.setUp()])
  })
  afterAll(() => Promise.all([from.close(), to.close()]))
  const keyOf = async (at: TestServer, ...scopes: string[]) =>
    (await at.json(['keys', 'create', 'some', ...scopes.flatMap((scope) => ['--scope', scope])])).JWT as string

  it('stops at once when the key may not import', async () => {
    const { JWT } = await to.json(['keys', 'create', 'reader', '--preset', 'read-only'])
    const dir = await mkdtemp(join(to.workDir, 'key-'))
    await from.json(['export', dir, '--name', 'a.txt'])
    const { code, stderr } = await to.run(['import', 'dir', dir, '--key', JWT])
    expect([code, stderr]).toEqual([5, expect.stringContaining('files.import')])
  })

  it('says how far it is when all the rest would fail, and how to go on', async () => {
    const files = await folderOf(from, { 'one.txt': 'some', 'two.txt': 'more', 'three.txt': 'most' })
    for (const name of ['one', 'two', 'three'])
      await from.json(['upload', '--keyvalue', 'part=uses', join(files, `${name}.txt`)])
    const dir = await mkdtemp(join(from.workDir, 'uses-'))
    await from.json(['export', dir, '--keyvalue', 'part=uses'])
    await to.json(['import', 'dir', dir])
    const scopes = ['--scope', 'files.import', '--scope', 'org:files:write']
    const { JWT } = await to.json(['keys', 'create', 'two uses', ...scopes, '--max-uses', '2'])
    const { code, stderr } = await to.run(['import', 'dir', dir, '--key', JWT])
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(
        /^2 of 3 files are done\. Run the same command again to go on\.\nThis key has no uses left/,
      ),
    ])
  })

  it('goes without groups where the key may not list or make them, and says so', async () => {
    await from.json(['groups', 'create', 'lonely'])
    const dir = join(from.workDir, 'no-groups')
    const reader = await keyOf(from, 'org:files:read')
    const left = await from.run(['export', dir, '--private', '--key', reader])
    expect([left.code, left.stderr]).toEqual([0, expect.stringContaining('may not list groups')])
    expect((await manifest(dir)).filter((line) => JSON.stringify(line).includes('lonely'))).toEqual([])
    await from.json(['export', dir, '--private'])
    const before = (await to.json(['groups', 'ls'])).length
    const dry = await to.run(['import', 'dir', dir, '--dry-run'])
    expect(dry.stderr).toMatch(/\d groups without files would be made/)
    const importer = await keyOf(to, 'files.import', 'org:files:read', 'org:files:write', 'org:groups:read')
    const refused = await to.run(['import', 'dir', dir, '--key', importer])
    expect(refused.stderr).toContain('The group lonely was not made: ')
    expect(await to.json(['groups', 'ls'])).toHaveLength(before)
    await to.run(['import', 'dir', dir])
    expect(await to.json(['groups', 'ls'])).toHaveLength(before + 1)
  })

  it('goes without what the key may not list, says so once, and names beforehand what it cannot do without', async () => {
    const { cid } = await sampleFile('nobody has it, and it is in a group')
    const { id } = await from.json(['groups', 'create', 'of wishes', '--public'])
    const asked = await fetch(`${from.apiUrl}/v3/files/public/pin_by_cid`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await keyOf(from, 'org:files:write')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ cid, name: 'wish', group_id: id }),
    })
    expect(asked.status).toBe(200)
    const dir = join(from.workDir, 'some')
    const wishes = async () =>
      (await manifest(dir)).filter((line) => (line as { cid?: string }).cid === cid) as { group: string | null }[] // lines
    const reader = await keyOf(from, 'org:files:read')
    const run = await from.run(['export', dir, '--key', reader])
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('left out: groups, names')])
    expect(run.stderr.match(/may not list groups/g)).toHaveLength(1)
    expect(run.stderr.match(/may not list IPNS names/g)).toHaveLength(1)
    expect(await wishes()).toMatchObject([{ group: null }])
    const lister = await keyOf(from, 'files.list', 'files.content')
    expect(await from.json(['export', dir, '--key', lister])).toMatchObject({ leftOut: ['groups', 'wanted', 'names'] })
    expect(await from.json(['export', dir])).toMatchObject({ leftOut: [] })
    expect(await wishes()).toMatchObject([{ group: 'of wishes' }])

    const none = join(from.workDir, 'none')
    const fails = async (at: TestServer, args: string[], ...lacking: string[]) => {
      const { code, stdout } = await at.run([...args, '--json'])
      const { error } = JSON.parse(stdout)
      expect([code, error.reason, error.lacking]).toEqual([
        5,
        'NO_SCOPES_FOUND',
        lacking.map((text) => expect.stringContaining(text)),
      ])
    }
    await fails(from, ['export', none, '--key', await keyOf(from, 'files.list')], 'files.content')
    await fails(
      from,
      ['export', none, '--with-name-keys', '--key', reader],
      'names.list',
      'names.history',
      'names.export',
    )
    expect(existsSync(none)).toBe(false)
    const before = (await to.json(['ls', '--all'])).length
    const args = ['import', 'dir', dir, '--key', await keyOf(to, 'files.import')]
    await fails(to, args, 'files.get', 'psa.list', 'psa.add', 'groups.list', 'files.pinByCid')
    expect(await to.json(['ls', '--all'])).toHaveLength(before)
    // Names without their keys can be brought by nobody.
    const importer = await keyOf(to, 'files.import', 'org:files:write', 'org:groups:write')
    expect((await to.run(['import', 'dir', dir, '--key', importer])).code).toBe(0)
  })
})
