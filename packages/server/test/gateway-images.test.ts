import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { movingPicture, picture, sizedPng } from './support/pictures.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('images of the gateway on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let photo: Uploaded
  let moving: Uploaded
  let jpeg: Buffer
  const get = (path: string, headers: Record<string, string> = {}) => rawAsk(app.gatewayUrl, 'GET', path, headers)
  const shape = async (bytes: Buffer) => {
    const { format, width, height, pages = 1 } = await sharp(bytes).metadata()
    return [format, width, height, pages]
  }

  beforeAll(async () => {
    app = await startTestApp({ database })
    key = await app.setUp()
    // Turned by its EXIF data, so it is looked at as 300 x 400.
    jpeg = await picture(400, 300)
      .withExif({ IFD0: { Copyright: 'A. Painter', Model: 'Box' }, IFD3: { GPSLatitude: '1/1 2/1 3/1' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    photo = await upload(app, key, [['photo.jpg', jpeg]])
    moving = await upload(app, key, [['moving.gif', await movingPicture(3, 60)]])
  })
  afterAll(() => app.close())

  it(
    'come in the size, cut and format that are asked for, and no larger than is good',
    { timeout: 60_000 },
    async () => {
      const wishes: [string, [string, number, number, number]][] = [
        ['img-width=100', ['jpeg', 100, 133, 1]],
        ['img-height=200', ['jpeg', 150, 200, 1]],
        ['img-width=50&img-dpr=2', ['jpeg', 100, 133, 1]],
        ['img-width=900', ['jpeg', 300, 400, 1]],
        ['img-width=600&img-fit=contain', ['jpeg', 600, 800, 1]],
        ['img-width=100&img-height=100', ['jpeg', 75, 100, 1]],
        ['img-width=100&img-height=100&img-fit=scaleDown', ['jpeg', 75, 100, 1]],
        ['img-width=500&img-height=100&img-fit=cover', ['jpeg', 500, 100, 1]],
        ['img-width=500&img-height=100&img-fit=crop', ['jpeg', 300, 100, 1]],
        ['img-width=100&img-height=50&img-fit=cover&img-gravity=auto', ['jpeg', 100, 50, 1]],
        ['img-width=100&img-height=50&img-fit=cover&img-gravity=0.9x0.1', ['jpeg', 100, 50, 1]],
        ['img-width=100&img-height=100&img-fit=pad', ['jpeg', 100, 100, 1]],
        ['img-format=webp', ['webp', 300, 400, 1]],
        ['img-format=png&img-width=10', ['png', 10, 13, 1]],
        ['img-format=avif&img-width=10', ['heif', 10, 13, 1]],
        ['img-width=99999999&img-fit=contain', ['jpeg', 2739, 3652, 1]],
        ['img-width=20&img-sharpen=5&img-quality=20', ['jpeg', 20, 27, 1]],
      ]
      for (const [query, expected] of wishes) {
        const { status, body, headers } = await get(`/ipfs/${photo.cid}?${query}`)
        expect([query, status, ...(await shape(body))]).toEqual([query, 200, ...expected])
        expect(headers['content-type']).toBe(`image/${expected[0] === 'heif' ? 'avif' : expected[0]}`)
      }
      for (const [query, expected] of [
        ['img-width=30', ['gif', 30, 30, 3]],
        ['img-width=30&img-anim=false', ['gif', 30, 30, 1]],
        ['img-width=30&img-height=20&img-fit=cover&img-gravity=auto', ['gif', 30, 20, 3]],
        ['img-width=30&img-height=20&img-fit=cover&img-gravity=0x1', ['gif', 30, 20, 3]],
        ['img-format=webp', ['webp', 60, 60, 3]],
        ['img-format=jpeg', ['jpeg', 60, 60, 1]],
      ] as const) {
        const { body } = await get(`/ipfs/${moving.cid}?${query}`)
        expect([query, ...(await shape(body))]).toEqual([query, ...expected])
      }
    },
  )

  it('are the same bytes under the same tag, with ranges and conditions as any file, and are made once', async () => {
    const path = `/ipfs/${photo.cid}?img-width=64&img-format=webp`
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => get(path)))
    for (const other of others) expect(other.body.equals(first!.body)).toBe(true)
    expect(first?.headers).toMatchObject({
      etag: expect.stringMatching(new RegExp(`^"${photo.cid}\\.img-[0-9a-f]{16}"$`)),
      'content-length': String(first?.body.length),
      'cache-control': 'public, max-age=29030400, immutable',
      'accept-ranges': 'bytes',
      'x-ipfs-path': `/ipfs/${photo.cid}`,
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
    })
    const etag = String(first?.headers.etag)
    // Other spellings of the same wish are the same image.
    const again = await get(`/ipfs/${photo.cid}?img-format=WEBP&img-width=32&img-dpr=2&img-quality=85&img-speed=9`)
    expect([again.headers.etag, again.body.equals(first!.body)]).toEqual([etag, true])
    expect((await get(`/ipfs/${photo.cid}?img-width=65`)).headers.etag).not.toBe(etag)
    const head = await rawAsk(app.gatewayUrl, 'HEAD', path)
    expect([head.body.length, head.headers['content-length'], head.headers.etag]).toEqual([
      0,
      first?.headers['content-length'],
      etag,
    ])
    const part = await get(path, { range: 'bytes=2-5', 'if-range': etag })
    expect([part.status, part.body]).toEqual([206, first?.body.subarray(2, 6)])
    expect((await get(path, { range: 'bytes=99999999-' })).status).toBe(416)
    const known = await get(path, { 'if-none-match': etag })
    expect([known.status, known.headers.etag, known.body.length]).toEqual([304, etag, 0])
    // After a restart they are made again.
    await app.reopen()
    expect((await get(path)).body.equals(first!.body)).toBe(true)
  })

  it('come as WebP to who takes it, where that is left to the browser, and tell caches so', async () => {
    const path = `/ipfs/${photo.cid}?img-width=40&img-format=auto`
    for (const [accept, type] of [
      ['image/avif,image/webp,*/*', 'image/webp'],
      ['image/webp;q=0, image/*', 'image/jpeg'],
      ['*/*', 'image/jpeg'],
    ] as const) {
      const { headers } = await get(path, { accept })
      expect([accept, headers['content-type'], headers.vary]).toEqual([accept, type, 'Accept'])
    }
    expect((await get(path)).headers['content-type']).toBe('image/jpeg')
  })

  it('carry no place and no camera, and the name of who made them where it is asked for', async () => {
    const exif = async (query: string) => {
      const { body } = await get(`/ipfs/${photo.cid}?img-width=20${query}`)
      return (await sharp(body).metadata()).exif?.toString('latin1') ?? ''
    }
    expect(await exif('')).toBe('')
    const rights = await exif('&img-metadata=copyright')
    expect(rights).toContain('A. Painter')
    expect(rights).not.toContain('Box')
    expect(await exif('&img-metadata=keep')).toContain('Box')
  })

  it('are left alone by options that say nothing, and so is all that is no image', async () => {
    const plain = await get(`/ipfs/${photo.cid}`)
    for (const query of [
      'img-width=0',
      'img-width=-5',
      'img-width=abc',
      'img-fit=cover',
      'img-shape=round',
      'img-dpr=2',
      'img-onerror=redirect',
    ]) {
      // prettier-ignore
      const { body, headers } = await get(`/ipfs/${photo.cid}?${query}`)
      expect([query, headers.etag, body.equals(jpeg)]).toEqual([query, plain.headers.etag, true])
    }
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1:1/x"/></svg>'
    const others = await upload(app, key, [
      ['d/a.txt', 'words'],
      ['d/b.svg', svg],
      ['d/c.jpg', 'no picture at all'],
      ['d/e.png', ''],
    ])
    for (const [name, content] of [
      ['a.txt', 'words'],
      ['b.svg', svg],
      ['c.jpg', 'no picture at all'],
      ['e.png', ''],
    ]) {
      // prettier-ignore
      const { status, text, headers } = await get(`/ipfs/${others.cid}/${name}?img-width=10`)
      expect([name, status, text]).toEqual([name, 200, content])
      expect(headers.etag).not.toContain('img-')
    }
    const raw = await get(`/ipfs/${photo.cid}?img-width=10&format=raw`)
    expect(raw.body.equals(jpeg)).toBe(true)
    expect((await get(`/ipfs/${others.cid}/?img-width=10`)).text).toContain('Index of')
  })

  it('that are damaged or too large are refused in words, or are sent for as they are', async () => {
    const cut = jpeg.subarray(0, 900)
    const folder = await upload(app, key, [
      ['d/cut.jpg', cut],
      ['d/lie.png', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from('lies')])],
      ['d/vast.png', sizedPng(20_000, 20_000)],
      ['d/long.bin', Buffer.concat([jpeg, Buffer.alloc(33 * 1024 * 1024)])],
    ])
    for (const [name, status, words] of [
      ['cut.jpg', 415, 'cannot be read'],
      ['lie.png', 415, 'cannot be read'],
      ['vast.png', 413, 'million pixels'],
      ['long.bin', 413, '32 MiB'],
    ] as const) {
      const path = `/ipfs/${folder.cid}/${name}`
      for (const _ of [1, 2]) {
        const refused = await get(`${path}?img-width=10`)
        expect([name, refused.status, refused.headers['cache-control']]).toEqual([name, status, 'no-store'])
        expect(refused.text).toContain(words)
      }
      const sent = await get(`${path}?a=b&img-width=10&img%2Donerror=redirect&download=true`)
      expect([sent.status, sent.headers.location]).toEqual([302, `${path}?a=b&download=true`])
    }
    expect((await get(`/ipfs/${folder.cid}/cut.jpg`)).body.equals(cut)).toBe(true)
    expect(app.services.images.sizeBytes).toBeGreaterThan(0)
    expect((await get(`/ipfs/${photo.cid}?img-width=11`)).status).toBe(200)
  })

  it('are saved under a name that says what they are', async () => {
    const folder = await upload(app, key, [['d/p.jpeg', jpeg]])
    const named = async (query: string) =>
      (await get(`/ipfs/${folder.cid}/p.jpeg?img-width=10&${query}`)).headers['content-disposition']
    expect(await named('download=true')).toBe('attachment; filename="p.jpeg"')
    expect(await named('download=true&img-format=webp')).toBe('attachment; filename="p.webp"')
    expect(await named('filename=my%0d%0a.jpg&img-format=webp')).toBe(
      `inline; filename="my__.jpg"; filename*=UTF-8''my%0D%0A.jpg`,
    )
  })
})
