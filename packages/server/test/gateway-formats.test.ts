import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codecs } from '../src/ipfs/codecs.ts'
import { formatCid, type Cid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import {
  linkTo,
  putBytes,
  putCbor,
  putDirectory,
  putFile,
  putPb,
  putRaw,
  sampleBytes,
} from '../src/ipfs/sample-dags.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

const run = promisify(execFile)
const longName = `${'very-long-name-'.repeat(12)}ąę.txt`

describe.each(databases)('formats of the gateway on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let dir: string
  let folder: Uploaded
  let fox: Uploaded
  const blocks = new MemoryBlocks()
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const keep = (root: Cid) => uploadDag(app, key, { root, blocks })
  const file = (text: string) => putFile(blocks, [], text)
  const big = Buffer.from(sampleBytes(700_000))

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    dir = await mkdtemp(join(tmpdir(), 'pinyon-formats-'))
    fox = await upload(app, key, [['fox.txt', 'The quick brown fox']])
    folder = await upload(app, key, [
      [`f/sub/${longName}`, 'long'],
      ['f/big.bin', big],
      ['f/empty', ''],
      ['f/a.txt', 'a'],
    ])
  })
  afterAll(async () => {
    await app.close()
    await rm(dir, { recursive: true, force: true })
  })

  async function unpack(body: Buffer): Promise<string> {
    const into = await mkdtemp(join(dir, 'unpacked-'))
    await writeFile(join(into, 'archive.tar'), body)
    await run('tar', ['-xf', 'archive.tar'], { cwd: into })
    return into
  }

  it('packs a directory, a file and a link, so that tar unpacks what was uploaded', async () => {
    const answer = await get(`/ipfs/${folder.cid}?format=tar`)
    expect([answer.status, answer.complete]).toEqual([200, true])
    expect(answer.headers).toMatchObject({
      'content-type': 'application/x-tar',
      etag: `W/"${folder.cid}.x-tar"`,
      'accept-ranges': 'none',
      'content-disposition': `attachment; filename="${folder.cid}.tar"`,
    })
    const into = join(await unpack(answer.body), folder.cid)
    expect((await readFile(join(into, 'big.bin'))).equals(big)).toBe(true)
    expect(await readFile(join(into, 'sub', longName), 'utf8')).toBe('long')
    expect(await readFile(join(into, 'empty'), 'utf8')).toBe('')
    expect((await get(`/ipfs/${folder.cid}?format=tar`)).body.equals(answer.body)).toBe(true)
    expect((await get(`/ipfs/${folder.cid}?format=tar`, { 'if-none-match': `W/"${folder.cid}.x-tar"` })).status).toBe(
      304,
    )
    const one = await get(`/ipfs/${folder.cid}/a.txt`, { accept: 'application/x-tar' })
    expect(one.headers['content-location']).toBe(`/ipfs/${folder.cid}/a.txt?format=tar`)
    const [, cid = ''] = String(one.headers['x-ipfs-roots']).split(',')
    expect(await readFile(join(await unpack(one.body), cid), 'utf8')).toBe('a')
    const link = putPb(blocks, { type: 'symlink', data: Buffer.from('a.txt') })
    const linked = await keep(putDirectory(blocks, { 'a.txt': file('a'), link }))
    const links = join(await unpack((await get(`/ipfs/${linked.cid}?format=tar`)).body), linked.cid)
    expect(await readlink(join(links, 'link'))).toBe('a.txt')
    expect((await get(`/ipfs/${linked.cid}/link`)).text).toBe('a.txt')
  })

  it('packs nothing that would lie elsewhere when it is unpacked, and says so before the first byte', async () => {
    const leaf = putRaw(blocks, 'x')
    for (const name of ['..', '../../x', 'a/../../../x', '.', '', 'a\nb', 'a\\..\\..\\x']) {
      const { cid } = await keep(putDirectory(blocks, { inside: putDirectory(blocks, { [name]: leaf }) }))
      const answer = await get(`/ipfs/${cid}?format=tar`)
      expect([answer.status, answer.complete], JSON.stringify(name)).toEqual([400, true])
      expect(answer.headers['content-type']).toContain('text/plain')
    }
    const link = putPb(blocks, { type: 'symlink', data: Buffer.from('/tmp') })
    const through = await keep(putDirectory(blocks, { a: link, 'a/x': leaf }))
    expect((await get(`/ipfs/${through.cid}?format=tar`)).status).toBe(400)
    const below = await keep(putDirectory(blocks, { 'a/../b/c': leaf }))
    const into = await unpack((await get(`/ipfs/${below.cid}?format=tar`)).body)
    expect(await readFile(join(into, below.cid, 'b/c'), 'utf8')).toBe('x')
    const data = await keep(putDirectory(blocks, { data: putCbor(blocks, { a: 1 }) }))
    expect((await get(`/ipfs/${data.cid}?format=tar`)).status).toBe(406)
  })

  it('refuses an archive of a DAG that unfolds without an end, soon', async () => {
    let bomb = putDirectory(blocks, { leaf: putRaw(blocks, 'x') })
    for (let i = 0; i < 24; i++) bomb = putDirectory(blocks, { a: bomb, b: bomb })
    const { cid } = await keep(bomb)
    const answer = await get(`/ipfs/${cid}?format=tar`)
    expect([answer.status, answer.complete]).toEqual([413, true])
    expect((await get(`/ipfs/${cid}?format=car`)).complete).toBe(true)
  })

  it('gives structured data out as it is, under its own or the plain type, and converts nothing', async () => {
    const json = Buffer.from('{"hello":"you"}')
    const inner = putCbor(blocks, { deep: { list: [putLink(), 7] } })
    function putLink() {
      return linkTo(putRaw(blocks, 'linked'))
    }
    const kinds = {
      'dag-cbor': [inner, 'application/vnd.ipld.dag-cbor', 'attachment', 'cbor'],
      'dag-json': [putBytes(blocks, codecs.dagJson, json), 'application/vnd.ipld.dag-json', 'inline', 'json'],
      json: [putBytes(blocks, codecs.json, json), 'application/json', 'inline', 'json'],
      cbor: [putBytes(blocks, codecs.cbor, Buffer.from('a10102', 'hex')), 'application/cbor', 'attachment', 'cbor'],
    } as const
    for (const [kind, [root, type, disposition, plain]] of Object.entries(kinds)) {
      const { cid } = await keep(root)
      const bytes = blocks.get(root.multihash)
      for (const [search, accept, expected, tag] of [
        ['', '*/*', type, kind],
        [`?format=${kind}`, '', type, kind],
        ['', type, type, kind],
        [`?format=${plain}`, type, `application/${plain}`, plain],
      ] as const) {
        const answer = await get(`/ipfs/${cid}${search}`, accept === '' ? {} : { accept })
        expect([answer.status, answer.headers['content-type'], answer.headers.etag], kind + search).toEqual([
          200,
          expected,
          `"${cid}.${tag}"`,
        ])
        expect(answer.body.equals(bytes ?? Buffer.alloc(0))).toBe(true)
        expect(answer.headers['content-disposition']).toBe(`${disposition}; filename="${cid}.${plain}"`)
        const part = await get(`/ipfs/${cid}${search}`, { ...(accept === '' ? {} : { accept }), range: 'bytes=1-2' })
        expect([
          part.status,
          part.headers['content-type'],
          part.body.equals((bytes ?? Buffer.alloc(0)).subarray(1, 3)),
        ]).toEqual([206, expected, true])
        const head = await rawAsk(app.gatewayUrl, 'HEAD', `/ipfs/${cid}${search}`, accept === '' ? {} : { accept })
        expect(head.headers['content-length']).toBe(String(bytes?.length))
      }
      const other = plain === 'json' ? 'dag-cbor' : 'dag-json'
      expect((await get(`/ipfs/${cid}?format=${other}`)).status, kind).toBe(406)
      expect((await get(`/ipfs/${cid}?format=tar`)).status, kind).toBe(406)
      expect((await get(`/ipfs/${cid}?download=true&filename=x.y`)).headers['content-disposition']).toBe(
        'attachment; filename="x.y"',
      )
    }
    const { cid } = await keep(inner)
    expect((await get(`/ipfs/${cid}/deep/list/0`)).text).toBe('linked')
    expect((await get(`/ipfs/${cid}/deep/list/1`)).status).toBe(501)
    expect((await get(`/ipfs/${cid}/deep/list/9`)).status).toBe(404)
  })

  it('shows structured data to browsers on a page in which nothing runs', async () => {
    const evil = '</pre><script>alert(1)</script>'
    const { cid } = await keep(
      putCbor(blocks, { [evil]: evil, link: linkTo(putRaw(blocks, 'x')), bytes: Buffer.from('ab') }),
    )
    const page = await get(`/ipfs/${cid}/`, { accept: 'text/html,*/*;q=0.8' })
    expect(page.status).toBe(200)
    expect(page.headers.etag).toMatch(new RegExp(`^"DagIndex-.*_CID-${cid}"$`))
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.headers['content-disposition']).toBeUndefined()
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.headers.vary).toBe('Accept')
    expect(page.text).not.toContain('<script>')
    expect(page.text).toContain('</html>')
    expect(
      (await get(`/ipfs/${cid}/`, { accept: 'text/html', 'if-none-match': String(page.headers.etag) })).status,
    ).toBe(304)
    let deep = Buffer.from('00', 'hex')
    deep = Buffer.concat([Buffer.alloc(500, 0x81), deep])
    const nested = await keep(putBytes(blocks, codecs.dagCbor, deep))
    expect((await get(`/ipfs/${nested.cid}`, { accept: 'text/html' })).text).toContain('too deep')
  })

  it('says of a file that it is JSON when that is asked for, and lets libraries ask for anything', async () => {
    const answer = await get(`/ipfs/${fox.cid}?format=json`)
    expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([
      200,
      'application/json',
      'The quick brown fox',
    ])
    const library = await get(`/ipfs/${fox.cid}`, { accept: 'application/json, text/plain, */*' })
    expect(library.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect((await get(`/ipfs/${folder.cid}?format=json`)).status).toBe(406)
    expect((await get(`/ipfs/${fox.cid}?format=raw`, { accept: 'application/x-tar' })).headers['content-type']).toBe(
      'application/vnd.ipld.raw',
    )
  })

  it('sends several ranges in one answer, each byte where it belongs', async () => {
    const path = `/ipfs/${folder.cid}/big.bin`
    const answer = await get(path, { range: 'bytes=699990-, 5-9, 300000-300009' })
    expect(answer.status).toBe(206)
    const boundary = /^multipart\/byteranges; boundary=(\w+)$/.exec(String(answer.headers['content-type']))?.[1] ?? ''
    expect(answer.headers['content-length']).toBe(String(answer.body.length))
    const expected = [
      [699_990, 700_000],
      [5, 10],
      [300_000, 300_010],
    ].flatMap(([start = 0, end = 0]) => [
      Buffer.from(
        `--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ${start}-${end - 1}/700000\r\n\r\n`,
      ),
      big.subarray(start, end),
      Buffer.from('\r\n'),
    ])
    expect(answer.body.equals(Buffer.concat([...expected, Buffer.from(`--${boundary}--\r\n`)]))).toBe(true)
    const many = Array.from({ length: 17 }, (_, i) => `${i * 10}-${i * 10 + 1}`).join(',')
    expect((await get(path, { range: `bytes=${many}` })).status).toBe(200)
    const single = await get(path, { range: 'bytes=0-1,900000-' })
    expect([single.status, single.headers['content-range']]).toEqual([206, 'bytes 0-1/700000'])
    expect((await get(path, { range: 'bytes=900000-,800000-' })).status).toBe(416)
  })

  it('answers the probe of trustless clients', async () => {
    for (const method of ['GET', 'HEAD']) {
      const raw = await rawAsk(app.gatewayUrl, method, '/ipfs/bafkqaaa?format=raw')
      expect([raw.status, raw.body.length, raw.headers['content-length']]).toEqual([200, 0, '0'])
      const car = await rawAsk(app.gatewayUrl, method, '/ipfs/bafkqaaa?format=car')
      expect([car.status, car.headers['content-type']]).toEqual([
        200,
        'application/vnd.ipld.car; version=1; order=dfs; dups=n',
      ])
    }
  })

  it('answers every format of what is private as of what nobody has', async () => {
    const hidden = await upload(app, key, [['h/a.txt', `hidden on ${database}`]], { network: 'private' })
    const unknown = formatCid(putRaw(new MemoryBlocks(), `unknown on ${database}`))
    for (const form of ['raw', 'car', 'tar', 'json', 'cbor', 'dag-json', 'dag-cbor', '']) {
      for (const path of ['', '/a.txt', '/']) {
        const ask = (cid: string) =>
          get(`/ipfs/${cid}${path}${form === '' ? '' : `?format=${form}`}`, { accept: 'text/html' })
        const [mine, other] = [await ask(hidden.cid), await ask(unknown)]
        expect([mine.status, mine.text], form + path).toEqual([404, other.text])
        const { 'x-request-id': _a, date: _b, ...shown } = mine.headers
        const { 'x-request-id': _c, date: _d, ...shownOther } = other.headers
        expect(shown).toEqual(shownOther)
      }
    }
  })
})
