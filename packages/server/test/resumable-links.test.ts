import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, sendRequest, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { cidOf, freshBytes, metadataOf } from './support/tus.ts'

const chunkHeaders = { 'content-type': 'application/offset+octet-stream' }

describe.each(databases)('a resumable upload by link on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  const clock = new TestClock()
  beforeAll(async () => {
    app = await startTestApp({ database, clock })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  async function sign(json: Record<string, unknown> = {}, asker = key): Promise<string> {
    const { status, body } = await app.ask('POST', '/v3/files/sign', { key: asker, json: { expires: 60, ...json } })
    expect(status).toBe(200)
    return body.data
  }
  const begin = (link: string, length: number, metadata: Record<string, string> = { filename: 'a.bin' }) =>
    sendRequest(link, 'POST', {
      headers: {
        'upload-length': String(length),
        'upload-metadata': metadataOf(metadata),
        source: 'sdk/react',
        authorization: 'Bearer undefined',
      },
    })
  const patch = (location: string, offset: number, bytes: Uint8Array | string) =>
    sendRequest(location, 'PATCH', {
      headers: { ...chunkHeaders, 'upload-offset': String(offset) },
      body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
    })

  it('needs no credential, makes the file that the link promised, and goes on when the link’s time is over', async () => {
    const link = await sign({ network: 'public', filename: 'fixed.bin', keyvalues: { k: 'v' } })
    const id = new URL(link).pathname.split('/').at(-1)
    const bytes = freshBytes(700_000)
    const begun = await begin(`${link}&X-Upload-Option-Cid-Version=v1`, bytes.length, {
      filename: 'mine.bin',
      network: 'private',
    })
    expect(begun.status).toBe(201)
    const location = String(begun.headers.get('location'))
    expect(location).toContain(`/v3/files/${id}/`)
    expect((await patch(location, 0, bytes.subarray(0, 300_000))).status).toBe(204)
    clock.move(120_000)
    expect([401, 403]).toContain((await begin(link, 10)).status)
    const head = await sendRequest(location, 'HEAD')
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '300000'])
    for (let i = 0; i < 2; i++) {
      const last = await patch(location, 300_000, bytes.subarray(300_000))
      expect([last.status, last.headers.get('upload-cid')]).toEqual([204, await cidOf(bytes)])
    }
    const file = (await app.ask('GET', `/v3/files/public/${id}`, { key })).body.data
    expect(file).toMatchObject({ id, name: 'fixed.bin', keyvalues: { k: 'v' }, size: bytes.length })
  })

  it('is refused where the link does not take it', async () => {
    const small = await sign({ max_file_size: 10 })
    expect((await begin(small, 11)).status).toBe(413)
    const pictures = await sign({ allow_mime_types: ['image/*'] })
    const begun = await begin(pictures, 10, { filename: 'a.png', filetype: 'image/png' })
    expect((await patch(String(begun.headers.get('location')), 0, 'ten bytes!')).status).toBe(400)
    const other = await begin(await sign(), 10)
    const location = new URL(String(other.headers.get('location')))
    for (const changed of [
      location.href.replace(/Signature=..../, 'Signature=0000'),
      `${location.origin}${location.pathname}`,
      `${location.origin}${location.pathname.replace('link-upload', 'upload')}`,
    ])
      expect([401, 403]).toContain((await patch(changed, 0, 'x')).status)
    // Nor by a key of the account, whose uploads have addresses of their own.
    expect((await app.ask('HEAD', location.pathname.replace('link-upload', 'upload'), { key })).status).toBe(404)
  })

  it('makes one file, whoever tries again, and ends with its key', async () => {
    const maker = await app.makeKey(key, { resources: ['org:files:write'] })
    const link = await sign({}, maker)
    const first = String((await begin(link, 10)).headers.get('location'))
    await patch(first, 0, 'half ')
    const second = String((await begin(link, 10)).headers.get('location'))
    expect((await patch(second, 0, 'ten bytes!')).status).toBe(204)
    expect((await begin(link, 10)).status).toBe(409)
    const unfinished = await sign({}, maker)
    const location = String((await begin(unfinished, 10)).headers.get('location'))
    expect((await patch(location, 0, 'half ')).status).toBe(204)
    await app.ask('PUT', `/v3/pinata/keys/${maker.pinata_api_key}`, { key })
    expect([401, 403]).toContain((await patch(location, 5, 'other')).status)
  })
})
