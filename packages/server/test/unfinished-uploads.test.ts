import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expireUploads } from '../src/uploads/expire-uploads.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { TestClock } from './support/domain.ts'
import { begin } from './support/tus.ts'

const gigabyte = 1_000_000_000

/** How many are begun, and how many of them the account may have. By hand: `T136_UPLOADS=10000`, for both. */
const many = Number(process.env['T136_UPLOADS'] ?? 1_000)
const bound = Number(process.env['T136_UPLOADS'] ?? 300)

/** T136: a disk or a quota is not filled by uploads that nobody finishes. */
describe.each(databases)('many unfinished uploads on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let operator: KeyValues
  beforeAll(async () => {
    app = await startTestApp({
      database,
      clock,
      env: { PINYON_RATE_LIMITS: 'off', PINYON_UPLOADS_UNFINISHED: String(bound) },
    })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  /** Begins so many, each of a gigabyte with one byte sent, or none; how many were taken, and what the others were told. */
  async function beginMany(key: KeyValues, count: number, bytes = 1): Promise<{ taken: number; refused: number[] }> {
    const statuses: number[] = []
    let left = count
    const one = async () => {
      while (left-- > 0) {
        const headers: Record<string, string> = bytes === 0 ? {} : { 'content-type': 'application/offset+octet-stream' }
        const body = bytes === 0 ? {} : { body: new Uint8Array(bytes).fill(left) }
        const answer = await begin(app, key, gigabyte, { headers, ...body })
        statuses.push(answer.status)
      }
    }
    await Promise.all(Array.from({ length: 32 }, one))
    return { taken: statuses.filter((status) => status === 201).length, refused: statuses.filter((s) => s !== 201) }
  }

  it('are bounded in number, and leave nothing when their time is over', { timeout: 120_000 + many * 20 }, async () => {
    const key = await app.makeAccount(operator, `many-${database}`)
    const { taken, refused } = await beginMany(key, many + 20)
    expect([taken, new Set(refused)]).toEqual([bound, new Set([429])])
    const { read } = app.services.db
    const rows = await read.selectFrom('uploads').select('id').execute()
    expect(rows).toHaveLength(bound)
    expect((await beginMany(operator, 3)).taken).toBe(3)
    clock.move(49 * 3_600_000)
    for (let swept = 1; swept > 0;) swept = await expireUploads(app.services)
    expect(await read.selectFrom('uploads').select('id').execute()).toEqual([])
    expect(await read.selectFrom('pins').select('id').where('state', '=', 'staging').execute()).toEqual([])
    expect((await beginMany(key, 1)).taken).toBe(1)
  })

  it.each([1, 0])('count against the quota with all that they announced, with %d bytes here', async (bytes) => {
    const key = await app.makeAccount(operator, `bounded-${bytes}-${database}`, { quotaBytes: 5 * gigabyte })
    const { taken, refused } = await beginMany(key, 20, bytes)
    expect([taken, new Set(refused)]).toEqual([5, new Set([403])])
    const form = new FormData()
    form.append('file', new Blob(['x']), 'x.txt')
    expect((await app.ask('POST', '/v3/files', { key, form })).status).toBe(403)
    clock.move(49 * 3_600_000)
    for (let swept = 1; swept > 0;) swept = await expireUploads(app.services)
    expect((await app.ask('POST', '/v3/files', { key, form })).status).toBe(200)
  })
})
