import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertGroup } from '../src/groups/queries.ts'
import { KeyCache } from '../src/keys/key-cache.ts'
import { verifyKey } from '../src/keys/verify-key.ts'
import { databases, startTestApp, type Answered, type Ask, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { jwtOf, testOrigin, TestClock } from './support/domain.ts'
import { unknownCid } from './support/pins.ts'

const everything = { admin: true }
const maker = { endpoints: { files: { upload: true, list: true }, keys: { createChild: true, list: true } } }

describe.each(databases)('child keys on %s', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  const clock = new TestClock()

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_RATE_LIMITS: 'off', PINYON_TRUSTED_PROXIES: '' } })
    admin = await app.setUp()
  })
  afterAll(() => app.close())

  const list = (key: KeyValues | string, more: Ask = {}) => app.ask('GET', '/v3/files/public', { key, ...more })
  const detailsOf = async (key: KeyValues) => {
    const { body } = await app.ask('GET', '/pinyon/v1/keys?limit=1000', { key: admin })
    return body.keys.find((each: { publicPart: string }) => each.publicPart === key.pinata_api_key)
  }
  const idOf = async (key: KeyValues): Promise<string> => (await detailsOf(key)).id
  async function askChild(parent: KeyValues, json: Record<string, unknown>, as: KeyValues = parent) {
    return app.ask('POST', `/pinyon/v1/keys/${await idOf(parent)}/children`, {
      key: as,
      json: { keyName: 'c', ...json },
    })
  }
  async function makeChild(parent: KeyValues, json: Record<string, unknown>): Promise<KeyValues & { id: string }> {
    const { status, body } = await askChild(parent, json)
    if (status !== 200) throw new Error(`the child answered ${status}: ${JSON.stringify(body)}`)
    return body
  }

  it('work by JWT and as a pair, and carry no secret in the JWT', async () => {
    const parent = await app.makeKey(admin, maker)
    const child = await makeChild(parent, { permissions: { endpoints: { files: { list: true } } } })
    expect(decodeJwt(child.JWT)).not.toHaveProperty('scopedKeySecret')
    expect(decodeJwt(parent.JWT)).toHaveProperty('scopedKeySecret', parent.pinata_api_secret)
    expect((await list(child)).status).toBe(200)
    const headers = { pinata_api_key: child.pinata_api_key, pinata_secret_api_key: child.pinata_api_secret }
    expect((await app.ask('GET', '/v3/files/public', { headers })).status).toBe(200)
    expect(await detailsOf(child)).toMatchObject({ id: child.id, parentId: await idOf(parent), depth: 1, bounds: null })
  })

  it('are at most what their parent is, in everything', async () => {
    const bounds = {
      addresses: ['127.0.0.0/8', '::/0'],
      maxBytes: 100,
      maxFileBytes: 50,
      types: ['image/*', 'text/plain'],
      origins: ['https://a.test'],
    }
    const parent = await app.makeKey(admin, maker, {
      maxUses: 10,
      expiresIn: 600,
      bounds: { addresses: ['127.0.0.1'] },
    })
    const bound = await app.makeKey(admin, everything, { bounds })
    const permissions = { endpoints: { files: { list: true } } }
    const refused = [
      await askChild(parent, { permissions: everything }),
      await askChild(parent, { permissions: { endpoints: { files: { delete: true } } } }),
      await askChild(parent, { permissions, expiresIn: 601 }),
      await askChild(parent, { permissions, maxUses: 11 }),
      await askChild(parent, { permissions, bounds: { addresses: ['127.0.0.0/31'] } }),
      await askChild(bound, { permissions, bounds: { addresses: ['0.0.0.0/0'] } }, admin),
      await askChild(bound, { permissions, bounds: { maxBytes: 101 } }, admin),
      await askChild(bound, { permissions, bounds: { maxFileBytes: 51 } }, admin),
      await askChild(bound, { permissions, bounds: { types: ['text/*'] } }, admin),
      await askChild(bound, { permissions, bounds: { origins: ['https://b.test'] } }, admin),
    ]
    for (const { status, body } of refused) expect([status, body.error.reason]).toEqual([403, 'SCOPE_NOT_HELD'])
    const narrower = { addresses: ['127.1.0.0/16'], types: ['image/png'], maxFileBytes: 5 }
    const allowed = await askChild(bound, { permissions, bounds: narrower }, admin)
    expect(await detailsOf(allowed.body)).toMatchObject({ bounds: { ...bounds, ...narrower } })
    const inherited = await detailsOf(await makeChild(parent, { permissions }))
    expect(inherited).toMatchObject({
      bounds: { addresses: ['127.0.0.1'] },
      expiresAt: (await detailsOf(parent)).expiresAt,
    })
  })

  it('are refused in words where bounds are none', async () => {
    const ask = (bounds: unknown) =>
      app.ask('POST', '/v3/pinata/keys', { key: admin, json: { keyName: 'k', permissions: everything, bounds } })
    for (const bounds of [
      { addresses: ['300.1.1.1'] },
      { addresses: ['10.0.0.0/33'] },
      { addresses: [] },
      { origins: ['https://a.test/path'] },
      { types: ['image'] },
      { maxBytes: 0 },
      { nonsense: 1 },
    ]) {
      const { status, body } = await ask(bounds)
      expect([bounds, status, body.error.message.startsWith('bounds')]).toEqual([bounds, 400, true])
    }
    expect((await ask({ groups: ['01890a5d-ac96-774b-bcce-b302099a8058'] })).status).toBe(404)
  })

  it('made by Pinata’s routes with a key that is no admin’s, or bound, are its children', async () => {
    const creator = await app.makeKey(admin, { endpoints: { keys: { create: true }, files: { list: true } } })
    const owner = await app.makeKey(admin, everything, { bounds: { own: true } })
    const made = async (key: KeyValues, path: string) =>
      (await app.ask('POST', path, { key, json: { keyName: 'k', permissions: {} } })).body as KeyValues
    expect(await detailsOf(await made(creator, '/v3/pinata/keys'))).toMatchObject({ parentId: await idOf(creator) })
    expect(await detailsOf(await made(owner, '/users/generateApiKey'))).toMatchObject({
      parentId: await idOf(owner),
      bounds: { own: true },
    })
    const free = await app.makeKey(admin, everything)
    expect(await detailsOf(await made(free, '/v3/pinata/keys'))).toMatchObject({ parentId: null })
  })

  it('see and change only keys of their own tree', async () => {
    const permissions = {
      endpoints: { keys: { createChild: true, list: true, get: true, regenerate: true, revoke: true } },
    }
    const parent = await app.makeKey(admin, permissions)
    const child = await makeChild(parent, { permissions })
    const grandchild = await makeChild(child, { permissions })
    const sibling = await makeChild(parent, { permissions })
    const shown = async (query: string, key: KeyValues) => {
      const { body } = await app.ask('GET', `/pinyon/v1/keys?${query}`, { key })
      return body.keys.map(({ id }: { id: string }) => id).sort()
    }
    expect(await shown('', child)).toEqual([child.id, grandchild.id])
    expect(await shown(`within=${await idOf(parent)}`, admin)).toEqual([child.id, grandchild.id, sibling.id].sort())
    expect(await shown(`parent=${await idOf(parent)}`, admin)).toEqual([child.id, sibling.id])
    for (const id of [await idOf(parent), sibling.id]) {
      expect((await app.ask('GET', `/pinyon/v1/keys/${id}`, { key: child })).status).toBe(404)
      const regenerate = { key: child, json: {} }
      expect((await app.ask('POST', `/pinyon/v1/keys/${id}/regenerate`, regenerate)).status).toBe(404)
      expect(
        (
          await app.ask('POST', `/pinyon/v1/keys/${id}/children`, {
            key: child,
            json: { keyName: 'c', permissions: {} },
          })
        ).status,
      ).toBe(404)
    }
    expect((await app.ask('PUT', `/v3/pinata/keys/${sibling.pinata_api_key}`, { key: child })).status).toBe(404)
    const longer = { key: child, json: { expiresIn: 60 } }
    expect((await app.ask('POST', `/pinyon/v1/keys/${child.id}/regenerate`, longer)).status).toBe(200)
  })

  it('cannot give themselves a longer life', async () => {
    const parent = await app.makeKey(admin, { endpoints: { keys: { createChild: true, regenerate: true } } })
    const child = await makeChild(parent, { permissions: { endpoints: { keys: { regenerate: true } } }, expiresIn: 60 })
    const ask = { key: child, json: { expiresIn: 600 } }
    expect((await app.ask('POST', `/pinyon/v1/keys/${child.id}/regenerate`, ask)).status).toBe(403)
  })

  it('end with their parent: at its revocation, at once and however deep', async () => {
    const parent = await app.makeKey(admin, maker)
    const child = await makeChild(parent, { permissions: maker })
    const grandchild = await makeChild(child, { permissions: maker })
    for (const key of [child, grandchild]) expect((await list(key)).status).toBe(200)
    expect((await app.ask('PUT', `/v3/pinata/keys/${parent.pinata_api_key}`, { key: admin })).status).toBe(200)
    for (const key of [child, grandchild]) {
      const { status, body } = await list(key)
      expect([status, body.error.reason]).toEqual([401, 'API_KEY_REVOKED'])
      expect(await detailsOf(key)).toMatchObject({ state: 'revoked' })
    }
    expect((await askChild(parent, { permissions: {} }, admin)).status).toBe(409)
  })

  it('end with their parent within half a second in processes that were not told (T14)', async () => {
    const parent = await app.makeKey(admin, maker)
    const child = await makeChild(parent, { permissions: maker })
    let elapsed = 0
    const { db } = app.services
    const elsewhere = { ...app.services, keyCache: new KeyCache({ db, elapsedMs: () => elapsed }) }
    const verify = () => verifyKey(elsewhere, jwtOf(child), testOrigin)
    for (let i = 0; i < 1_000; i++) await verify()
    expect((await app.ask('PUT', `/v3/pinata/keys/${parent.pinata_api_key}`, { key: admin })).status).toBe(200)
    expect((await list(child)).status).toBe(401)
    elapsed = 500
    await expect(verify()).rejects.toMatchObject({ code: 'key_revoked' })
  })

  it('end with their parent: at its expiry, also when that was moved', async () => {
    const parent = await app.makeKey(admin, maker, { expiresIn: 1_000 })
    const child = await makeChild(parent, { permissions: maker })
    const regenerate = { key: admin, json: { expiresIn: 100 } }
    const again = await app.ask('POST', `/pinyon/v1/keys/${await idOf(parent)}/regenerate`, regenerate)
    expect(again.status).toBe(200)
    expect((await list(child)).status).toBe(200)
    clock.move(101_000)
    const { status, body } = await list(child)
    expect([status, body.error.reason]).toEqual([401, 'TOKEN_EXPIRED'])
  })

  it('use up what is left above them, exactly', async () => {
    const parent = await app.makeKey(admin, maker, { maxUses: 22 })
    const child = await makeChild(parent, { permissions: maker, maxUses: 15 })
    const other = await makeChild(parent, { permissions: maker })
    const asked = await Promise.all(Array.from({ length: 30 }, (_, i) => list(i % 2 === 0 ? child : other)))
    const reasons = asked.filter(({ status }) => status === 403).map(({ body }) => body.error.reason)
    expect(asked.filter(({ status }) => status === 200)).toHaveLength(20)
    expect(new Set(reasons)).toEqual(new Set(['KEY_USES_EXHAUSTED']))
    expect((await list(parent)).status).toBe(403)
    expect(await detailsOf(parent)).toMatchObject({ uses: 22, state: 'exhausted' })
    const [one, two] = [(await detailsOf(child)).uses, (await detailsOf(other)).uses]
    expect([one + two, one <= 15]).toEqual([20, true])
  })

  it('never live on when they are made while their parent ends', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const parent = await app.makeKey(admin, maker)
      const id = await idOf(parent)
      const make = () =>
        app.ask('POST', `/pinyon/v1/keys/${id}/children`, { key: admin, json: { keyName: 'c', permissions: maker } })
      const [one, , two] = await Promise.all([
        make(),
        app.ask('PUT', `/v3/pinata/keys/${parent.pinata_api_key}`, { key: admin }),
        make(),
      ])
      for (const { status, body } of [one, two]) {
        expect([200, 409]).toContain(status)
        if (status === 200) expect((await list(body)).status).toBe(401)
      }
    }
  })

  it('stand at most eight below one another, three of them with own', async () => {
    let key: KeyValues = await app.makeKey(admin, { endpoints: { keys: { createChild: true } } })
    for (let depth = 1; depth <= 8; depth++) {
      const bounds = depth <= 3 ? { own: true } : undefined
      if (depth === 4) {
        const fourth = await askChild(key, { permissions: {}, bounds: { own: true } }, admin)
        expect([fourth.status, fourth.body.error.message]).toEqual([409, expect.stringContaining('own')])
      }
      key = await makeChild(key, { permissions: { endpoints: { keys: { createChild: true } } }, bounds })
    }
    expect((await askChild(key, { permissions: {} }, admin)).status).toBe(409)
  })

  describe('bounds', () => {
    const bind = (bounds: Record<string, unknown>) => app.makeKey(admin, everything, { bounds })
    const expectOutside = ({ status, body }: Answered) =>
      expect([status, body.error?.reason]).toEqual([403, 'OUTSIDE_KEY_BOUNDS'])
    const send = (key: KeyValues, name: string, content: string | Uint8Array, type?: string) => {
      const form = new FormData()
      form.append('network', 'public')
      form.append('file', new Blob([Buffer.from(content)], type === undefined ? {} : { type }), name)
      return app.ask('POST', '/v3/files', { key, form })
    }

    it('by address count the address of the connection, whatever headers say (T58)', async () => {
      expect((await list(await bind({ addresses: ['127.0.0.0/8'] }))).status).toBe(200)
      const elsewhere = await bind({ addresses: ['192.0.2.0/24', '2001:db8::/32'] })
      expectOutside(await list(elsewhere))
      for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
        expectOutside(
          await list(elsewhere, { headers: { [name]: name === 'forwarded' ? 'for=192.0.2.1' : '192.0.2.1' } }),
        )
      }
    })

    it('by origin want exactly one of them', async () => {
      const key = await bind({ origins: ['https://app.example'] })
      expect((await list(key, { headers: { origin: 'https://app.example' } })).status).toBe(200)
      for (const origin of ['https://app.example.evil', 'http://app.example', 'https://app.example:8443', 'null']) {
        expectOutside(await list(key, { headers: { origin } }))
      }
      expectOutside(await list(key))
    })

    it('in bytes hold exactly, with children and at the same time, and leave nothing behind', async () => {
      const key = await bind({ maxBytes: 1_000, maxFileBytes: 400 })
      expectOutside(await send(key, 'a', 'x'.repeat(401)))
      const child = await makeChild(key, { permissions: everything })
      const sent = await Promise.all(
        Array.from({ length: 10 }, (_, i) => send(i % 2 === 0 ? key : child, `f${i}`, `${i}`.repeat(300))),
      )
      expect(sent.filter(({ status }) => status === 200)).toHaveLength(3)
      for (const answer of sent) if (answer.status !== 200) expectOutside(answer)
      expect(await detailsOf(key)).toMatchObject({ uploadedBytes: 900 })
      const again = sent.findIndex(({ status }) => status === 200)
      expect((await send(key, 'again', `${again}`.repeat(300))).body.data.is_duplicate).toBe(true)
      expect(await detailsOf(key)).toMatchObject({ uploadedBytes: 900 })
      expectOutside(await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { a: 'x'.repeat(101) } }))
    })

    it('by type look at the bytes, and at what is listed', async () => {
      const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64') // prettier-ignore
      const key = await bind({ types: ['image/*'] })
      expect((await send(key, 'a.png', png)).status).toBe(200)
      expectOutside(await send(key, 'a.png', '<!doctype html><script>1</script>'))
      expectOutside(await send(key, 'a.html', png))
      expectOutside(await send(key, 'a', 'just text', 'image/png'))
      expectOutside(await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { a: 1 } }))
      const text = await bind({ types: ['text/plain'] })
      expect((await send(text, 'a.txt', 'just text')).status).toBe(200)
      expectOutside(await send(text, 'a.html', 'just text'))
    })

    it('in size or type refuse what is not known before it is fetched', async () => {
      const key = await bind({ types: ['image/*'] })
      const pin = { key, json: { cid: unknownCid() } }
      const { status, body } = await app.ask('POST', '/psa/pins', pin)
      expect([status, body.error.reason]).toEqual([403, 'OUTSIDE_KEY_BOUNDS'])
    })

    it('by group put uploads there, and show nothing else', async () => {
      const group = '01890a5d-ac96-774b-bcce-b302099a8057'
      const at = clock.now()
      const named = { id: group, name: 'g', name_folded: 'g', network: 1, is_public: 0, created_by_key: null }
      await app.services.db.write((tx) =>
        insertGroup(tx, { ...named, account_id: admin.accountId, created_at: at, updated_at: at }),
      )
      const beside = await upload(app, admin, [['beside', 'beside the group']])
      const key = await bind({ groups: [group] })
      const inside = (await send(key, 'inside', 'inside the group')).body.data
      expect(inside.group_id).toBe(group)
      const shown = (await list(key)).body.data.files.map(({ id }: { id: string }) => id)
      expect(shown).toEqual([inside.id])
      expect((await app.ask('GET', `/v3/files/public/${beside.id}`, { key })).status).toBe(404)
      const totals = (await app.ask('GET', '/data/userPinnedDataTotal', { key })).body
      expect(totals).toMatchObject({ pin_count: 1, pin_size_total: 16 })
    })
  })
})
