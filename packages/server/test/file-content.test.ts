import { randomBytes } from 'node:crypto'
import { CarReader } from '@ipld/car'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('content of an own file on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let file: Uploaded
  let folder: Uploaded
  const content = randomBytes(700_000)
  const get = (id: string, search = '', headers: Record<string, string> = {}, method = 'GET') =>
    rawAsk(app.apiUrl, method, `/pinyon/v1/files/${id}/content${search}`, {
      authorization: `Bearer ${key.JWT}`,
      ...headers,
    })

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    file = await upload(app, key, [['page.html', content]], { network: 'private' })
    folder = await upload(
      app,
      key,
      [
        ['d/a.txt', 'a'],
        ['d/sub/b ü.html', '<script>1</script>'],
      ],
      { network: 'private' },
    )
  })
  afterAll(() => app.close())

  it('is given whole, and by ranges, always as something to save', async () => {
    const answer = await get(file.id)
    expect(answer.status).toBe(200)
    expect(answer.body.equals(content)).toBe(true)
    expect(answer.headers).toMatchObject({
      'content-disposition': 'attachment; filename="page.html"',
      'content-length': String(content.length),
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
      etag: `"${file.cid}"`,
    })
    expect(answer.headers['content-security-policy']).toContain('sandbox')
    const part = await get(file.id, '', { range: 'bytes=300000-300009' })
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 300000-300009/${content.length}`])
    expect(part.body.equals(content.subarray(300_000, 300_010))).toBe(true)
    const beyond = await get(file.id, '', { range: 'bytes=9999999-' })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${content.length}`])
    expect((await get(file.id, '', { 'if-none-match': `"${file.cid}"` })).status).toBe(304)
  })

  it('answers HEAD with the headers of GET and reads nothing for it', async () => {
    for (const search of ['', '?format=car', '?filename=x.bin']) {
      const [got, headed] = [await get(file.id, search), await get(file.id, search, {}, 'HEAD')]
      expect([headed.status, headed.body.length], search).toEqual([200, 0])
      for (const name of ['content-type', 'content-length', 'content-disposition', 'etag', 'accept-ranges'])
        expect(headed.headers[name], `${search} ${name}`).toBe(got.headers[name])
    }
  })

  it('is given as a CAR', async () => {
    const answer = await get(folder.id, '?format=car')
    expect(answer.status).toBe(200)
    const reader = await CarReader.fromBytes(answer.body)
    expect((await reader.getRoots()).map(String)).toEqual([folder.cid])
    expect(answer.headers['content-disposition']).toContain('attachment')
  })

  it('is read by paths inside a folder, and listed', async () => {
    expect((await get(folder.id, '?path=a.txt')).text).toBe('a')
    const page = await get(folder.id, `?path=${encodeURIComponent('sub/b ü.html')}`)
    expect(page.text).toBe('<script>1</script>')
    expect(page.headers['content-disposition']).toContain('attachment; filename="b _.html"; filename*=UTF-8')
    const listed = JSON.parse((await get(folder.id, '?format=list')).text)
    expect(listed.entries.map(({ name, kind }: { name: string; kind: string }) => [name, kind])).toEqual([
      ['a.txt', 'file'],
      ['sub', 'folder'],
    ])
    for (const [search, status] of [
      ['', 400],
      ['?path=nothing', 404],
      ['?path=../a.txt', 404],
      ['?path=a.txt/b', 404],
      ['?path=%00', 404],
      ['?format=zip', 400],
      ['?format=list&after=x', 400],
      [`?filename=${encodeURIComponent('a\r\nx: y')}&path=a.txt`, 200],
    ] as const)
      expect((await get(folder.id, search)).status, search).toBe(status)
    expect((await get(file.id, '?format=list')).status).toBe(400)
  })

  it('is as unknown to another account, to no key, and to a key without the scope', async () => {
    const stranger = await app.makeAccount(key, `stranger-${database}`)
    const theirs = { authorization: `Bearer ${stranger.JWT}` }
    const strip = ({ status, headers, text }: Awaited<ReturnType<typeof get>>) => {
      const { date: _date, 'x-request-id': _id, ...rest } = headers
      return [status, rest, text]
    }
    for (const search of ['', '?format=car', '?format=list', '?path=a.txt']) {
      const asked = strip(await get(folder.id, search, theirs))
      const unknown = strip(await get('01a20bc3-0000-7000-8000-000000000000', search, theirs))
      expect(JSON.stringify(asked).replaceAll(folder.id, 'ID')).toBe(
        JSON.stringify(unknown).replaceAll('01a20bc3-0000-7000-8000-000000000000', 'ID'),
      )
      expect(asked[0]).toBe(404)
    }
    expect((await rawAsk(app.apiUrl, 'GET', `/pinyon/v1/files/${file.id}/content`)).status).toBe(401)
    const lister = await app.makeKey(key, { endpoints: { files: { list: true } } })
    expect((await get(file.id, '', { authorization: `Bearer ${lister.JWT}` })).status).toBe(403)
  })
})
