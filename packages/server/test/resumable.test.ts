import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layoutV0 } from '../src/ipfs/layout.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { uploadDag } from './support/content.ts'
import { begin, begun, cidOf, freshBytes, metadataOf, offsetOf, patch } from './support/tus.ts'
import { carOf, dagOf } from './support/tus-car.ts'

const mib = 1024 * 1024

describe.each(databases)('resumable uploads on %s', (database) => {
  let app: TestApp
  let key: KeyValues & { accountId: string }

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  const content = async (id: string) =>
    Buffer.from(
      await (
        await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, { headers: { authorization: `Bearer ${key.JWT}` } })
      ).arrayBuffer(),
    )

  it('keeps a file that comes in chunks of any size, and lists it with the last answer', async () => {
    const bytes = freshBytes(3 * mib + 12_345)
    const { path, id } = await begun(app, key, bytes.length, {
      metadata: { filename: 'größe.bin', network: 'public', keyvalues: '{"a":"b"}', cid_version: 'v1', filetype: '' },
    })
    expect(path).toBe(`/v3/files/${id}/upload`)
    expect((await app.ask('GET', `/v3/files/public/${id}`, { key })).status).toBe(404)
    let offset = 0
    for (const count of [1, 262_143, 1, 7, 262_144, 600_000, 0, 2 * mib, 3, Infinity]) {
      const chunk = bytes.subarray(offset, offset + count)
      const { status, headers, body } = await patch(app, key, path, offset, chunk)
      expect([status, body]).toEqual([204, ''])
      offset += chunk.length
      expect(headers.get('upload-offset')).toBe(String(offset))
      expect(headers.get('tus-resumable')).toBe('1.0.0')
      expect(headers.get('upload-cid')).toBe(offset === bytes.length ? await cidOf(bytes) : null)
      expect(await offsetOf(app, key, path)).toBe(offset)
    }
    const { body } = await app.ask('GET', `/v3/files/public?cid=${await cidOf(bytes)}`, { key })
    expect(body.data.files).toEqual([
      expect.objectContaining({
        id,
        name: 'größe.bin',
        size: bytes.length,
        network: 'public',
        keyvalues: { a: 'b' },
        number_of_files: 1,
        mime_type: 'application/octet-stream',
      }),
    ])
    expect(await content(id)).toEqual(bytes)
    expect((await (await fetch(`${app.gatewayUrl}/ipfs/${await cidOf(bytes)}`)).arrayBuffer()).byteLength).toBe(
      bytes.length,
    )
  })

  it('takes what the SDK sends: no Tus-Resumable, Latin-1 metadata, the version in the address', async () => {
    const bytes = freshBytes(300_000)
    const { status, headers } = await app.ask('POST', '/v3/files?X-Upload-Option-Cid-Version=v0', {
      key,
      headers: {
        'upload-length': String(bytes.length),
        'upload-metadata': `filename ${btoa('caf\xe9.txt')},filetype ${btoa('text/plain')},network ${btoa('private')}`,
        source: 'sdk/file',
      },
    })
    expect(status).toBe(201)
    const location = String(headers.get('location'))
    expect(location.startsWith(`${app.apiUrl}/v3/files/`)).toBe(true)
    const sent = await patch(app, key, new URL(location).pathname, 0, bytes)
    expect(sent.status).toBe(204)
    expect(sent.headers.get('upload-cid')).toBe(await cidOf(bytes, layoutV0))
    const { body } = await app.ask('GET', `/v3/files/private?cid=${sent.headers.get('upload-cid')}`, { key })
    expect(body.data.files[0]).toMatchObject({ name: 'caf\xe9.txt', mime_type: 'text/plain', size: bytes.length })
  })

  it('always ends in a row of its own, marked nowhere but listed', async () => {
    const bytes = freshBytes(1_000)
    const ids = []
    for (let i = 0; i < 2; i++) {
      const { path, id } = await begun(app, key, bytes.length)
      expect((await patch(app, key, path, 0, bytes)).status).toBe(204)
      ids.push(id)
    }
    const { body } = await app.ask('GET', `/v3/files/private?cid=${await cidOf(bytes)}`, { key })
    expect(body.data.files.map((file: { id: string }) => file.id).toSorted()).toEqual(ids.toSorted())
  })

  it('is whole at the 201 when it is empty, and with the bytes that came with it', async () => {
    const empty = await begin(app, key, 0)
    expect(empty.status).toBe(201)
    expect(empty.headers.get('upload-cid')).toBe(await cidOf(Buffer.alloc(0)))
    const bytes = freshBytes(50_000)
    const headers = { 'upload-length': String(bytes.length), 'content-type': 'application/offset+octet-stream' }
    const whole = await app.ask('POST', '/v3/files', { key, headers, body: new Uint8Array(bytes) })
    expect([whole.status, whole.headers.get('upload-cid')]).toEqual([201, await cidOf(bytes)])
    const part = await app.ask('POST', '/v3/files', { key, headers, body: new Uint8Array(bytes.subarray(0, 10)) })
    expect([part.status, part.headers.get('upload-offset')]).toEqual([201, '10'])
    const rest = await patch(app, key, new URL(String(part.headers.get('location'))).pathname, 10, bytes.subarray(10))
    expect(rest.headers.get('upload-cid')).toBe(await cidOf(bytes))
  })

  it('answers a chunk whose answer was lost as it did before, and nothing else that is not at its offset', async () => {
    const bytes = freshBytes(900_000)
    const { path, id } = await begun(app, key, bytes.length)
    const send = (from: number, to: number) => patch(app, key, path, from, bytes.subarray(from, to))
    expect((await send(0, 300_000)).status).toBe(204)
    const again = await send(0, 300_000)
    expect([again.status, again.headers.get('upload-offset')]).toEqual([204, '300000'])
    for (const [from, to] of [
      [300_001, 300_002],
      [1, 299_999],
      [0, 299_999],
      [299_999, 300_001],
      [600_000, 900_000],
    ] as const)
      // prettier-ignore
      expect((await send(from, to)).status).toBe(409)
    // The last chunk was cut off after some of it: the SDK sends it again from its beginning.
    expect((await send(0, 400_000)).status).toBe(204)
    expect((await send(400_000, 900_000)).status).toBe(204)
    const last = await send(400_000, 900_000)
    expect([last.status, last.headers.get('upload-cid')]).toEqual([204, await cidOf(bytes)])
    for (const [from, to] of [
      [0, 900_000],
      [899_999, 900_000],
    ] as const)
      // prettier-ignore
      expect((await send(from, to)).status).toBe(204)
    for (const [from, to] of [
      [0, 10],
      [0, 899_999],
    ] as const)
      expect((await send(from, to)).status).toBe(409)
    expect((await patch(app, key, path, 900_000, 'x')).status).toBe(409)
    const head = await app.ask('HEAD', path, { key })
    expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-cid')]).toEqual([
      200,
      '900000',
      await cidOf(bytes),
    ])
    expect(head.headers.get('cache-control')).toContain('no-store')
    expect(await content(id)).toEqual(bytes)
    const { body } = await app.ask('GET', `/v3/files/private?cid=${await cidOf(bytes)}`, { key })
    expect(body.data.files).toHaveLength(1)
  })

  it('refuses what ends behind the end of the file, said beforehand or not', async () => {
    const { path } = await begun(app, key, 10)
    expect((await patch(app, key, path, 0, 'elevenbytes')).status).toBe(413)
    const chunked = await app.ask('PATCH', path, {
      key,
      body: new Blob(['eleven', 'bytes']).stream(),
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
    })
    expect(chunked.status).toBe(413)
    expect(await offsetOf(app, key, path)).toBe(0)
    expect((await patch(app, key, path, 0, 'ten bytes!')).status).toBe(204)
  })

  it('takes one of two chunks that come at once', async () => {
    const bytes = freshBytes(5 * mib)
    const { path } = await begun(app, key, bytes.length + 1)
    const statuses = await Promise.all(
      Array.from({ length: 4 }, (_, i) => patch(app, key, path, 0, bytes.subarray(i))),
    ).then((all) => all.map(({ status }) => status).toSorted((a, b) => a - b))
    expect(statuses[0]).toBe(204)
    for (const status of statuses.slice(1)) expect([409, 423]).toContain(status)
    const offset = await offsetOf(app, key, path)
    expect(bytes.length - offset).toBeLessThan(4)
  })

  it.each([
    ['-1', 400],
    ['1e3', 400],
    ['NaN', 400],
    ['', 400],
    ['0x10', 400],
    ['1.5', 400],
    ['1152921504606846976', 413],
    ['9'.repeat(60), 400],
  ])('answers an Upload-Length of %s with %i', async (length, status) => {
    expect((await begin(app, key, 0, { headers: { 'upload-length': length } })).status).toBe(status)
  })

  it.each([
    ['filename %%%', 400],
    ['filename YQ==,filename Yg==', 400],
    ['filename A', 400],
    [`filename ${btoa('a\0b')}`, 400],
    [`network ${btoa('elsewhere')}`, 400],
    [`keyvalues ${btoa('not json')}`, 400],
    [`group_id ${btoa('00000000-0000-4000-8000-000000000000')}`, 404],
    [`expires_at ${btoa('12')}`, 400],
    [`filename ${btoa('x'.repeat(2_000))}`, 400],
    ['filename,filetype ,network', 201],
    [`is_odd,name ${btoa('n')},relativePath bnVsbA==`, 201],
  ])('answers the metadata %s with %i', async (metadata, status) => {
    expect((await begin(app, key, 10, { headers: { 'upload-metadata': metadata } })).status).toBe(status)
  })

  it('speaks one version of the protocol, and says so', async () => {
    const { status, headers } = await begin(app, key, 10, { headers: { 'tus-resumable': '0.2.2' } })
    expect([status, headers.get('tus-version')]).toEqual([412, '1.0.0'])
    const options = await app.ask('OPTIONS', '/v3/files')
    expect(options.status).toBe(204)
    expect(options.headers.get('tus-version')).toBe('1.0.0')
    expect(options.headers.get('tus-max-size')).toBe('250000000000')
    expect(options.headers.get('tus-extension')).toContain('creation-with-upload')
    const { path } = await begun(app, key, 10)
    expect((await patch(app, key, path, 0, 'x', { 'tus-resumable': '2.0.0' })).status).toBe(412)
    expect((await patch(app, key, path, 0, 'x', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await patch(app, key, path, 0, 'x', { 'upload-offset': '-1' })).status).toBe(400)
    expect((await patch(app, key, path, 0, 'x', { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await begin(app, key, 10, { headers: { 'upload-concat': 'partial' } })).status).toBe(400)
  })

  it('waits for the length when it is said later', async () => {
    const begunLater = await app.ask('POST', '/v3/files', { key, headers: { 'upload-defer-length': '1' } })
    const path = new URL(String(begunLater.headers.get('location'))).pathname
    expect((await patch(app, key, path, 0, 'hello ')).status).toBe(204)
    const head = await app.ask('HEAD', path, { key })
    expect([head.headers.get('upload-defer-length'), head.headers.get('upload-length')]).toEqual(['1', null])
    expect((await patch(app, key, path, 6, 'world', { 'upload-length': '4' })).status).toBe(413)
    expect((await patch(app, key, path, 6, 'wor', { 'upload-length': '11' })).status).toBe(204)
    expect((await patch(app, key, path, 9, 'ld', { 'upload-length': '12' })).status).toBe(400)
    const last = await patch(app, key, path, 9, 'ld')
    expect(last.headers.get('upload-cid')).toBe(await cidOf(Buffer.from('hello world')))
    const all = await app.ask('POST', '/v3/files', { key, headers: { 'upload-defer-length': '1' } })
    const other = new URL(String(all.headers.get('location'))).pathname
    await patch(app, key, other, 0, 'known')
    const end = await patch(app, key, other, 5, '', { 'upload-length': '5' })
    expect(end.headers.get('upload-cid')).toBe(await cidOf(Buffer.from('known')))
  })

  it('holds a chunk against its checksum before anything of it is kept', async () => {
    const bytes = freshBytes(700_000)
    const { path } = await begun(app, key, bytes.length)
    const checksum = (part: Buffer) => ({
      'upload-checksum': `sha1 ${createHash('sha1').update(part).digest('base64')}`,
    })
    const [one, two] = [bytes.subarray(0, 300_000), bytes.subarray(300_000)]
    expect((await patch(app, key, path, 0, one, checksum(two))).status).toBe(460)
    expect(await offsetOf(app, key, path)).toBe(0)
    expect((await patch(app, key, path, 0, one, { 'upload-checksum': 'crc32 AAAA' })).status).toBe(400)
    expect((await patch(app, key, path, 0, one, checksum(one))).status).toBe(204)
    const last = await patch(app, key, path, 300_000, two, checksum(two))
    expect(last.headers.get('upload-cid')).toBe(await cidOf(bytes))
  })

  it('takes a CAR, and keeps nothing of its own bytes', async () => {
    const dag = await dagOf(freshBytes(2 * mib))
    const car = await carOf(dag)
    const { path, id } = await begun(app, key, car.length, { metadata: { car: 'true', network: 'public' } })
    expect((await patch(app, key, path, 0, car.subarray(0, mib))).status).toBe(204)
    const last = await patch(app, key, path, mib, car.subarray(mib))
    expect([last.status, last.headers.get('upload-cid')]).toEqual([204, dag.cid])
    const direct = await uploadDag(app, key, dag, { network: 'private' })
    const file = (await app.ask('GET', `/v3/files/public/${id}`, { key })).body.data
    expect(file).toMatchObject({ cid: dag.cid, size: direct.size })
    expect((await fetch(`${app.gatewayUrl}/ipfs/${await cidOf(car)}`)).status).not.toBe(200)
    const broken = await begun(app, key, 10, { metadata: { car: 'true' } })
    const refused = await patch(app, key, broken.path, 0, 'not a car!')
    expect(refused.status).toBe(400)
  })

  it('ends by DELETE, and the file that came of it stays', async () => {
    const { path } = await begun(app, key, 20)
    await patch(app, key, path, 0, 'ten bytes!')
    expect((await app.ask('DELETE', path, { key })).status).toBe(204)
    for (const method of ['HEAD', 'PATCH', 'DELETE', 'GET'])
      expect((await app.ask(method, path, { key, ...(method === 'PATCH' ? { headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' } } : {}) })).status).toBe(404) // prettier-ignore
    const done = await begun(app, key, 10)
    await patch(app, key, done.path, 0, 'ten bytes!')
    expect((await app.ask('DELETE', done.path, { key })).status).toBe(204)
    expect((await app.ask('GET', `/v3/files/private/${done.id}`, { key })).status).toBe(200)
  })

  it('is one use of its key, and ends with its key', async () => {
    const once = await app.makeKey(key, { resources: ['org:files:write'] }, { maxUses: 1 })
    const { path } = await begun(app, once, 30)
    expect((await patch(app, once, path, 0, 'ten bytes!')).status).toBe(204)
    expect(await offsetOf(app, once, path)).toBe(10)
    expect((await begin(app, once, 10)).status).toBe(403)
    const revoked = await app.ask('PUT', `/v3/pinata/keys/${once.pinata_api_key}`, { key })
    expect(revoked.status).toBe(200)
    expect((await patch(app, once, path, 10, 'ten bytes!')).status).toBe(401)
    expect((await patch(app, key, path, 10, 'ten bytes!')).status).toBe(204)
    const reader = await app.makeKey(key, { resources: ['org:files:read'] })
    expect((await patch(app, reader, path, 20, 'ten bytes!')).status).toBe(403)
  })

  it('shows everything to pages of other origins', async () => {
    const origin = 'https://app.example.test'
    const preflight = await app.ask('OPTIONS', '/v3/files', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,source,upload-length,upload-metadata',
      },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('upload-metadata')
    const { path } = await begun(app, key, 5)
    const { headers } = await patch(app, key, path, 0, 'hello', { origin })
    const exposed = String(headers.get('access-control-expose-headers')).toLowerCase()
    for (const name of ['location', 'upload-offset', 'upload-length', 'upload-cid', 'tus-resumable', 'upload-expires'])
      expect(exposed.split(', ')).toContain(name)
  })

  it('takes POST for PATCH, HEAD and DELETE where X-HTTP-Method-Override says so, and nowhere else', async () => {
    const { path } = await begun(app, key, 6)
    const over = (method: string) => ({ 'x-http-method-override': method })
    const chunk = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0', ...over('PATCH') }
    const sent = await app.ask('POST', path, { key, body: 'abc', headers: chunk })
    expect([sent.status, sent.headers.get('upload-offset')]).toEqual([204, '3'])
    const seen = await app.ask('POST', path, { key, headers: over('HEAD') })
    expect([seen.status, seen.headers.get('upload-offset')]).toEqual([200, '3'])
    expect((await app.ask('POST', path, { headers: over('DELETE') })).status).toBe(401)
    expect((await app.ask('POST', path, { key, headers: over('delete') })).status).toBe(204)
    expect((await app.ask('HEAD', path, { key })).status).toBe(404)
    expect((await app.ask('POST', path, { key, headers: over('GET') })).status).toBe(405)
    const form = new FormData()
    form.append('file', new Blob(['kept']), 'kept.txt')
    const { body } = await app.ask('POST', '/v3/files', { key, form })
    const file = `/v3/files/private/${body.data.id}`
    expect((await app.ask('POST', file, { key, headers: over('DELETE') })).status).toBe(405)
    expect((await app.ask('GET', file, { key })).status).toBe(200)
  })

  it('keeps its file without a group that was deleted while it came', async () => {
    const { body: made } = await app.ask('POST', '/v3/groups/private', { key, json: { name: 'short' } })
    const bound = await app.makeKey(key, { admin: true }, { bounds: { groups: [made.data.id] } })
    const files = []
    for (const uploader of [key, bound]) {
      const { path, id } = await begun(app, uploader, 6, { metadata: { filename: 'a', group_id: made.data.id } })
      expect((await patch(app, uploader, path, 0, 'abc')).status).toBe(204)
      files.push({ uploader, path, id })
    }
    expect((await app.ask('DELETE', `/v3/groups/private/${made.data.id}`, { key })).status).toBe(200)
    for (const { uploader, path, id } of files) {
      const last = await patch(app, uploader, path, 3, 'def')
      expect([last.status, last.headers.get('upload-cid')]).toEqual([204, await cidOf(Buffer.from('abcdef'))])
      const { body } = await app.ask('GET', `/v3/files/private/${id}`, { key })
      expect(body.data).toMatchObject({ id, group_id: null })
    }
    const late = { metadata: { filename: 'a', group_id: made.data.id } }
    expect((await begin(app, key, 6, late)).status).toBe(404)
  })

  it('leaves the metadata as it was sent', async () => {
    const metadata = { filename: 'x.bin', filetype: 'a/b', other: 'thing' }
    const { path } = await begun(app, key, 5, { metadata })
    const { headers } = await app.ask('HEAD', path, { key })
    expect(headers.get('upload-metadata')).toBe(metadataOf(metadata))
    expect(Date.parse(String(headers.get('upload-expires')))).toBeGreaterThan(Date.now())
  })
})
