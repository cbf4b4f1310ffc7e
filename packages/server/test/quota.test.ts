import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { UploadRoom } from '../src/usage/quota.ts'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { formBytes, type Part, remains, sendChunked, sendForm } from './support/upload.ts'

/** Content that no other upload of a test has. */
let serial = 0
function fresh(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.write(`content ${++serial} `)
  return bytes
}

describe.each(databases)('quota on %s', (database) => {
  let app: TestApp
  let operator: Awaited<ReturnType<TestApp['setUp']>>
  let accounts = 0

  beforeAll(async () => {
    app = await startTestApp({ database })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  const account = (quotaBytes: number) => app.makeAccount(operator, `quota-${database}-${++accounts}`, { quotaBytes })
  const upload = (key: Parameters<typeof sendForm>[2], bytes: Uint8Array, more: readonly Part[] = []) =>
    sendForm(app, '/v3/files', key, [['file', bytes, 'a.bin'], ...more])

  it('lets an account fill its quota to the last byte, and no further', async () => {
    const key = await account(100_000)
    expect((await upload(key, fresh(60_000))).status).toBe(200)
    expect((await upload(key, fresh(40_001))).status).toBe(403)
    expect((await upload(key, fresh(40_000), [['network', 'public']])).status).toBe(200)
    const refused = await upload(key, fresh(1))
    expect([refused.status, refused.body.error]).toEqual([
      403,
      {
        code: 403,
        reason: 'QUOTA_REACHED',
        message: expect.stringContaining('100000 of 100000 bytes are used'),
        quota: { limitBytes: 100_000, usedBytes: 100_000, neededBytes: 1 },
      },
    ])
    const legacy = await sendForm(app, '/pinning/pinFileToIPFS', key, [['file', fresh(1), 'a']])
    expect([legacy.status, legacy.body.error.reason]).toEqual([403, 'QUOTA_REACHED'])
    const json = await app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { over: serial } })
    expect([json.status, json.body.error.reason]).toEqual([403, 'QUOTA_REACHED'])
    expect((await remains(app, key.accountId)).promised).toBe(0)
  })

  it('says what is kept for uploads under way when it refuses one for their sake', async () => {
    const { accountId } = await account(1_000_000)
    const [first, second] = [1, 2].map(() => new UploadRoom(app.services, accountId, true))
    onTestFinished(() => first?.release())
    await first?.expect(900_000)
    const words = '0 of 1000000 bytes are used and 900000 are kept for unfinished uploads'
    await expect(second?.expect(900_000)).rejects.toThrow(words)
    // Not what it was promised itself.
    await second?.expect(100_000)
    await expect(second?.take(150_000)).rejects.toThrow(words)
    second?.release()
  })

  it('gives room back with every file that ends', async () => {
    const key = await account(1_000)
    const { body } = await upload(key, fresh(1_000))
    expect((await upload(key, fresh(10))).status).toBe(403)
    await app.ask('DELETE', `/v3/files/private/${body.data.id}`, { key })
    expect((await upload(key, fresh(1_000))).status).toBe(200)
  })

  it('lets exactly one of fifty uploads in that each want more than half', async () => {
    const key = await account(1_000_000)
    await upload(key, fresh(500_000))
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const bytes = fresh(300_000)
        if (i % 3 === 0) return sendForm(app, '/pinning/pinFileToIPFS', key, [['file', bytes, 'a']])
        if (i % 3 === 1) return upload(key, bytes, [['network', 'public']])
        const form = formBytes([['file', bytes, 'a']])
        return sendChunked(app, '/v3/files', key, [form.subarray(0, 100_000), form.subarray(100_000)])
      }),
    )
    const counted = Object.groupBy(answers, ({ status }) => status)
    expect({ kept: counted[200]?.length, refused: counted[403]?.length }).toEqual({ kept: 1, refused: 49 })
    const { totals, promised } = await remains(app, key.accountId)
    expect(totals.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(800_000)
    expect(promised).toBe(0)
  })

  it('refuses a large upload before it takes it, and the client reads why', async () => {
    const key = await account(1_000_000)
    const bytes = fresh(30_000_000)
    const known = await upload(key, bytes)
    expect([known.status, known.body.error.reason]).toEqual([403, 'QUOTA_REACHED'])
    const form = formBytes([['file', bytes, 'a']])
    const pieces = Array.from({ length: 300 }, (_, i) => form.subarray(i * 100_100, (i + 1) * 100_100))
    const unknown = await sendChunked(app, '/v3/files', key, pieces)
    expect([unknown.status, unknown.body.error.reason]).toEqual([403, 'QUOTA_REACHED'])
    expect(await remains(app, key.accountId)).toMatchObject({ totals: [], promised: 0 })
  })

  it('keeps the account’s setting against public content on every way in', async () => {
    const key = await account(10_000_000)
    const changed = await app.ask('PATCH', `/pinyon/v1/accounts/${key.accountId}`, {
      key: operator,
      json: { publicContent: 'refused' },
    })
    expect(changed.status).toBe(200)
    const ways = [
      sendForm(app, '/pinning/pinFileToIPFS', key, [['file', fresh(10), 'a']]),
      app.ask('POST', '/pinning/pinJSONToIPFS', { key, json: { a: 1 } }),
      upload(key, fresh(10), [['network', 'public']]),
      upload(key, fresh(3_000_000), [['network', 'public']]),
    ]
    for (const { status, body } of await Promise.all(ways)) {
      expect([status, body.error.reason]).toEqual([403, 'PUBLIC_CONTENT_REFUSED'])
    }
    expect((await upload(key, fresh(10))).status).toBe(200)
  })

  it('counts what lists count, whatever happens at once', async () => {
    const key = await account(100_000)
    const ids: string[] = []
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        ...Array.from({ length: 4 }, async (_, i) => {
          const bytes = (round + i) % 3 === 0 ? Buffer.alloc(3_000, `same ${round}`) : fresh(7_000)
          const { status, body } = await upload(key, bytes, i % 2 === 0 ? [['network', 'public']] : [])
          if (status === 200) ids.push(`${body.data.network}/${body.data.id}`)
        }),
        ...ids
          .splice(0, 2)
          .flatMap((id) => [
            app.ask('DELETE', `/v3/files/${id}`, { key }),
            app.ask('DELETE', `/v3/files/${id}`, { key }),
          ]),
      ])
    }
    const rows = await app.services.db.read
      .selectFrom('files')
      .select([
        'network',
        (eb) => eb.fn.countAll<number>().as('files'),
        (eb) => eb.fn.sum<number>('size_bytes').as('bytes'),
      ])
      .where('account_id', '=', key.accountId)
      .where('state', '=', 'held')
      .groupBy('network')
      .orderBy('network')
      .execute()
    const { totals, promised } = await remains(app, key.accountId)
    expect(totals).toEqual(rows)
    expect(totals.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(100_000)
    expect(promised).toBe(0)
  })
})
