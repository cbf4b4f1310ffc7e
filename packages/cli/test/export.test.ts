import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import { type Cid, formatCid } from '@pinyon/server/ipfs/cid.ts'
import { MemoryBlocks } from '@pinyon/server/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putRaw } from '@pinyon/server/ipfs/sample-dags.ts'
import { writeCar } from '@pinyon/server/ipfs/write-car.ts'
import { cars, folderOf, manifest } from './support/exported.ts'
import { sampleFile } from './support/sample-files.ts'
import { startServer, type TestServer } from './support/server.ts'

type Publication = AnswerOf<typeof routes.namesHistory>['history'][number]

describe('moving between two servers', { timeout: 120_000 }, () => {
  let from: TestServer
  let to: TestServer
  beforeAll(async () => {
    ;[from, to] = await Promise.all([startServer(), startServer()])
    await Promise.all([from.setUp(), to.setUp()])
  })
  afterAll(() => Promise.all([from.close(), to.close()]))
  it('keeps names, key-values, dates, networks, duplicates and spellings: exported again, it is the same', async () => {
    const dir = await folderOf(from, {
      'a.txt': 'one',
      'b.txt': 'one',
      'site/index.html': '<p>hi</p>',
      'site/deep/x.bin': randomBytes(700_000),
      'empty.txt': '',
      // Its name tells the type, not its bytes.
      'look.css': 'p { color: red }',
      // No type is told from a zero: random bytes are music once in a while.
      'v0.bin': Buffer.concat([Buffer.alloc(16), randomBytes(600_000)]),
    })
    await from.json(['upload', '--public', '--keyvalue', 'n=5', '--keyvalue', 'ünï=你好', join(dir, 'a.txt')])
    await from.json(['upload', join(dir, 'b.txt'), '--name', 'private "twin"\u2028'])
    await from.json(['upload', '--public', join(dir, 'site')])
    await from.json(['upload', join(dir, 'look.css')])
    await from.json(['upload', '--expires-in', '1y', join(dir, 'empty.txt')])
    await from.json(['upload', '--public', '--cid-version', 'v0', join(dir, 'v0.bin')])
    // Two files of one CID on one network, one of them spelled in upper case, with key-values that are no text.
    const { cid } = (await from.json(['ls', '--name', 'site']))[0]
    const jwt = (await from.json(['keys', 'create', 'importer', '--scope', 'files.import'])).JWT
    const form = new FormData()
    for (const [name, value] of Object.entries({
      cid: cid.toUpperCase(),
      network: 'public',
      keyvalues: '{"number":1.5,"yes":true,"text":"1.5"}',
      created_at: '2019-08-07T06:05:04.321Z',
      source_id: 'x',
      kind: 'cid',
    }))
      form.append(name, value)
    await from.json(['get', cid, '--car', '-o', join(dir, 'site.car')])
    form.append('file', new Blob([await readFile(join(dir, 'site.car'))]), 'site.car')
    const twin = await fetch(`${from.apiUrl}/pinyon/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${jwt}` },
      body: form,
    })
    expect(twin.status).toBe(200)

    const { cid: absent } = await sampleFile('nobody has it')
    const origin = '/ip4/192.0.2.7/tcp/4001/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'
    await from.json(['pin', absent, '--name', 'wanted', '--keyvalue', 'k=v', '--origin', origin])
    // By a route that knows groups.
    const grouped = await sampleFile('nobody has this either')
    const group = await from.json(['groups', 'create', 'wishes', '--public'])
    const pinner = (await from.json(['keys', 'create', 'pinner', '--scope', 'org:files:write'])).JWT
    const asked = await fetch(`${from.apiUrl}/v3/files/public/pin_by_cid`, {
      method: 'POST',
      headers: { authorization: `Bearer ${pinner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ cid: grouped.cid, name: 'in a group', group_id: group.id, keyvalues: { k: 'w' } }),
    })
    expect(asked.status).toBe(200)
    await from.json(['groups', 'create', 'nothing yet', '--public'])
    for (let i = 0; i < 2; i++) await from.json(['groups', 'create', 'nothing yet'])
    const first = join(from.workDir, 'first')
    const exported = await from.json(['export', first])
    expect(exported).toMatchObject({
      files: 7,
      wanted: 2,
      emptyGroups: 2,
      roots: 5,
      fetched: 5,
      bytes: [...(await cars(first)).values()].reduce((sum, car) => sum + car.length, 0),
      kept: 0,
      failed: [],
    })
    const { compared, items } = await to.json(['import', 'dir', first])
    expect(compared).toEqual({
      source: { files: 7, cids: 5 },
      here: { files: 7, cids: 5 },
      missing: 0,
      imported: 7,
      wereHere: 0,
      waiting: 0,
      failed: 0,
    })
    expect(items.every(({ sourceId, id }: Record<string, unknown>) => typeof id === 'string' && id !== sourceId)).toBe(
      true,
    )
    const second = join(to.workDir, 'second')
    await to.json(['export', second])
    const [there, here] = [await manifest(first), await manifest(second)]
    expect(here.slice(1, -4)).toEqual(there.slice(1, -4))
    // Groups without files, each name of a network once.
    expect(there.slice(-2)).toEqual([
      { kind: 'group', network: 'public', name: 'nothing yet' },
      { kind: 'group', network: 'private', name: 'nothing yet' },
    ])
    expect(here.slice(-2)).toEqual(there.slice(-2))
    // What nobody has yet is asked for anew, at a time of its own.
    const wanted = { kind: 'wanted', cid: absent, name: 'wanted', keyvalues: { k: 'v' }, origins: [origin] }
    expect([there.at(-4), here.at(-4)]).toMatchObject([wanted, wanted])
    const inGroup = { kind: 'wanted', cid: grouped.cid, name: 'in a group', keyvalues: { k: 'w' }, group: 'wishes' }
    expect([there.at(-3), here.at(-3)]).toMatchObject([inGroup, inGroup])
    expect(await cars(second)).toEqual(await cars(first))
    expect((await manifest(first))[1]).toMatchObject({
      cid: cid.toUpperCase(),
      kind: 'cid',
      created_at: '2019-08-07T06:05:04.321Z',
      keyvalues: { number: 1.5, yes: true, text: '1.5' },
    })
    // Once more, there and at home: nothing changes.
    expect((await to.json(['import', 'dir', first])).compared).toMatchObject({ imported: 0, wereHere: 7, missing: 0 })
    expect((await from.json(['import', 'dir', first])).compared).toMatchObject({ imported: 0, wereHere: 7, missing: 0 })
    expect(await to.json(['ls', '--all'])).toHaveLength(7)
    expect(await to.json(['pins', 'ls', '--name', 'wanted'])).toHaveLength(1)
  })

  it('goes on where it broke off', async () => {
    const dir = join(from.workDir, 'again')
    const { roots } = await from.json(['export', dir])
    const [lost] = [...(await cars(dir)).keys()]
    await rm(join(dir, 'cars', lost ?? ''))
    await rm(join(dir, 'manifest.ndjson'))
    const unfinished = await to.run(['import', 'dir', dir])
    expect([unfinished.code, unfinished.stderr]).toEqual([2, expect.stringContaining('was not finished')])
    expect(await from.json(['export', dir])).toMatchObject({ fetched: 1, kept: roots - 1 })
  })

  it('refuses a folder with the export of another account or another choice, and leaves it as it is', async () => {
    const dir = join(from.workDir, 'taken')
    await from.json(['export', dir, '--public'])
    const before = await readFile(join(dir, 'manifest.ndjson'), 'utf8')
    const fails = async (server: TestServer, args: string[], words: RegExp) => {
      const { code, stdout } = await server.run(['export', dir, ...args, '--json'])
      const { error } = JSON.parse(stdout)
      expect([code, error.reason, error.message ?? error.details]).toEqual([
        2,
        'OTHER_EXPORT',
        expect.stringMatching(words),
      ])
    }
    await fails(to, ['--public'], /holds the export of another account\..*name another folder/)
    await fails(from, [], /holds an export of everything public\. This one is of everything,/)
    await fails(from, ['--public', '--name', 'a.txt'], /This one is of everything public named "a\.txt",/)
    // A key that sees a part of it would make a part of it.
    const { JWT } = await from.json(['keys', 'create', 'own', '--scope', 'org:files:read', '--own'])
    await fails(from, ['--public', '--key', JWT], /This one is of everything public that the key [\w-]+ sees,/)
    expect(await readFile(join(dir, 'manifest.ndjson'), 'utf8')).toBe(before)
    await from.json(['export', dir, '--public'])
    // One of a version that did not say whose it is.
    await writeFile(join(dir, 'manifest.ndjson'), `{"pinyon":"export","version":1}\n`)
    await from.json(['export', dir])
  })

  it('says of what could not be fetched, in the manifest too; an import brings the rest, and run again it is whole', async () => {
    const file = await folderOf(from, { 'good.txt': 'there', 'gap.txt': randomBytes(1_000) })
    for (const name of ['good', 'gap']) await from.json(['upload', '--keyvalue', 'part=gap', join(file, `${name}.txt`)])
    const { cid } = (await from.json(['ls', '--name', 'gap.txt']))[0]
    await from.json(['admin', 'deny', cid, '--reason', 'for a while'])
    // The server hears of it within a second.
    await expect.poll(async () => (await from.run(['get', cid])).code, { timeout: 60_000 }).not.toBe(0)
    const dir = join(from.workDir, 'gap')
    const args = ['export', dir, '--keyvalue', 'part=gap']
    const { code, stdout } = await from.run([...args, '--json'])
    const { error, done } = JSON.parse(stdout)
    expect([code, error.reason, done]).toMatchObject([
      1,
      'INCOMPLETE_EXPORT',
      [{ files: 2, roots: 2, fetched: 1, kept: 0, failed: [{ cid, error: expect.any(String) }] }],
    ])
    const again = await from.run(args)
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect(again.stderr).toMatch(new RegExp(`^1 of 2 CARs are missing, and the manifest says so\\..*\n  ${cid}: `))
    expect((await manifest(dir)).slice(-1)).toEqual([{ kind: 'missing', cid, error: done[0].failed[0].error }])
    const partly = await to.run(['import', 'dir', dir])
    expect([partly.code, partly.stderr]).toEqual([
      1,
      expect.stringContaining('could not be fetched: run ./pinyon export'),
    ])
    expect(partly.stderr).toContain(`${cid} gap.txt: The export could not fetch it`)
    expect(await to.json(['ls', '--keyvalue', 'part=gap'])).toMatchObject([{ name: 'good.txt' }])
    await from.json(['admin', 'allow', cid])
    await expect
      .poll(async () => JSON.parse((await from.run([...args, '--json'])).stdout), { timeout: 60_000 })
      .toMatchObject({ fetched: 1, kept: 1, failed: [] })
    expect((await manifest(dir)).map((line) => (line as { kind?: string }).kind)).toEqual([
      undefined,
      'upload',
      'upload',
    ])
    expect((await to.json(['import', 'dir', dir])).compared).toMatchObject({ imported: 1, wereHere: 1, missing: 0 })
  })

  it.skipIf(!existsSync('/dev/full'))(
    'says when the disk is full, which is no fault of the content, and leaves nothing that looks whole',
    async () => {
      const dir = await mkdtemp(join(from.workDir, 'full-'))
      // A file that is always full.
      await symlink('/dev/full', join(dir, 'manifest.ndjson.part'))
      const { code, stderr } = await from.run(['export', dir])
      expect([code, stderr]).toEqual([7, expect.stringMatching(/^The disk of .*full-\w+ is full\. .*Make room/)])
      expect(await readdir(dir)).toEqual([])
    },
  )

  it('names the path that it cannot read or make, and why, in words', async () => {
    const dir = await folderOf(to, { 'a.txt': 'a' })
    const fails = async (args: string[], words: string) => {
      const { code, stderr } = await to.run(args)
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
      expect(stderr).not.toMatch(/E[A-Z]{4,}/)
    }
    await fails(['import', 'car', dir], `${dir} cannot be read: illegal operation on a directory`)
    await fails(['import', 'car', join(dir, 'b.car')], `${join(dir, 'b.car')} cannot be read: no such file`)
    await fails(['import', 'dir', join(dir, 'a.txt')], 'cannot be read: not a directory')
    await fails(['export', join(dir, 'a.txt')], `The folder ${join(dir, 'a.txt')} cannot be made: file already exists`)
    await fails(['export', join(dir, 'a.txt', 'b')], 'cannot be made: not a directory')
    // Where the system makes no folders; a program could try for ever.
    if (existsSync('/proc/self')) await fails(['export', '/proc/pinyon/x'], 'cannot be made: no such file or directory')
  })

  it('asks for what is waited for as it was asked for there, and lets none that is refused keep files from coming', async () => {
    const file = await folderOf(from, { 'beside.txt': 'beside the waiting' })
    await from.json(['upload', '--public', join(file, 'beside.txt')])
    const { cid } = await sampleFile('nobody will ever have it')
    // Two of one CID without a name, and one with more than `/psa` takes.
    for (let i = 0; i < 2; i++) await from.json(['pin', cid])
    const { JWT } = await from.json(['keys', 'create', 'legacy', '--scope', 'pinning.pinByHash'])
    const [name, keyvalues] = ['n'.repeat(300), { number: 1.5, yes: true, text: '1.5' }]
    const asked = await fetch(`${from.apiUrl}/pinning/pinByHash`, {
      method: 'POST',
      headers: { authorization: `Bearer ${JWT}`, 'content-type': 'application/json' },
      body: JSON.stringify({ hashToPin: cid, pinataMetadata: { name, keyvalues } }),
    })
    expect(asked.status).toBe(200)
    const dir = join(from.workDir, 'waiting')
    const { files } = await from.json(['export', dir])
    const path = join(dir, 'manifest.ndjson')
    const whole = await readFile(path, 'utf8')
    // A CID that no server of ours takes, before all others.
    const [head, ...lines] = whole.split('\n')
    const key = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8'
    const odd = { kind: 'wanted', id: 'x', cid: key, name: 'odd one', keyvalues: {}, origins: [], created_at: '2026-01-01T00:00:00.000Z', group: null } // prettier-ignore
    await writeFile(path, [head, JSON.stringify(odd), ...lines].join('\n'))
    const { code, stdout } = await to.run(['import', 'dir', dir, '--json'])
    const { error, done } = JSON.parse(stdout)
    expect([code, error.reason, error.compared]).toMatchObject([
      1,
      'INCOMPLETE_IMPORT',
      { source: { files }, here: { files }, missing: 1, failed: 1 },
    ])
    expect(done.at(-1)).toMatchObject({ state: 'failed', name: 'odd one', error: expect.stringContaining('codec') })
    expect((await to.run(['import', 'dir', dir])).stderr).toMatch(/1 missing.*\n.*odd one: Not asked for: .*codec/)
    // Once more changes nothing.
    await writeFile(path, whole)
    expect((await to.run(['import', 'dir', dir])).code).toBe(0)
    const here = join(to.workDir, 'waiting')
    await to.json(['export', here])
    const ofCid = async (place: string) =>
      (await manifest(place)).flatMap((line) => {
        const { created_at: _at, ...rest } = line as Record<string, unknown> // a line
        return rest['cid'] === cid ? [rest] : []
      })
    expect(await ofCid(dir)).toHaveLength(3)
    expect((await ofCid(dir)).at(-1)).toMatchObject({ name, keyvalues })
    expect(await ofCid(here)).toEqual(await ofCid(dir))
  })

  it('says what is missing, and what is damaged, and imports the rest', async () => {
    const files = await folderOf(from, { 'whole.txt': 'whole', 'gone.txt': 'gone', 'bad.txt': 'bad content' })
    for (const name of ['whole', 'gone', 'bad'])
      await from.json(['upload', '--keyvalue', 'part=3', join(files, `${name}.txt`)])
    const dir = join(from.workDir, 'broken')
    await from.json(['export', dir, '--keyvalue', 'part=3'])
    for (const [path, bytes] of await cars(dir)) {
      if (bytes.includes('gone')) await rm(join(dir, 'cars', path))
      if (bytes.includes('bad content'))
        await writeFile(join(dir, 'cars', path), bytes.toString('latin1').replace('bad', 'Bad'), 'latin1')
    }
    const { code, stdout } = await to.run(['import', 'dir', dir, '--json'])
    const { error, done } = JSON.parse(stdout)
    expect([code, error]).toMatchObject([
      1,
      { reason: 'INCOMPLETE_IMPORT', compared: { source: { files: 3 }, here: { files: 1 }, missing: 2, failed: 2 } },
    ])
    expect(done.map(({ name, state }: Record<string, string>) => `${name} ${state}`).toSorted()).toEqual([
      'bad.txt failed',
      'gone.txt failed',
      'whole.txt imported',
    ])
    expect(await to.json(['ls', '--keyvalue', 'part=3'])).toHaveLength(1)
    const words = (await to.run(['import', 'dir', dir])).stderr
    expect(words).toContain('3 files, 3 CIDs')
    expect(words).toMatch(/bad\.txt: Block 1 of the CAR, at byte \d+: its bytes are not those its CID names/)
    expect(words).toContain('gone.txt: Its content is nowhere to be had.')
  })

  it('refuses folders and lines that it does not know', async () => {
    const dir = await mkdtemp(join(to.workDir, 'odd-'))
    const fails = async (text: string | Uint8Array, words: string) => {
      await writeFile(join(dir, 'manifest.ndjson'), text)
      const { code, stderr } = await to.run(['import', 'dir', dir])
      expect([code, stderr]).toEqual([2, expect.stringContaining(words)])
    }
    await fails('', 'is empty')
    await fails('{"a":1}\n', 'is not the manifest of a Pinyon export')
    await fails('{"pinyon":"export","version":2}\n', 'has version 2')
    await fails('{"pinyon":"export","version":1}\n{"cid":1}\n', 'line 2')
    const noText = Buffer.from('{"pinyon":"export","version":1}\n\xff\n', 'latin1')
    await fails(noText, 'manifest.ndjson holds bytes that are no UTF-8')
  })

  it('says beforehand what it would do, and does nothing', async () => {
    const dir = join(from.workDir, 'dry')
    const { files } = await from.json(['export', dir, '--public'])
    const before = (await to.json(['ls', '--all'])).length
    const { items } = await to.json(['import', 'dir', dir, '--dry-run'])
    expect(
      items.every(({ state, network }: Record<string, string>) => state === 'listed' && network === 'public'),
    ).toBe(true)
    expect(items).toHaveLength(files)
    expect(await to.json(['ls', '--all'])).toHaveLength(before)
  })

  it('takes CARs by their names, and refuses one of several roots', async () => {
    const blocks = new MemoryBlocks()
    const [a, b, c] = ['a', 'b', 'c'].map((text) => putDirectory(blocks, { x: putRaw(blocks, text) })) as [
      Cid,
      Cid,
      Cid,
    ] // three
    const dir = await folderOf(to, {
      'first.car': await collectBytes(writeCar(blocks, a, { scope: 'all' })),
      'second drop.CAR': await collectBytes(writeCar(blocks, b, { scope: 'all' })),
      'two.car': await collectBytes(writeCar(blocks, a, { scope: 'all', roots: [a, b] })),
      'short.car': (await collectBytes(writeCar(blocks, c, { scope: 'all' }))).subarray(0, -1),
      'none.car': 'no CAR',
    })
    const good = ['first.car', 'second drop.CAR'].map((name) => join(dir, name))
    const { items } = await to.json(['import', 'car', '--public', '--keyvalue', 'from=car', ...good])
    expect(items).toMatchObject([
      { state: 'imported', cid: formatCid(a), name: 'first', network: 'public' },
      { state: 'imported', cid: formatCid(b), name: 'second drop', network: 'public' },
    ])
    expect((await to.json(['import', 'car', '--public', ...good])).compared).toMatchObject({ imported: 0, wereHere: 2 })
    expect((await to.run(['import', 'car', join(dir, 'two.car')])).stderr).toContain(
      'names 2 roots, and a file has one',
    )
    expect((await to.run(['import', 'car', join(dir, 'none.car')])).code).toBe(2)
    // All of the bad ones are named, before anything of the good ones is sent.
    const bad = ['none.car', 'absent.car', 'two.car'].map((name) => join(dir, name))
    await to.json([
      'rm',
      ...(await to.json(['ls', '--keyvalue', 'from=car'])).map(({ id }: { id: string }) => id),
      '--yes',
    ])
    const several = await to.run(['import', 'car', '--public', ...good, ...bad])
    expect([several.code, several.stdout]).toEqual([2, ''])
    expect(several.stderr).toMatch(/^3 of 5 CARs cannot be imported\. Nothing was sent\.\n/)
    for (const path of bad) expect(several.stderr).toMatch(new RegExp(`^  ${path}`, 'm'))
    expect(await to.json(['ls', '--name', 'second drop'])).toEqual([])
    const short = await to.run(['import', 'car', join(dir, 'short.car')])
    expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('the CAR ends in it')])
  })

  it(
    'brings IPNS names with what they led to, and their keys only when they are asked for',
    { timeout: 300_000 },
    async () => {
      const dir = await folderOf(from, { 'one.txt': 'of a name 1', 'two.txt': 'of a name 2' })
      const one = await from.json(['upload', '--public', join(dir, 'one.txt')])
      const two = await from.json(['upload', '--public', join(dir, 'two.txt')])
      const { name } = await from.json(['names', 'create', 'site', '--ttl', '90s', '--lifetime', '3d'])
      await from.json(['names', 'publish', 'site', one.cid])
      await from.json(['names', 'publish', 'site', two.cid])
      await from.json(['names', 'rollback', 'site', '1'])
      await from.json(['names', 'create', 'unused'])
      const plain = join(from.workDir, 'plain')
      const said = await from.run(['export', plain])
      expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('--with-name-keys')])
      const listed = await readFile(join(plain, 'names.ndjson'), 'utf8')
      expect(listed).not.toContain('PRIVATE KEY')
      const line = JSON.parse(listed.split('\n')[1] ?? '')
      expect(line).toMatchObject({ label: 'site', name, value: `/ipfs/${one.cid}`, sequence: 3 })
      expect(line.history.map((each: { sequence: number }) => each.sequence)).toEqual([3, 2, 1])
      const without = await to.run(['import', 'dir', plain])
      expect([without.code, without.stderr]).toEqual([
        0,
        expect.stringContaining('2 IPNS names of the export have no key'),
      ])
      expect(await to.json(['names', 'ls'])).toEqual([])
      const kept = join(from.workDir, 'with-keys')
      const warned = await from.run(['export', kept, '--with-name-keys'])
      expect([warned.code, warned.stderr]).toEqual([0, expect.stringContaining('publishes under them')])
      expect((await stat(join(kept, 'names.ndjson'))).mode & 0o777).toBe(0o600)
      await to.json(['names', 'create', 'site'])
      // The second time there is nothing to do.
      for (let i = 0; i < 2; i++) expect((await to.run(['import', 'dir', kept])).code).toBe(0)
      const brought = { label: 'site (2)', name, value: `/ipfs/${one.cid}`, sequence: 4, warnings: [] }
      const names = await to.json(['names', 'ls'])
      expect(names).toMatchObject([
        { label: 'site' },
        { ...brought, ttlSeconds: 90, lifetimeSeconds: 259_200 },
        { label: 'unused', state: 'unpublished', sequence: 0 },
      ])
      const history = await to.json(['names', 'history', name])
      expect(
        history.map(({ sequence, value, rolledBackTo, publishedBy }: Publication) => [
          sequence,
          value,
          rolledBackTo,
          publishedBy.kind,
        ]),
      ).toEqual([
        [4, `/ipfs/${one.cid}`, null, 'key'],
        [3, `/ipfs/${one.cid}`, 1, 'import'],
        [2, `/ipfs/${two.cid}`, null, 'import'],
        [1, `/ipfs/${one.cid}`, null, 'import'],
      ])
      expect(history[3].publishedAt).toBe(line.history[2].publishedAt)
      expect(await (await fetch(`${to.gatewayUrl}/ipns/${name}`)).text()).toBe('of a name 1')
    },
  )
})
