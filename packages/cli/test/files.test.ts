import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Cid } from '@pinyon/server/ipfs/cid.ts'
import { MemoryBlocks } from '@pinyon/server/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory, putFile, putPb, putRaw } from '@pinyon/server/ipfs/sample-dags.ts'
import { writeCar } from '@pinyon/server/ipfs/write-car.ts'
import { runCli } from './support/cli.ts'
import { startServer, type TestServer } from './support/server.ts'

describe('files', { timeout: 60_000 }, () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
    await server.setUp()
  })
  afterAll(() => server.close())
  /** A new folder with these files. */
  const folder = async (files: Record<string, string | Uint8Array>) => {
    const dir = await mkdtemp(join(server.workDir, 'files-'))
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(join(dir, path, '..'), { recursive: true })
      await writeFile(join(dir, path), bytes)
    }
    return dir
  }

  it('are private unless --public, which says who can read them', async () => {
    const dir = await folder({ 'a.txt': 'private', 'b.txt': 'public' })
    const closed = await server.run(['upload', join(dir, 'a.txt')])
    expect(closed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Private: /) })
    expect(closed.stdout).toMatch(/^a\.txt {2}7 B\n {2}CID {2}bafk\w+\n {2}id {3}[\w-]+\n$/)
    const opened = await server.run(['upload', '--public', join(dir, 'b.txt')])
    expect(opened.stderr).toBe('Anyone on the IPFS network can read this.\n')
    const [, url = ''] = /URL {2}(\S+)/.exec(opened.stdout) ?? []
    expect(url.startsWith(server.gatewayUrl)).toBe(true)
    expect(await (await fetch(url)).text()).toBe('public')
    const [, cid = ''] = /CID {2}(\w+)/.exec(closed.stdout) ?? []
    expect((await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).status).toBe(404)
  })

  it('come back byte for byte, by id and by CID, to a file, a folder and stdout', async () => {
    const bytes = randomBytes(3_000_001)
    const dir = await folder({ 'photo.bin': bytes })
    const { id, cid } = await server.json(['upload', join(dir, 'photo.bin')])
    await server.run(['get', id, '-o', join(dir, 'back.bin')])
    expect((await readFile(join(dir, 'back.bin'))).equals(bytes)).toBe(true)
    expect((await server.run(['get', cid, '-o', '-'])).bytes.equals(bytes)).toBe(true)
    await mkdir(join(dir, 'there'))
    expect(await server.json(['get', id, '-o', join(dir, 'there')])).toEqual({
      id,
      cid,
      output: join(dir, 'there/photo.bin'),
      bytes: bytes.length,
      files: 1,
    })
    const taken = await server.run(['get', id, '-o', join(dir, 'back.bin')])
    expect(taken.code).toBe(8)
    expect(await readdir(dir)).toEqual(['back.bin', 'photo.bin', 'there'])
  })

  it('in folders come back with their names, whatever these are', async () => {
    const files = {
      'plain.txt': '1',
      'sub/deep/er.txt': '2',
      'ünï 你好 🎉.txt': '3',
      'quote".txt': '4',
      'back\\slash\\': '5',
      'percent%22%41.txt': '6',
      '..dots': '7',
      'large.bin': randomBytes(1_500_000),
    }
    const dir = await folder(files)
    await mkdir(join(dir, 'empty'))
    const { stderr } = await server.run(['upload', dir, '--name', 'names'])
    expect(stderr).toContain('1 empty folder is left out')
    const [{ id, number_of_files }] = await server.json(['ls', '--name', 'names'])
    expect(number_of_files).toBe(8)
    const to = join(dir, '..', 'names-back')
    expect(await server.json(['get', id, '-o', to])).toMatchObject({ files: 8, bytes: 1_500_007 })
    for (const [path, bytes] of Object.entries(files)) {
      expect((await readFile(join(to, path))).equals(Buffer.from(bytes as string)), path).toBe(true) // or bytes, which it takes too
    }
    expect((await server.run(['get', id, '--path', 'sub/deep/er.txt', '-o', '-'])).stdout).toBe('2')
    expect(await server.json(['get', id, '--path', 'sub', '-o', join(dir, '..', 'sub-back')])).toMatchObject({
      files: 1,
    })
    expect((await server.run(['get', id, '-o', '-'])).code).toBe(2)
  })

  it('of a folder with more pages than one are all there', async () => {
    const files = Object.fromEntries(Array.from({ length: 1_201 }, (_, i) => [`${i}.json`, `{"n":${i}}`]))
    const dir = await folder(files)
    const { id, number_of_files } = await server.json(['upload', '--public', dir, '--name', 'drop'])
    expect(number_of_files).toBe(1_201)
    const to = `${dir}-back`
    const uses = async () =>
      (await server.json(['keys', 'list'])).find(({ state }: { state: string }) => state === 'active').uses
    const before = await uses()
    await server.json(['get', id, '-o', to])
    // Finding it, reading it; and the lists of keys.
    expect((await uses()) - before).toBeLessThan(6)
    expect((await readdir(to)).length).toBe(1_201)
    expect(await readFile(join(to, '1200.json'), 'utf8')).toBe('{"n":1200}')
  })

  it(
    'in folders are found where blocks repeat, and never written outside of the folder',
    { timeout: 120_000 },
    async () => {
      const get = async (entries: (blocks: MemoryBlocks) => Record<string, Cid>) => {
        const blocks = new MemoryBlocks()
        const root = putDirectory(blocks, entries(blocks))
        const dir = await folder({ 'dag.car': await collectBytes(writeCar(blocks, root, { scope: 'all' })) })
        const { id } = await server.json(['upload', '--car', join(dir, 'dag.car')])
        return { dir, ...(await server.run(['get', id, '-o', join(dir, 'back'), '--json'])) }
      }
      const repeated = await get((blocks) => {
        const same = putRaw(blocks, 'the same')
        const large = putFile(blocks, [
          [same, 8],
          [same, 8],
        ])
        const below = putDirectory(blocks, { same, large })
        return { a: below, b: below, same, large, link: putPb(blocks, { type: 'symlink', data: Buffer.from('/etc') }) }
      })
      expect([repeated.code, JSON.parse(repeated.stdout)]).toMatchObject([0, { files: 7, bytes: 3 * 8 + 3 * 16 + 4 }])
      expect(await readFile(join(repeated.dir, 'back/b/large'), 'utf8')).toBe('the samethe same')
      expect(await readFile(join(repeated.dir, 'back/link'), 'utf8')).toBe('/etc')
      for (const name of ['..', 'a/../../b', '']) {
        const { dir, code, stdout } = await get((blocks) => ({
          fine: putRaw(blocks, 'x'),
          [name]: putRaw(blocks, 'evil'),
        }))
        expect([name, code, JSON.parse(stdout).error?.reason]).toEqual([name, 1, 'UNSAFE_NAME'])
        expect(await readdir(dir)).toEqual(['dag.car'])
      }
    },
  )

  it('travel as CARs both ways and keep their CID', async () => {
    const dir = await folder({ 'in/a.txt': 'one', 'in/b.txt': 'two' })
    const { id, cid } = await server.json(['upload', join(dir, 'in')])
    await server.json(['get', id, '--car', '-o', join(dir, 'in.car')])
    expect(await server.json(['upload', '--car', '--public', join(dir, 'in.car')])).toMatchObject({
      cid,
      network: 'public',
      mime_type: 'directory',
    })
    const broken = await server.run(['upload', '--car', join(dir, 'in/a.txt'), '--json'])
    expect(broken.code).toBe(1)
    expect(JSON.parse(broken.stdout)).toMatchObject({ error: { reason: 'INVALID_CAR' } })
    expect((await server.run(['upload', '--car', join(dir, 'in')])).code).toBe(2)
  })

  it('come from stdin, in chunks, with name, key-values, version and end', async () => {
    const bytes = randomBytes(2_000_000)
    const file = await server.json(
      [
        'upload',
        '-',
        '--name',
        'piped.bin',
        '--keyvalue',
        'from=stdin',
        '--keyvalue',
        'n=1',
        '--expires-in',
        '1d',
        '--cid-version',
        'v0',
      ],
      { stdin: bytes },
    )
    expect(file).toMatchObject({ name: 'piped.bin', size: 2_000_000, keyvalues: { from: 'stdin', n: '1' } })
    expect(file.cid).toMatch(/^Qm/)
    expect(Date.parse(file.expires_at) - Date.now()).toBeGreaterThan(86_000_000)
    expect((await server.run(['get', file.cid, '-o', '-'])).bytes.equals(bytes)).toBe(true)
  })

  it('are listed newest first, by network, name, key-value, CID and number', async () => {
    const dir = await folder({ 'l1.txt': 'l1', 'l2.txt': 'l2', 'l3.txt': 'l3' })
    const list = ['l1', 'l2', 'l3'].map((name) => join(dir, `${name}.txt`))
    const uploaded = await server.json(['upload', '--public', '--keyvalue', 'list=yes', ...list])
    const names = async (...args: string[]) =>
      (await server.json(['ls', ...args])).map(({ name }: { name: string }) => name)
    expect(await names('--keyvalue', 'list=yes')).toEqual(['l3.txt', 'l2.txt', 'l1.txt'])
    expect(await names('--keyvalue', 'list=yes', '--private')).toEqual([])
    expect(await names('--keyvalue', 'list=yes', '--limit', '1')).toEqual(['l3.txt'])
    expect(await names('--name', 'l2')).toEqual(['l2.txt'])
    expect(await names('--cid', uploaded[0].cid)).toEqual(['l1.txt'])
    const { stdout, stderr } = await server.run(['ls', '--limit', '2'])
    expect(stdout).toMatch(/^ID +NAME +SIZE +NETWORK +CREATED +CID\n[\w-]{36} {2}l3\.txt +2 B +public /)
    expect(stderr).toBe('The newest 2; more with --limit N or --all.\n')
    expect((await server.run(['ls', '--name', 'no such thing'])).stdout).toBe('No files like that.\n')
  })

  it('that are removed are gone, by id or by a CID that is held once', async () => {
    const dir = await folder({ 'gone.txt': 'gone soon' })
    const file = await server.json(['upload', join(dir, 'gone.txt')])
    const twin = await server.json(['upload', '--public', join(dir, 'gone.txt')])
    expect((await server.run(['rm', file.cid])).code).toBe(2)
    expect((await server.run(['rm', file.id])).stdout).toBe(`Removed ${file.id}.\n`)
    expect((await server.run(['rm', file.cid])).stdout).toBe(`Removed gone.txt (${twin.id}).\n`)
    for (const which of [file.id, file.cid]) {
      expect((await server.run(['rm', which])).code).toBe(6)
      expect((await server.run(['get', which])).code).toBe(6)
    }
    const dirB = await folder({ 'x.txt': 'x' })
    const kept = await server.json(['upload', join(dirB, 'x.txt')])
    const partly = await server.run(['rm', file.id, kept.id, '--json'])
    expect(partly.code).toBe(6)
    expect(JSON.parse(partly.stdout)).toMatchObject({
      error: { failures: [{ item: file.id }] },
      done: [{ id: kept.id }],
    })
  })

  it('that cannot be read here are told by name, and nothing of them is kept', async () => {
    const dir = await folder({ 'ok/a.txt': 'a', 'ctl\u0001.txt': 'x' })
    await symlink('..', join(dir, 'ok/loop'))
    for (const [path, words] of [
      [join(dir, 'absent'), 'no such file'],
      [join(dir, 'ok'), 'is a link to a folder it lies in'],
      [join(dir, 'ctl\u0001.txt'), 'Give another with --name'],
    ] as const) {
      const { code, stderr, stdout } = await server.run(['upload', path])
      expect(code, path).toBe(2)
      expect(stderr).toContain(words)
      expect(stdout).toBe('')
    }
    expect(await server.json(['upload', join(dir, 'ctl\u0001.txt'), '--name', 'good.txt'])).toMatchObject({
      name: 'good.txt',
    })
  })

  it('that are refused while they are sent say why', async () => {
    const { JWT } = await server.json(['keys', 'create', 'reader', '--preset', 'read-only'])
    const dir = await folder({ 'big.bin': Buffer.alloc(20_000_000) })
    const { code, stderr } = await server.run(['upload', join(dir, 'big.bin'), '--key', JWT])
    expect(code).toBe(5)
    expect(stderr).toContain('NO_SCOPES_FOUND')
  })

  it('leave nothing behind when Ctrl-C ends the reading', async () => {
    const dir = await folder({ 'long.bin': randomBytes(64_000_000) })
    const { id } = await server.json(['upload', join(dir, 'long.bin')])
    const out = await folder({})
    const stop = new AbortController()
    const running = runCli(['get', id, '-o', join(out, 'long.bin'), '--json'], {
      cwd: out,
      env: { PINYON_CONFIG_DIR: join(server.workDir, 'config') },
      signal: stop.signal,
    })
    while ((await readdir(out)).length === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    const { code, stdout } = await running
    expect(code).toBe(130)
    expect(JSON.parse(stdout)).toEqual({ error: { message: 'Interrupted.', reason: 'INTERRUPTED' } })
    expect(await readdir(out)).toEqual([])
  })
})
