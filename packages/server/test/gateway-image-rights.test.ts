import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, uploadDag } from './support/content.ts'
import { picture } from './support/pictures.ts'
import { rawAsk } from './support/raw-http.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { putFile, putRaw } from '../src/ipfs/sample-dags.ts'

const option = 'img-width=30'

describe.each(databases)('who may see an image in another size on %s', (database) => {
  let app: TestApp
  let operator: KeyValues
  let key: KeyValues
  let other: KeyValues
  let count = 0
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const width = async (bytes: Buffer) => (await sharp(bytes).metadata()).width
  /** Each with other pixels, so that none is known from another test. */
  const fresh = () =>
    picture(120 + ++count, 90)
      .png()
      .toBuffer()

  async function sign(asker: KeyValues, path: string): Promise<string> {
    const { status, body } = await app.ask('POST', '/v3/files/private/download_link', {
      key: asker,
      json: { url: `${app.gatewayUrl}/files/${path}`, date: Math.floor(Date.now() / 1_000), expires: 600, method: 'GET' }, // prettier-ignore
    })
    expect([path, status]).toEqual([path, 200])
    return body.data.slice(app.gatewayUrl.length)
  }

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'alice')
    other = await app.makeAccount(operator, 'bob')
  })
  afterAll(() => app.close())

  it('is whoever has a link for these very options, and no cache keeps it', async () => {
    const file = await upload(app, key, [['p.png', await fresh()]], { network: 'private' })
    const link = await sign(key, `${file.cid}?${option}`)
    const shown = await get(link)
    expect([shown.status, await width(shown.body), shown.headers['cache-control']]).toEqual([
      200,
      30,
      'private, no-store',
    ])
    expect(shown.headers['x-ipfs-roots']).toBeUndefined()
    // Other options were not signed.
    for (const path of [
      link.replace(option, 'img-width=31'),
      link.replace(`${option}&`, ''),
      `${link}&img-height=10`,
      (await sign(key, file.cid)).concat(`&${option}`),
    ])
      expect([path, (await get(path)).status]).toEqual([path, 401])
    const known = { 'if-none-match': String(shown.headers.etag) }
    for (const [path, status] of [
      [`/files/${file.cid}?${option}`, 401],
      [`/ipfs/${file.cid}?${option}`, 404],
    ] as const) {
      const absent = await get(path)
      const conditional = await get(path, known)
      expect([path, absent.status, conditional.status]).toEqual([path, status, status])
      expect(absent.headers.etag).toBeUndefined()
    }
    // It ends with the file, whatever is kept of it.
    expect((await get(link)).status).toBe(200)
    expect((await app.ask('DELETE', `/v3/files/private/${file.id}`, { key })).status).toBe(200)
    expect((await get(link, known)).status).toBe(404)
    expect((await get(link)).status).toBe(404)
  })

  it('is everybody who has the file, each for itself', async () => {
    const bytes = await fresh()
    const mine = await upload(app, key, [['p.png', bytes]], { network: 'private' })
    const first = await get(await sign(key, `${mine.cid}?${option}`))
    const kept = app.services.images.sizeBytes
    // Had the other one been given the first one's, it would have come faster than to somebody who is alone.
    await upload(app, other, [['q.png', bytes]], { network: 'private' })
    const second = await get(await sign(other, `${mine.cid}?${option}`))
    expect(second.body.equals(first.body)).toBe(true)
    expect(app.services.images.sizeBytes).toBeGreaterThan(kept)
    // Again by another link: of the same pin it was kept.
    const before = app.services.images.sizeBytes
    expect((await get(await sign(key, `${mine.cid}?${option}`))).status).toBe(200)
    expect(app.services.images.sizeBytes).toBe(before)
  })

  it('is everybody, for what is public, until the last unpin', async () => {
    const file = await upload(app, key, [['p.png', await fresh()]])
    const path = `/ipfs/${file.cid}?${option}`
    const shown = await get(path)
    expect([shown.status, await width(shown.body)]).toEqual([200, 30])
    expect((await app.ask('DELETE', `/v3/files/public/${file.id}`, { key })).status).toBe(200)
    for (const headers of [{}, { 'if-none-match': String(shown.headers.etag) }, { range: 'bytes=0-1' }] as const)
      expect((await get(path, headers)).status).toBe(404)
  })

  it('is nobody once a piece of the original is taken down, or no longer public, though its root still is', async () => {
    const bytes = await fresh()
    const blocks = new MemoryBlocks()
    const leaves = [bytes.subarray(0, 5_000), bytes.subarray(5_000)].map((piece) => [putRaw(blocks, piece), piece.length] as const) // prettier-ignore
    const root = putFile(blocks, leaves)
    const file = await uploadDag(app, key, { root, blocks })
    const path = `/ipfs/${file.cid}?${option}`
    const leaf = formatCid(leaves[1]![0])
    const fine = await get(path)
    expect(fine.status).toBe(200)
    const denial = { cid: leaf, reason: 'A court said so.' }
    expect((await app.ask('POST', '/pinyon/v1/denials', { key: operator, json: denial })).status).toBe(201)
    const denied = await get(path)
    expect([denied.status, denied.text]).toEqual([410, expect.stringContaining('A court said so.')])
    expect((await app.ask('DELETE', `/pinyon/v1/denials/${leaf}`, { key: operator })).status).toBe(200)
    expect((await get(path)).body.equals(fine.body)).toBe(true)
    // The root alone, as bytes, is public for another reason; what it leads to is not.
    const rootBytes = blocks.get(root.multihash)!
    const alone = new MemoryBlocks()
    const rawRoot = putRaw(alone, rootBytes)
    await uploadDag(app, other, { root: rawRoot, blocks: alone })
    expect((await app.ask('DELETE', `/v3/files/public/${file.id}`, { key })).status).toBe(200)
    expect((await get(`/ipfs/${formatCid(rawRoot)}`)).body.equals(Buffer.from(rootBytes))).toBe(true)
    // As the original itself, of which no more than the root is to be had.
    const { status } = await get(`/ipfs/${file.cid}`)
    expect([503, 404]).toContain(status)
    expect((await get(path)).status).toBe(status)
  })

  it('is everybody, for a private file in a public group, and nobody when it is no longer', async () => {
    const group = (await app.ask('POST', '/v3/groups/private', { key, json: { name: 'open', is_public: true } })).body.data // prettier-ignore
    const file = await upload(app, key, [['p.png', await fresh()]], { network: 'private', group_id: group.id })
    const path = `/files/${file.cid}?${option}`
    const shown = await get(path)
    expect([shown.status, await width(shown.body), shown.headers['cache-control']]).toEqual([
      200,
      30,
      'private, no-store',
    ])
    const closed = await app.ask('PUT', `/v3/groups/private/${group.id}`, { key, json: { is_public: false } })
    expect(closed.status).toBe(200)
    expect((await get(path)).status).toBe(401)
    expect((await get(path, { 'if-none-match': String(shown.headers.etag) })).status).toBe(401)
  })
})
