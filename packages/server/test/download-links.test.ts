import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload, type Uploaded } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('a download link on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  let operator: KeyValues
  let file: Uploaded
  let folder: Uploaded
  const clock = new TestClock()
  const bytes = randomBytes(700_000)
  beforeAll(async () => {
    app = await startTestApp({ database, clock })
    operator = await app.setUp()
    key = await app.makeAccount(operator, 'alice')
    file = await upload(app, key, [['report.bin', bytes]], { network: 'private' })
    folder = await upload(
      app,
      key,
      [['site/a.txt', 'the a'], ['site/b.txt', 'the b'], ['site/sub/c.txt', 'the c']], // prettier-ignore
      { network: 'private' },
    )
  })
  afterAll(() => app.close())

  const seconds = () => Math.floor(clock.now() / 1_000)
  const askForLink = (
    path: string,
    json: Record<string, unknown> = {},
    { asker = key, route = '/v3/files/private/download_link' } = {},
  ) =>
    app.ask('POST', route, {
      key: asker,
      json: { url: `${app.gatewayUrl}/files/${path}`, date: seconds(), expires: 600, method: 'GET', ...json },
    })

  async function sign(path: string, json: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await askForLink(path, json)
    expect([path, status]).toEqual([path, 200])
    return body.data
  }

  const get = async (link: string, init: RequestInit = {}) => {
    const answer = await fetch(link, { redirect: 'manual', ...init })
    return { status: answer.status, headers: answer.headers, text: await answer.text() }
  }

  it('is signed on every route that Pinata has for it, on the host that was sent', async () => {
    for (const route of ['/v3/files/private/download_link', '/v3/files/download_link', '/v3/files/sign']) {
      const url = `https://mine.mypinata.cloud/files/${file.cid}?img-width=200`
      const { status, body } = await askForLink(file.cid, { url }, { route })
      expect([route, status]).toEqual([route, 200])
      expect(body.data).toMatch(
        new RegExp(
          `^https://mine\\.mypinata\\.cloud/files/${file.cid}\\?img-width=200&X-Algorithm=PINATA1&X-Date=${seconds()}&X-Expires=600&X-Link=[0-9a-f-]{36}&X-Method=GET&X-Signature=[0-9a-f]{64}$`,
        ),
      )
      const onGateway = body.data.replace('https://mine.mypinata.cloud', app.gatewayUrl)
      expect((await get(onGateway)).status).toBe(200)
    }
  })

  it('shows the file: whole, in ranges, by HEAD, as a CAR, and nothing of it to shared caches', async () => {
    const link = await sign(file.cid)
    const whole = await rawAsk(app.gatewayUrl, 'GET', link.slice(app.gatewayUrl.length))
    expect([whole.status, whole.body.equals(bytes)]).toEqual([200, true])
    const { headers } = await get(link)
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
    })
    expect(headers.get('set-cookie')).toBeNull()
    const head = await get(link, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, String(bytes.length), ''])
    const part = await rawAsk(app.gatewayUrl, 'GET', link.slice(app.gatewayUrl.length), {
      range: 'bytes=300000-300009',
    })
    expect([part.status, part.body]).toEqual([206, bytes.subarray(300_000, 300_010)])
    const etag = headers.get('etag') ?? ''
    const same = await get(link, { headers: { 'if-none-match': etag } })
    expect([same.status, same.headers.get('cache-control')]).toEqual([304, 'private, no-store'])
    const car = await get(`${link}&format=car`)
    expect([car.status, car.headers.get('content-type')]).toEqual([200, expect.stringContaining('ipld.car')])
    expect((await get(`${link}&format=raw`)).headers.get('content-type')).toBe('application/vnd.ipld.raw')
    for (const part of [file.cid, `${file.cid}?format=car`]) {
      expect((await get(`${app.gatewayUrl}/ipfs/${part}`)).status).toBe(404)
    }
  })

  it('of a folder shows what lies below, as on /ipfs, with links that carry on', async () => {
    const link = await sign(folder.cid)
    const moved = await get(link)
    expect(moved.status).toBe(301)
    const listing = await get(new URL(moved.headers.get('location') ?? '', link).href)
    expect([listing.status, listing.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
    const [, href = ''] = /<a href="([^"]*a\.txt[^"]*)"/.exec(listing.text) ?? []
    const child = await get(new URL(href.replaceAll('&#38;', '&'), link).href)
    expect([child.status, child.text]).toEqual([200, 'the a'])
    expect(listing.text).not.toContain('>..<')
    expect((await get(link.replace('?', '/sub/c.txt?'))).text).toBe('the c')
    expect((await get(link.replace('?', '/none?'))).status).toBe(404)
  })

  it('of a path shows neither what lies beside it nor above it', async () => {
    const link = await sign(`${folder.cid}/a.txt`)
    expect((await get(link)).text).toBe('the a')
    for (const path of ['b.txt', 'sub/c.txt', '']) {
      const { status, text } = await get(link.replace('/a.txt?', `/${path}?`))
      expect([path, status, text]).toEqual([path, 403, expect.stringContaining('another file')])
    }
    const sub = await sign(`${folder.cid}/sub`)
    const listing = await get(sub.replace('/sub?', '/sub/?'))
    expect([listing.status, listing.text.includes('>..<')]).toEqual([200, false])
    const car = await get(`${link}&format=car`)
    expect([car.status, car.text.includes('the a'), car.text.includes('b.txt')]).toEqual([200, true, false])
    const alone = await get(`${app.gatewayUrl}/files/${file.cid}?${new URL(link).search.slice(1)}`)
    expect(alone.status).toBe(403)
  })

  it('is refused when altered, expired, not signed, or asked with another method', async () => {
    const link = await sign(`${file.cid}?filename=a.bin`)
    expect((await get(link)).headers.get('content-disposition')).toContain('a.bin')
    const expectRefused = async (changed: string, status = 401) => {
      const answer = await get(changed)
      expect([changed, answer.status, answer.headers.get('cache-control')]).toEqual([changed, status, 'no-store'])
      expect(answer.headers.get('www-authenticate')).toEqual(status === 401 ? expect.stringMatching(/^Bearer/) : null)
      expect(answer.text).not.toBe('')
    }
    for (const [from, to] of [
      ['X-Expires=600', 'X-Expires=6000'],
      [`X-Date=${seconds()}`, `X-Date=${seconds() + 60}`],
      ['X-Method=GET', 'X-Method=POST'],
      ['X-Algorithm=PINATA1', 'X-Algorithm=none'],
      ['X-Signature=', 'X-Signature=0'],
      ['filename=a.bin', 'filename=b.bin'],
      ['filename=a.bin&', ''],
      ['X-Link=', 'X-Link=0'],
    ] as const) {
      await expectRefused(link.replace(from, to))
    }
    await expectRefused(link.replace(file.cid, folder.cid), 403)
    await expectRefused(`${link}&user=1`)
    await expectRefused(link.replace(/&X-Signature=\w+/, ''))
    await expectRefused(link.split('?')[0] ?? '')
    await expectRefused(`${app.gatewayUrl}/files/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku`)
    const onlyHead = await sign(file.cid, { method: 'HEAD' })
    await expectRefused(onlyHead, 403)
    expect((await get(onlyHead, { method: 'HEAD' })).status).toBe(200)
    expect((await get(link, { method: 'DELETE' })).status).toBe(405)
    const uploads = (await app.ask('POST', '/v3/files/sign', { key, json: { expires: 600 } })).body.data as string
    const query = `${new URL(uploads).search}&X-Link=${new URL(uploads).pathname.split('/').at(-1)}`
    await expectRefused(`${app.gatewayUrl}/files/${file.cid}${query}`)
    const old = await sign(file.cid, { date: seconds() - 1_000 })
    expect((await get(old)).text).toContain('expired')
    clock.move(600_000)
    await expectRefused(link)
  })

  it('is used by a range, by what the client has already and by a range that there is not; by nothing else', async () => {
    const link = await sign(folder.cid, { max_uses: 4 })
    const file = link.replace('?', '/a.txt?')
    const etag = (await get(file, { method: 'HEAD' })).headers.get('etag') ?? ''
    const asks: [number, string, RequestInit][] = [
      [301, link, {}],
      [404, link.replace('?', '/nowhere?'), {}],
      [206, file, { headers: { range: 'bytes=0-0' } }],
      [206, file, { headers: { range: 'bytes=1-1' } }],
      [304, file, { headers: { 'if-none-match': etag } }],
      [416, file, { headers: { range: 'bytes=99-' } }],
      [401, file, {}],
    ]
    for (const [status, address, init] of asks) expect([(await get(address, init)).status, status]).toEqual([status, status]) // prettier-ignore
  })

  it('is counted to the use when it has so many, and can be seen in the list', async () => {
    const link = await sign(file.cid, { max_uses: 3 })
    expect((await get(link, { method: 'HEAD' })).status).toBe(200)
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await get(link, { headers: { range: 'bytes=0-0' } })).status),
    )
    expect(statuses.filter((status) => status === 206)).toHaveLength(3)
    expect(statuses.filter((status) => status === 401)).toHaveLength(17)
    const open = await sign(`${folder.cid}/a.txt`)
    for (let i = 0; i < 4; i++) await get(open)
    const { body } = await app.ask('GET', '/pinyon/v1/links?kind=download&limit=2', { key })
    expect(body.links).toEqual([
      expect.objectContaining({ uses: 4, maxUses: null, state: 'active', path: 'a.txt', cid: folder.cid }),
      expect.objectContaining({ uses: 3, maxUses: 3, state: 'used', file: { id: file.id, name: 'report.bin' } }),
    ])
    const active = await app.ask('GET', `/pinyon/v1/links?active=true&fileId=${folder.id}&limit=1`, { key })
    expect(active.body.links[0].id).toBe(body.links[0].id)
    const next = await app.ask('GET', `/pinyon/v1/links?limit=1&pageToken=${body.nextPageToken}`, { key })
    expect(next.body.links[0].id < body.links[1].id).toBe(true)
  })

  it('ends with its revocation, its key, its account and its file', async () => {
    const revoked = await sign(file.cid)
    const id = new URL(revoked).searchParams.get('X-Link') ?? ''
    expect((await app.ask('DELETE', `/pinyon/v1/links/${id}`, { key })).status).toBe(200)
    expect(await get(revoked)).toMatchObject({ status: 401, text: expect.stringContaining('revoked') })
    const signer = await app.makeKey(key, { resources: ['org:files:write'] })
    const { body } = await askForLink(file.cid, {}, { asker: signer })
    expect((await get(body.data)).status).toBe(200)
    await app.ask('PUT', `/v3/pinata/keys/${signer.pinata_api_key}`, { key })
    expect((await get(body.data)).status).toBe(401)
    const short = await app.makeKey(key, { resources: ['org:files:write'] }, { expiresIn: 60 })
    const ofShort = (await askForLink(file.cid, {}, { asker: short })).body.data as string
    expect((await get(ofShort)).status).toBe(200)
    clock.move(60_000)
    expect((await get(ofShort)).status).toBe(401)

    const gone = await upload(app, key, [['gone.txt', 'soon gone']], { network: 'private' })
    const ofGone = await sign(gone.cid)
    expect((await get(ofGone)).text).toBe('soon gone')
    await app.ask('DELETE', `/v3/files/private/${gone.id}`, { key })
    expect((await get(ofGone)).status).toBe(404)
    const listed = (await app.ask('GET', `/pinyon/v1/links?fileId=${gone.id}`, { key })).body.links
    expect(listed).toEqual([expect.objectContaining({ state: 'gone' })])

    const bob = await app.makeAccount(operator, 'bob')
    const his = await upload(app, bob, [['his.txt', 'his']], { network: 'private' })
    const ofHis = (await askForLink(his.cid, {}, { asker: bob })).body.data as string
    expect((await get(ofHis)).status).toBe(200)
    await app.ask('PATCH', `/pinyon/v1/accounts/${bob.accountId}`, { key: operator, json: { disabled: true } })
    expect((await get(ofHis)).status).toBe(401)
  })

  it('is signed only for what the account holds privately, by who may read it', async () => {
    const carol = await app.makeAccount(operator, 'carol')
    const shown = await upload(app, key, [['shown.txt', 'public all the same']])
    const absent = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
    for (const [cid, asker] of [
      [file.cid, carol],
      [shown.cid, key],
      [absent, key],
    ] as const) {
      // prettier-ignore
      const { status, body } = await askForLink(cid, {}, { asker })
      expect([status, body.error.message]).toEqual([404, 'There is no private file with this CID in this account'])
    }
    const weak = await app.makeKey(key, { endpoints: { links: { sign: true } } })
    expect((await askForLink(file.cid, {}, { asker: weak })).body.error).toMatchObject({
      reason: 'NO_SCOPES_FOUND',
      message: expect.stringContaining('files.content'),
    })
    for (const url of ['files', 'ftp://a/files/x', `${app.gatewayUrl}/ipfs/${file.cid}`, `${app.gatewayUrl}/files/x`]) {
      expect([url, (await askForLink('', { url })).status]).toEqual([url, 400])
    }
    expect((await askForLink(file.cid, { method: 'DELETE' })).status).toBe(400)
    expect((await askForLink(file.cid, { method: 'POST' })).status).toBe(400)
    expect((await askForLink(file.cid, { file_id: folder.id })).status).toBe(404)
    expect((await askForLink(file.cid, { file_id: file.id })).status).toBe(200)
  })

  it('stays good when the signing key is rotated, and over a restart', async () => {
    const link = await sign(`${folder.cid}/b.txt`)
    await app.ask('POST', '/pinyon/v1/operator/signing-keys', { key: operator })
    const later = await sign(`${folder.cid}/b.txt`)
    const gatewayBefore = app.gatewayUrl
    await app.reopen()
    for (const each of [link, later]) {
      expect((await get(each.replace(gatewayBefore, app.gatewayUrl))).text).toBe('the b')
    }
    expect(app.log()).not.toContain('X-Signature')
  })

  it('is forgotten some time after it ended', async () => {
    const link = await sign(file.cid, { expires: 60 })
    const id = new URL(link).searchParams.get('X-Link')
    const has = async () =>
      (await app.ask('GET', '/pinyon/v1/links?limit=5', { key })).body.links.some(
        (each: { id: string }) => each.id === id,
      )
    expect(await has()).toBe(true)
    clock.move(3_600_000 + 60_000)
    const { forgetLinks } = await import('../src/links/forget-links.ts')
    await forgetLinks(app.services)
    expect(await has()).toBe(false)
    expect((await get(link)).text).toContain('expired')
  })

  it('is not needed for files of a public group', async () => {
    const open = await upload(app, key, [['open.txt', 'for everybody']], { network: 'private' })
    const url = `${app.gatewayUrl}/files/${open.cid}`
    expect((await get(url)).status).toBe(401)
    await app.services.db.write(async (tx) => {
      const at = clock.now()
      const accountId = (await tx.selectFrom('files').select('account_id').where('id', '=', open.id).executeTakeFirstOrThrow()).account_id // prettier-ignore
      const group = { id: 'g', account_id: accountId, network: 0, name: 'g', name_folded: 'g', is_public: 1 }
      await tx
        .insertInto('groups')
        .values({ ...group, created_by_key: null, created_at: at, updated_at: at })
        .execute()
      await tx.updateTable('files').set({ group_id: 'g' }).where('id', '=', open.id).execute()
    })
    const { status, text, headers } = await get(url)
    expect([status, text, headers.get('cache-control')]).toEqual([200, 'for everybody', 'private, no-store'])
    await app.services.db.write((tx) => tx.updateTable('groups').set({ is_public: 0 }).where('id', '=', 'g').execute())
    expect((await get(url)).status).toBe(401)
  })
})
