import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { importSample, putDirectory, putRaw, type SampleDag } from '../src/ipfs/sample-dags.ts'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

let made: Promise<SampleDag> | undefined
/** A sharded directory, as another implementation makes it; made once for both databases. */
function tenThousand(): Promise<SampleDag> {
  const files = Array.from({ length: 10_000 }, (_, i) => ({
    path: `root/nft-${i}.json`,
    content: Buffer.from(`{"name":"nft ${i}"}`),
  }))
  return (made ??= importSample(files, {
    chunkBytes: 1_000,
    shardSplitThresholdBytes: 1,
    wrapWithDirectory: false,
  }))
}

describe.each(databases)('directories of the gateway on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  it('sends to the address with a slash, with the query, and never to another host', async () => {
    const { cid } = await upload(app, key, [
      ['d/sub dir/a.txt', 'a'],
      ['d/b.txt', 'b'],
    ])
    for (const [path, location] of [
      [`/ipfs/${cid}`, `/ipfs/${cid}/`],
      [`/ipfs/${cid}?a=b&c=%20`, `/ipfs/${cid}/?a=b&c=%20`],
      [`/ipfs/${cid}/sub%20dir`, `/ipfs/${cid}/sub%20dir/`],
      [`//ipfs//${cid}`, `/ipfs/${cid}/`],
    ] as const) {
      const answer = await get(path)
      expect([answer.status, answer.headers.location], path).toEqual([301, location])
      expect(answer.headers['access-control-allow-origin']).toBe('*')
    }
    expect((await get(`/ipfs/${cid}/b.txt/`)).status).toBe(200)
  })

  it('shows index.html with the tag of the directory', async () => {
    const page = '<!doctype html><title>home</title>'
    const { cid } = await upload(app, key, [
      ['site/index.html', page],
      ['site/img.svg', '<svg/>'],
    ])
    const answer = await get(`/ipfs/${cid}/`)
    expect([answer.status, answer.text]).toEqual([200, page])
    expect(answer.headers).toMatchObject({ etag: `"${cid}"`, 'content-type': 'text/html; charset=utf-8' })
    expect(answer.headers['content-security-policy']).toContain('sandbox')
    expect((await get(`/ipfs/${cid}/`, { range: 'bytes=0-8' })).text).toBe('<!doctype')
    expect((await get(`/ipfs/${cid}/`, { 'if-none-match': `"${cid}"` })).status).toBe(304)
  })

  it('lists names as text, whatever they are', async () => {
    const blocks = new MemoryBlocks()
    const leaf = putRaw(blocks, 'x')
    const names = [
      '"><img src=x onerror=alert(1)>',
      "'quote'",
      '%41.txt',
      '..',
      'a/b',
      'javascript:alert(1)',
      'new\nline',
      'ümläut ☃',
      '&amp;',
      '?q#f',
      '',
    ]
    const root = putDirectory(blocks, Object.fromEntries(names.toSorted().map((name) => [name, leaf])))
    const { cid } = await uploadDag(app, key, { root, blocks })
    const { status, text, headers } = await get(`/ipfs/${cid}/`)
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers.etag).toMatch(/^"DirIndex-\w+_CID-/)
    expect(text).not.toContain('<img')
    expect(text).toContain(`href="/ipfs/${cid}/%2541.txt"`)
    expect(text).toContain(`href="/ipfs/${cid}/javascript%3Aalert(1)"`)
    expect(text).toContain('ümläut ☃</a>')
    for (const [, href = ''] of text.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^(\/ipfs\/|\?after=)/)
    // A name that browsers take for a way up, and an empty one, are text: no address leads to them.
    expect(text).not.toMatch(/href="[^"]*\/(\.\.)?"/)
    expect((await get(`/ipfs/${cid}/a%2Fb`)).text).toBe('x')
    expect((await get(`/ipfs/${cid}/%3Fq%23f`)).text).toBe('x')
  })

  it('leads back up from a directory inside', async () => {
    const { cid } = await upload(app, key, [['d/sub/a.txt', 'a']])
    expect((await get(`/ipfs/${cid}/sub/`)).text).toContain(`<a href="/ipfs/${cid}/sub/..">..</a>`)
    expect((await get(`/ipfs/${cid}/`)).text).not.toContain('..</a>')
  })

  it('says that an empty directory is empty', async () => {
    const blocks = new MemoryBlocks()
    const { cid } = await uploadDag(app, key, { root: putDirectory(blocks, {}), blocks })
    const answer = await get(`/ipfs/${cid}/`)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('empty')
  })

  it('pages through ten thousand entries, and finds each, without holding the loop', { timeout: 60_000 }, async () => {
    const sample = await tenThousand()
    const { cid } = await uploadDag(app, key, sample)
    expect(cid).toBe(formatCid(sample.root))
    const names = new Set<string>()
    const held = watchLoop()
    let path = `/ipfs/${cid}/`
    for (let pages = 0; ; pages++) {
      expect(pages).toBeLessThan(12)
      const { status, text, headers } = await get(path)
      expect(status).toBe(200)
      for (const [, name = ''] of text.matchAll(/<td><a href="\/ipfs\/[^"]*">([^<]*)<\/a>/g)) {
        expect(names.has(name), name).toBe(false)
        names.add(name)
      }
      const next = /href="(\?after=[^"]*)"/.exec(text)?.[1]
      const again = await get(path, { 'if-none-match': headers.etag ?? '' })
      expect(again.status).toBe(304)
      if (next === undefined) break
      path = `/ipfs/${cid}/${next}`
    }
    expect(held.longestMs()).toBeLessThan(50)
    expect(names.size).toBe(10_000)
    for (const i of [0, 4_711, 9_999])
      expect((await get(`/ipfs/${cid}/nft-${i}.json`)).text).toBe(`{"name":"nft ${i}"}`)
    expect((await get(`/ipfs/${cid}/nft-10000.json`)).status).toBe(404)
    for (const after of ['x', '-1', '99999999', '1.1.1.1', '', '0.'.repeat(100)])
      expect([200, 400], after).toContain((await get(`/ipfs/${cid}/?after=${after}`)).status)
  })
})
