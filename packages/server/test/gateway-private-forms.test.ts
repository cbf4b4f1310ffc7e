import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codecs } from '../src/ipfs/codecs.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { linkTo, putBytes, putCbor, putDirectory, putFile, putPb, putRaw } from '../src/ipfs/sample-dags.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { uploadDag, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

/** Every way to ask for a content, with what it answers for the directory, and for the file in it. */
const forms: readonly (readonly [query: string, type: string])[] = [
  ['', 'text/'],
  ['format=raw', 'application/vnd.ipld.raw'],
  ['format=car', 'application/vnd.ipld.car'],
  ['format=car&dag-scope=entity', 'application/vnd.ipld.car'],
  ['format=tar', 'application/x-tar'],
  ['download=true', 'text/'],
  ['filename=x.html', 'text/html'],
]

describe.each(databases)('private files in every form on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let folder: Uploaded
  let data: Uploaded
  let leaf: string
  let groupId: string
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    rawAsk(app.gatewayUrl, method, path, headers)

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    const { body } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'open', is_public: true } })
    groupId = body.data.id
    const blocks = new MemoryBlocks()
    const text = putRaw(blocks, `words on ${database}`)
    leaf = formatCid(text)
    const file = putFile(blocks, [[text, `words on ${database}`.length]])
    const link = putPb(blocks, { type: 'symlink', data: Buffer.from('a.txt') })
    const root = putDirectory(blocks, { 'a.txt': file, ln: link, sub: putDirectory(blocks, { 'b.txt': text }) })
    folder = await uploadDag(app, key, { root, blocks }, { network: 'private' })
    const cbor = putCbor(blocks, { to: linkTo(text), n: 7, json: linkTo(putBytes(blocks, codecs.dagJson, Buffer.from(`{"on":"${database}"}`))) }) // prettier-ignore
    data = await uploadDag(app, key, { root: cbor, blocks }, { network: 'private' })
  })
  afterAll(() => app.close())

  async function sign(path: string): Promise<URL> {
    const { status, body } = await app.ask('POST', '/v3/files/private/download_link', {
      key,
      json: { url: `${app.gatewayUrl}/files/${path}`, date: Math.floor(Date.now() / 1_000), expires: 600, method: 'GET' }, // prettier-ignore
    })
    expect([path, status]).toEqual([path, 200])
    return new URL(body.data)
  }
  /** Every form, status and condition of them, is for one reader; what only public answers have is absent. */
  async function expectGated(path: string, search: string, headers: Record<string, string> = {}) {
    const answer = await ask(`${path}${search}`, headers)
    const what = `${path}${search.slice(0, 60)} ${JSON.stringify(headers)} ${answer.status}`
    expect([what, answer.headers['cache-control']]).toEqual([
      what,
      expect.stringMatching(/^(private, no-store|no-store)$/),
    ])
    expect([what, answer.headers['x-ipfs-path'], answer.headers['x-ipfs-roots']]).toEqual([what, undefined, undefined])
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    expect(answer.headers['referrer-policy']).toBe('no-referrer')
    expect(answer.complete).toBe(true)
    return answer
  }

  it('are given out by a link as on /ipfs, for one reader alone', async () => {
    const link = await sign(folder.cid)
    for (const path of [`/files/${folder.cid}/`, `/files/${folder.cid}/a.txt`, `/files/${folder.cid}/sub/b.txt`]) {
      for (const [query, type] of forms) {
        const search = `${link.search}${query === '' ? '' : `&${query}`}`
        const answer = await expectGated(path, search)
        expect([path, query, answer.status]).toEqual([path, query, 200])
        if (!path.endsWith('/') || query.startsWith('format')) expect(answer.headers['content-type']).toContain(type)
        const { etag = '' } = answer.headers
        expect((await expectGated(path, search, { 'if-none-match': etag })).status).toBe(304)
        const head = await ask(`${path}${search}`, {}, 'HEAD')
        expect([path, query, head.status, head.headers.etag, head.body.length]).toEqual([path, query, 200, etag, 0])
        expect(head.headers['content-length']).toBe(answer.headers['content-length'])
      }
    }
    const text = `/files/${folder.cid}/a.txt`
    expect((await expectGated(text, link.search, { range: 'bytes=0-4' })).text).toBe('words')
    expect((await expectGated(text, link.search, { range: 'bytes=0-1,3-4' })).status).toBe(206)
    expect((await expectGated(text, link.search, { range: 'bytes=900-' })).status).toBe(416)
    expect((await expectGated(`/files/${folder.cid}/none`, link.search)).status).toBe(404)
    expect((await expectGated(`/files/${folder.cid}/ln`, link.search)).text).toBe('a.txt')
    const moved = await expectGated(`/files/${folder.cid}/sub`, link.search)
    expect([moved.status, moved.headers.location]).toEqual([301, `/files/${folder.cid}/sub/${link.search}`])
    expect((await ask(`${text}${link.search}&format=dag-json`)).status).toBe(406)
    expect((await ask(`${text}${link.search}&format=nonsense`)).status).toBe(400)
  })

  it('that are structured data are given out as such, and what they link to', async () => {
    const link = await sign(data.cid)
    for (const [below, format, status, type] of [
      ['', '', 200, 'application/vnd.ipld.dag-cbor'],
      ['', 'dag-cbor', 200, 'application/vnd.ipld.dag-cbor'],
      ['', 'cbor', 200, 'application/cbor'],
      ['', 'dag-json', 406, 'text/plain'],
      ['', 'car', 200, 'application/vnd.ipld.car'],
      ['', 'tar', 406, 'text/plain'],
      ['/json', 'dag-json', 200, 'application/vnd.ipld.dag-json'],
      ['/json/on', '', 501, 'text/plain'],
      ['/to', '', 200, 'text/plain'],
      ['/n', '', 501, 'text/plain'],
      ['/none', '', 404, 'text/plain'],
    ] as const) {
      const answer = await expectGated(`/files/${data.cid}${below}`, `${link.search}${format === '' ? '' : `&format=${format}`}`) // prettier-ignore
      expect([below, format, answer.status]).toEqual([below, format, status])
      expect(answer.headers['content-type']).toContain(type)
    }
    const page = await ask(`/files/${data.cid}${link.search}`, { accept: 'text/html' })
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'private, no-store'])
  })

  it('in a public group need no link, in any form, as long as the group is public', async () => {
    const paths = [`/files/${folder.cid}/`, `/files/${folder.cid}/a.txt`]
    expect((await app.ask('PUT', `/v3/groups/private/${groupId}/ids/${folder.id}`, { key })).status).toBe(200) // prettier-ignore
    for (const path of paths)
      for (const [query] of forms) expect([query, (await expectGated(path, `?${query}`)).status]).toEqual([query, 200])
    // Parts of it by their own CID are none of the group's files.
    for (const [query] of forms) expect((await expectGated(`/files/${leaf}`, `?${query}`)).status).toBe(401)
    const closed = await app.ask('PUT', `/v3/groups/private/${groupId}`, { key, json: { is_public: false } })
    expect(closed.status).toBe(200)
    for (const path of paths) {
      for (const [query] of forms) {
        const answer = await expectGated(path, `?${query}`, { 'if-none-match': '*' })
        expect([query, answer.status, answer.headers.etag]).toEqual([query, 401, undefined])
      }
    }
  })

  it('are 401 without a link whether they are there or not, in every form', async () => {
    const unknown = formatCid(putRaw(new MemoryBlocks(), `nobody has this on ${database}`))
    for (const [query] of [...forms, ['format=json'], ['format=dag-json'], ['img-width=10']]) {
      const seen = await Promise.all(
        [data.cid, unknown].map(async (cid) => {
          const { status, text, headers } = await ask(`/files/${cid}?${query}`, { 'if-none-match': '*', range: 'bytes=0-1' }) // prettier-ignore
          return [status, text, headers.etag, headers['cache-control'], headers['content-length']]
        }),
      )
      expect([query, seen[0]?.[0]]).toEqual([query, 401])
      expect(seen[0]).toEqual(seen[1])
    }
  })
})
