import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { type Uploaded, upload } from './support/content.ts'
import { freshBytes } from './support/tus.ts'

/** How often two accounts hold and release the same content. By hand: `T44_ROUNDS=1000`. */
const rounds = Number(process.env['T44_ROUNDS'] ?? 25)

/** Promises T44 to T56: what is private to one account, and what others can do about it. */
describe.each(databases)('private content on %s', { timeout: 60_000 }, (database) => {
  let app: TestApp
  let a: KeyValues & { accountId: string }
  let b: KeyValues & { accountId: string }
  let operator: KeyValues
  const pins = { PINYON_IPFS: 'off', PINYON_PIN_SLOTS: 'new=0,newest=0,retry=0' }
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off', ...pins } })
    operator = await app.setUp()
    a = await app.makeAccount(operator, `a-${database}`)
    b = await app.makeAccount(operator, `b-${database}`)
  })
  afterAll(() => app.close())

  const contentOf = async (key: KeyValues, { id }: Uploaded) =>
    Buffer.from(
      await (
        await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, { headers: { authorization: `Bearer ${key.JWT}` } })
      ).arrayBuffer(),
    )
  const unknownLike = (cid: string) => `${cid.slice(0, -4)}aaaa`
  /** An answer without what is new in each, with the CID as a mark. */
  const comparable = (text: string, cid: string) =>
    text
      .replaceAll(cid, 'CID')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')

  it(
    'stays whole for one while another pins and unpins the same CID again and again (T44)',
    { timeout: 120_000 + rounds * 1_000 },
    async () => {
      const bytes = freshBytes(600_000)
      const mine = await upload(app, a, [['a.bin', bytes]], { network: 'public' })
      let isOver = false
      const others = (async () => {
        let done = 0
        while (!isOver || done < rounds) {
          const theirs = await upload(app, b, [['b.bin', bytes]], { network: 'public' })
          expect(theirs.cid).toBe(mine.cid)
          expect((await app.ask('DELETE', `/pinning/unpin/${mine.cid}`, { key: b })).status).toBe(200)
          done++
        }
      })()
      for (let i = 0; i < rounds; i++) {
        const copy = await upload(app, a, [[`copy.bin`, bytes]], { network: 'private' })
        expect((await contentOf(a, copy)).equals(bytes)).toBe(true)
        expect((await app.ask('DELETE', `/v3/files/private/${copy.id}`, { key: a })).status).toBe(200)
      }
      isOver = true
      await others
      expect((await contentOf(a, mine)).equals(bytes)).toBe(true)
      expect((await app.ask('GET', `/v3/files/public?cid=${mine.cid}`, { key: b })).body.data.files).toEqual([])
    },
  )

  it('is to others as if it were not there, by every way to ask for a CID (T45)', async () => {
    const mine = await upload(app, a, [['secret.bin', freshBytes(700_000)]], { network: 'private' })
    const none = unknownLike(mine.cid)
    const ask = async (method: string, path: string, json?: object) => {
      const { status, body } = await app.ask(method, path, { key: b, ...(json === undefined ? {} : { json }) })
      return [status, JSON.stringify(body ?? null)] as const
    }
    const both = async (method: string, path: (cid: string) => string, json?: (cid: string) => object) => {
      const answers = await Promise.all(
        [mine.cid, none].map(async (cid) => {
          const [status, text] = await ask(method, path(cid), json?.(cid))
          return [status, comparable(text, cid)]
        }),
      )
      expect(answers[0]).toEqual(answers[1])
      return answers[0]
    }
    const hash = (cid: string) => ({ hashToPin: cid, pinataMetadata: { name: 'n' } })
    expect((await both('POST', () => '/pinning/pinByHash', hash))?.[0]).toBe(200)
    const byCid = (cid: string) => ({ cid, name: 'n' })
    expect((await both('POST', () => '/v3/files/public/pin_by_cid', byCid))?.[0]).toBe(200)
    expect((await both('POST', () => '/psa/pins', byCid))?.[0]).toBe(202)
    await both('GET', (cid) => `/psa/pins?cid=${cid}&status=queued`)
    await both('GET', (cid) => `/pinning/pinJobs?ipfs_pin_hash=${cid}`)
    await both('GET', (cid) => `/v3/files/private?cid=${cid}`)
    await both('DELETE', (cid) => `/pinning/unpin/${cid}`)
    const link = (cid: string) => ({ url: `${app.gatewayUrl}/files/${cid}`, date: 1, expires: 60, method: 'GET' })
    expect((await both('POST', () => '/v3/files/private/download_link', link))?.[0]).toBe(404)
    for (const tail of ['', '?format=car', '?format=raw', '/x']) {
      const shown = await Promise.all(
        [mine.cid, none].flatMap((cid) =>
          ['ipfs', 'files'].map(async (space) => {
            const answer = await fetch(`${app.gatewayUrl}/${space}/${cid}${tail}`)
            return [space, answer.status, comparable(await answer.text(), cid)]
          }),
        ),
      )
      expect(shown.slice(0, 2)).toEqual(shown.slice(2))
      for (const [, status] of shown) expect([401, 404]).toContain(status)
    }
  })

  it('is shown by a link for that file, that method and nothing else (T50, T53)', async () => {
    const [mine, beside] = [
      await upload(app, a, [['d/one.txt', 'one'], ['d/two.txt', 'two']], { network: 'private' }), // prettier-ignore
      await upload(app, a, [['other.txt', 'other']], { network: 'private' }),
    ]
    const date = Math.floor(Date.now() / 1_000)
    const sign = async (path: string) => {
      const json = { url: `${app.gatewayUrl}/files/${path}`, date, expires: 600, method: 'GET' }
      return new URL((await app.ask('POST', '/v3/files/private/download_link', { key: a, json })).body.data)
    }
    const link = await sign(`${mine.cid}/one.txt`)
    const status = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${link.origin}${path}${link.search}`, init)).status
    expect(await status(link.pathname)).toBe(200)
    for (const path of [
      `/files/${mine.cid}`,
      `/files/${mine.cid}/two.txt`,
      `/files/${beside.cid}`,
      `/files/${mine.cid}/`,
    ])
      expect([401, 403]).toContain(await status(path))
    for (const method of ['DELETE', 'PUT', 'POST', 'PATCH'])
      expect([401, 403, 405]).toContain(await status(link.pathname, { method }))
    expect(await status(link.pathname, { headers: { 'x-user-id': b.accountId } })).toBe(200)
    expect(await (await fetch(link)).text()).toBe('one')
    // A link that takes an upload shows nothing, and one that shows takes nothing.
    const signed = await app.ask('POST', '/v3/files/sign', { key: a, json: { date, expires: 600 } })
    const uploads = new URL(signed.body.data)
    expect([401, 403]).toContain((await fetch(`${link.origin}${link.pathname}${uploads.search}`)).status)
    const form = new FormData()
    form.append('file', new Blob(['x']), 'x')
    const taken = await fetch(`${uploads.origin}${uploads.pathname}${link.search}`, { method: 'POST', body: form })
    expect([401, 403]).toContain(taken.status)
  })

  it('is refused by a link at once when its key, its file or its account has ended (T55), and kept by no cache (T56)', async () => {
    const file = await upload(app, a, [['f.txt', 'kept']], { network: 'private' })
    const key = await app.makeKey(a, { admin: true })
    const sign = async (by: KeyValues) => {
      const json = {
        url: `${app.gatewayUrl}/files/${file.cid}`,
        date: Math.floor(Date.now() / 1_000),
        expires: 600,
        method: 'GET',
      }
      return String((await app.ask('POST', '/v3/files/private/download_link', { key: by, json })).body.data)
    }
    const [byKey, byFile] = [await sign(key), await sign(a)]
    const shown = await fetch(byKey)
    expect([shown.status, shown.headers.get('cache-control')]).toEqual([200, 'private, no-store'])
    const refused = await fetch(byKey.split('?')[0] ?? '')
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, expect.stringContaining('no-store')])
    const open = await upload(app, a, [['p.txt', 'public']], { network: 'public' })
    const publicly = await fetch(`${app.gatewayUrl}/ipfs/${open.cid}`)
    expect(publicly.headers.get('cache-control')).toContain('immutable')
    await app.ask('PUT', `/v3/pinata/keys/${key.pinata_api_key}`, { key: a })
    expect((await fetch(byKey)).status).toBe(401)
    expect((await fetch(byFile)).status).toBe(200)
    await app.ask('DELETE', `/v3/files/private/${file.id}`, { key: a })
    expect((await fetch(byFile)).status).toBe(404)
    const theirs = await upload(app, b, [['g.txt', 'theirs']], { network: 'private' })
    const json = { url: `${app.gatewayUrl}/files/${theirs.cid}`, date: Math.floor(Date.now() / 1_000), expires: 600 }
    const signed = await app.ask('POST', '/v3/files/private/download_link', {
      key: b,
      json: { ...json, method: 'GET' },
    })
    expect((await fetch(signed.body.data)).status).toBe(200)
    await app.ask('PATCH', `/pinyon/v1/accounts/${b.accountId}`, { key: operator, json: { disabled: true } })
    expect((await fetch(signed.body.data)).status).toBe(401)
  })
})
