import { statusOf } from '@pinyon/contract/errors.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type Answered, type Ask, type KeyValues, type TestApp } from './support/app.ts'
import { pathsOf, sampleBody } from './support/fill-route.ts'
import { formBytes, remains, sendAndVanish, sendChunked, sendForm, type Part } from './support/upload.ts'

type Owner = KeyValues & { readonly accountId: string }

/** Every row that keys may ask, on each of its paths. */
const cells = routeList
  .filter(({ credentials }) => credentials.includes('key'))
  .flatMap((row) =>
    pathsOf(row).map((path) => ({ row, path: path.replace(':network', 'private').replaceAll(/:\w+/g, 'x') })),
  )

const pairOf = (key: KeyValues): Ask => ({
  headers: { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: key.pinata_api_secret },
})

describe.each(databases)('what has ended, on %s', (database) => {
  let app: TestApp
  let operator: Owner
  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  /** Asks every row in both carriers. Answers how many requests that were. */
  async function expectRefused(
    key: KeyValues,
    code: 'key_revoked' | 'account_disabled',
    reason: string,
    words: RegExp,
  ) {
    let asked = 0
    for (const { row, path } of cells) {
      const json = sampleBody(row)
      for (const carrier of [{ key }, pairOf(key)]) {
        const { status, body } = await app.ask(row.method, path, {
          ...carrier,
          ...(json === undefined ? {} : { json }),
        })
        const text: unknown = row.dialect === 'v3' ? body.error.message : body.error.details
        expect([row.id, path, status, body.error.reason, text]).toEqual([
          row.id,
          path,
          statusOf(code, row.dialect),
          reason,
          expect.stringMatching(words),
        ])
        if (row.dialect === 'v3') expect([row.id, body.error.code]).toEqual([row.id, status])
        asked++
      }
    }
    return asked
  }

  it('refuses a revoked key on every route from the next request on, in each dialect’s words', async () => {
    const key = await app.makeKey(operator, { admin: true, operator: true })
    for (const carrier of [{ key }, pairOf(key)])
      expect((await app.ask('GET', '/data/testAuthentication', carrier)).status).toBe(200)
    await app.ask('DELETE', `/v3/api_keys/${key.pinata_api_key}`, { key: operator })
    const asked = await expectRefused(key, 'key_revoked', 'API_KEY_REVOKED', /revoked on \d{4}-/)
    expect(asked).toBeGreaterThan(70)
    expect([statusOf('key_revoked', 'legacy'), statusOf('key_revoked', 'v3')]).toEqual([403, 401])
  })

  it('refuses the old halves of a regenerated key the same way, and says so', async () => {
    const key = await app.makeKey(operator, { admin: true, operator: true })
    const { body } = await app.ask('GET', '/pinyon/v1/keys?limit=1', { key: operator })
    const made = await app.ask('POST', `/pinyon/v1/keys/${body.keys[0].id}/regenerate`, { key: operator, json: {} })
    expect(made.body.pinata_api_key).toBe(key.pinata_api_key)
    await expectRefused(key, 'key_revoked', 'API_KEY_REVOKED', /regenerated on \d{4}-/)
    for (const carrier of [{ key: made.body as KeyValues }, pairOf(made.body)])
      expect((await app.ask('GET', '/data/testAuthentication', carrier)).status).toBe(200)
  })

  it('finishes an upload under way when its key is revoked, and takes no other', async () => {
    const key = await app.makeKey(operator, { admin: true })
    const form = formBytes([['file', Buffer.alloc(3_000_000, database), 'under-way.bin']])
    async function* pieces() {
      yield form.subarray(0, 1_000_000)
      await sleep(50)
      await app.ask('DELETE', `/v3/api_keys/${key.pinata_api_key}`, { key: operator })
      expect((await app.ask('GET', '/v3/files/private', { key })).status).toBe(401)
      yield form.subarray(1_000_000)
    }
    const kept = await sendChunked(app, '/v3/files', key, pieces())
    expect([kept.status, kept.body.data?.size]).toEqual([200, 3_000_000])
    expect((await sendForm(app, '/v3/files', key, [['file', 'more', 'a']])).status).toBe(401)
    expect((await sendForm(app, '/pinning/pinFileToIPFS', key, [['file', 'more', 'a']])).status).toBe(403)
    const got = await app.ask('GET', `/v3/files/private/${kept.body.data.id}`, { key: operator })
    expect(got.body.data.cid).toBe(kept.body.data.cid)
  })

  it('refuses a disabled account everywhere at once, and lets it in again', async () => {
    const owner = await app.makeAccount(operator, `disabled-${database}`)
    const set = (disabled: boolean) =>
      app.ask('PATCH', `/pinyon/v1/accounts/${owner.accountId}`, { key: operator, json: { disabled } })
    expect((await app.ask('GET', '/data/testAuthentication', { key: owner })).status).toBe(200)
    expect((await set(true)).status).toBe(200)
    expect(await expectRefused(owner, 'account_disabled', 'ACCOUNT_DISABLED', /disabled/)).toBeGreaterThan(70)
    expect((await set(false)).status).toBe(200)
    expect((await app.ask('GET', '/data/testAuthentication', { key: owner })).status).toBe(200)
  })

  it('keeps an account without public content private by every way in, and nothing is left', async () => {
    const owner = await app.makeAccount(operator, `private-${database}`, { publicContent: 'refused' })
    const file = (bytes: string | Uint8Array, name = 'a.txt'): Part => ['file', bytes, name]
    const held = await sendForm(app, '/v3/files', owner, [file('held privately')])
    expect(held.status).toBe(200)
    const car = await app.ask('GET', `/pinyon/v1/files/${held.body.data.id}/content?format=car`, { key: owner })
    expect(car.status).toBe(200)
    const before = await remains(app, owner.accountId)
    const shown = ['network', 'public'] as const
    const ways: Record<string, () => Promise<Answered>> = {
      'new content': () => sendForm(app, '/v3/files', owner, [shown, file('new')]),
      'said after the file': () => sendForm(app, '/v3/files', owner, [file('new'), shown]),
      'what it holds privately': () => sendForm(app, '/v3/files', owner, [shown, file('held privately')]),
      'a large file': () => sendForm(app, '/v3/files', owner, [file(Buffer.alloc(9_000_000, 1)), shown]),
      'an empty file': () => sendForm(app, '/v3/files', owner, [shown, file('')]),
      'a folder': () => sendForm(app, '/v3/files', owner, [shown, file('a', 'd/a'), file('b', 'd/b')]),
      CIDv0: () => sendForm(app, '/v3/files', owner, [shown, ['cid_version', 'v0'], file('v0')]),
      'no length': () => sendChunked(app, '/v3/files', owner, [formBytes([shown, file('chunked')])]),
      pinFileToIPFS: () => sendForm(app, '/pinning/pinFileToIPFS', owner, [file('new')]),
      'pinFileToIPFS of a folder': () =>
        sendForm(app, '/pinning/pinFileToIPFS', owner, [file('a', 'd/a'), file('b', 'd/b')]),
      pinJSONToIPFS: () => app.ask('POST', '/pinning/pinJSONToIPFS', { key: owner, json: { a: 1 } }),
    }
    for (const [way, send] of Object.entries(ways)) {
      const { status, body } = await send()
      expect([way, status, body.error?.reason]).toEqual([way, 403, 'PUBLIC_CONTENT_REFUSED'])
      expect([way, await remains(app, owner.accountId)]).toEqual([way, before])
    }
    // By an update of the file there is no way: the network of a file cannot change.
    const path = `/v3/files/private/${held.body.data.id}`
    const updated = await app.ask('PUT', path, { key: owner, json: { network: 'public', name: 'a' } })
    expect(updated.body.data?.network ?? 'private').toBe('private')
    const gateway = await fetch(`${app.gatewayUrl}/ipfs/${held.body.data.cid}`)
    expect(gateway.status).toBe(404)
    await gateway.body?.cancel()
  })

  it('uses what the lists add up to, after anything in any order', { timeout: 120_000 }, async () => {
    const owner = await app.makeAccount(operator, `counted-${database}`, { quotaBytes: 600_000 })
    const random = seeded(20_261)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T // the lists have elements
    const contents = Array.from({ length: 12 }, (_, i) => Buffer.alloc(1 + i * 9_000, `${database} ${i} `))
    const files: { id: string; network: string; cid: string }[] = []
    const keep = ({ status, body }: Answered, network: string) => {
      if (status !== 200) return expect([403]).toContain(status)
      files.push({ id: body.data?.id ?? body.ID, network, cid: body.data?.cid ?? body.IpfsHash })
    }
    const networks = ['private', 'public'] as const
    const steps: (() => Promise<unknown>)[] = [
      async () => {
        const network = pick(networks)
        keep(
          await sendForm(app, '/v3/files', owner, [
            ['network', network],
            ['file', pick(contents), 'a'],
          ]),
          network,
        )
      },
      async () => keep(await sendForm(app, '/pinning/pinFileToIPFS', owner, [['file', pick(contents), 'b']]), 'public'),
      async () =>
        keep(
          await app.ask('POST', '/pinning/pinJSONToIPFS', { key: owner, json: { n: Math.floor(random() * 20) } }),
          'public',
        ),
      async () => {
        const network = pick(networks)
        const parts: Part[] = [
          ['file', pick(contents), 'd/a'],
          ['file', pick(contents), 'd/b'],
          ['network', network],
        ]
        keep(await sendForm(app, '/v3/files', owner, parts), network)
      },
      async () => {
        if (files.length === 0) return
        const { network, id } = pick(files)
        await app.ask('PUT', `/v3/files/${network}/${id}`, {
          key: owner,
          json: { name: 'renamed', keyvalues: { k: 'v' } },
        })
      },
      async () => {
        if (files.length === 0) return
        const { network, id } = pick(files)
        const path = `/v3/files/${network}/${id}`
        await Promise.all([app.ask('DELETE', path, { key: owner }), app.ask('DELETE', path, { key: owner })])
      },
      async () => {
        if (files.length > 0) await app.ask('DELETE', `/pinning/unpin/${pick(files).cid}`, { key: owner })
      },
      async () => {
        const form = formBytes([['file', Buffer.alloc(200_000, 7), 'gone']])
        await sendAndVanish(app, '/v3/files', owner, form, { count: 1 + Math.floor(random() * 150_000) })
      },
      () => sendForm(app, '/v3/files', owner, [['file', pick(contents), '../up']]),
      () =>
        sendForm(app, '/v3/files', owner, [
          ['file', pick(contents), 'x.car'],
          ['car', 'true'],
        ]),
      () => sendForm(app, '/v3/files', owner, [['file', Buffer.alloc(700_000), 'too-large']]),
    ]
    for (let step = 1; step <= 300; step++) {
      if (step % 10 === 0) await Promise.all([pick(steps)(), pick(steps)(), pick(steps)()])
      else await pick(steps)()
      if (step % 30 === 0) await expectCounted(owner, step)
    }
    expect(files.length).toBeGreaterThan(50)
    for (const { network, id } of files) await app.ask('DELETE', `/v3/files/${network}/${id}`, { key: owner })
    expect(await expectCounted(owner, 301)).toEqual({ files: 0, bytes: 0 })
  })

  async function expectCounted(owner: Owner, step: number) {
    const sum = async (network: string) => {
      const { body } = await app.ask('GET', `/v3/files/${network}?limit=1000`, { key: owner })
      const sizes = (body.data.files as { size: number }[]).map(({ size }) => size)
      return { files: sizes.length, bytes: sizes.reduce((total, size) => total + size, 0) }
    }
    const [hidden, shown] = [await sum('private'), await sum('public')]
    const all = { files: hidden.files + shown.files, bytes: hidden.bytes + shown.bytes }
    const account = (await app.ask('GET', '/pinyon/v1/account', { key: owner })).body
    expect([step, { files: account.files, bytes: account.usedBytes }]).toEqual([step, all])
    const { quota } = (await app.ask('GET', '/pinyon/v1/whoami', { key: owner })).body
    expect([step, quota]).toEqual([
      step,
      { limitBytes: 600_000, usedBytes: all.bytes, leftBytes: 600_000 - all.bytes, files: all.files },
    ])
    expect([step, all.bytes <= 600_000]).toEqual([step, true])
    const pinned = (await app.ask('GET', '/data/pinList?pageLimit=1000', { key: owner })).body.rows as {
      size: number
    }[]
    expect([step, pinned.length, pinned.reduce((total, { size }) => total + size, 0)]).toEqual([
      step,
      shown.files,
      shown.bytes,
    ])
    const totals = (await app.ask('GET', '/data/userPinnedDataTotal', { key: owner })).body
    expect([step, totals.pin_count, totals.pin_size_total]).toEqual([step, shown.files, shown.bytes])
    // An upload whose client has gone gives its room back within moments.
    await expect.poll(() => app.services.reservations.promised(owner.accountId)).toBe(0)
    return all
  }
})

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
