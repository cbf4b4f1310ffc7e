import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, type KeyValues, startTestApp, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { TestClock } from './support/domain.ts'
import { rawAsk } from './support/raw-http.ts'

describe.each(databases)('analytics on %s', (database) => {
  const clock = new TestClock()
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let accounts = 0

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_ANALYTICS_DAYS: '10' } })
    operator = await app.setUp()
  })
  afterAll(() => app.close())

  const account = () => app.makeAccount(operator, `an-${database}-${++accounts}`)
  const read = async (key: KeyValues, path: string) => {
    const { status, body } = await app.ask('GET', `/v3/${path}`, { key })
    expect([status, body.error]).toEqual([200, undefined])
    return body.data
  }
  const get = (cid: string, path = '', headers: Record<string, string> = {}) =>
    rawAsk(app.gatewayUrl, 'GET', `/ipfs/${cid}${path}`, headers)
  const dayMs = 86_400_000
  const today = () => new Date(clock.now()).toISOString().slice(0, 10)

  it('counts what the gateway serves for the account that holds it, and for nobody else', async () => {
    const [key, other] = [await account(), await account()]
    const one = await upload(app, key, [['one.txt', `one of ${database}`]])
    const two = await upload(app, key, [['d/two.txt', `two of ${database}`], ['d/b', 'b']]) // prettier-ignore
    const hidden = await upload(app, key, [['h.txt', `hidden of ${database}`]], { network: 'private' })
    for (let i = 0; i < 3; i++)
      await get(one.cid, '', { 'user-agent': 'tester/1', referer: 'https://page.test/secret?q=1' })
    await get(two.cid, '/two.txt')
    await get(two.cid, '/not-there')
    await get(hidden.cid)
    await app.services.traffic.flush()
    const top = await read(key, 'analytics/gateways/top')
    expect(top.map(({ value, requests }: { value: string; requests: number }) => [value, requests])).toEqual([
      [one.cid, 3],
      [two.cid, 2],
    ])
    expect(top[0].bandwidth).toBeGreaterThan(3 * `one of ${database}`.length)
    const sdk = 'ipfs/gateway_analytics_top?gateway_domain=&start_date=&end_date=&sort_by=requests'
    expect(await read(key, sdk)).toEqual(top)
    const by = async (query: string) =>
      (await read(key, `analytics/gateways/top?${query}`)).map(
        ({ value, requests }: { value: string; requests: number }) => [value, requests],
      )
    expect((await by('by=file_name')).toSorted()).toEqual([
      ['not-there', 1],
      ['one.txt', 3],
      ['two.txt', 1],
    ])
    expect(await by('by=user_agent&cid=' + one.cid)).toEqual([['tester/1', 3]])
    expect(await by('by=referer&sort_order=desc&limit=1')).toEqual([['https://page.test', 3]])
    expect(await by('http_status_code=404')).toEqual([[two.cid, 1]])
    expect(await by('file_name=two.txt')).toEqual([[two.cid, 1]])
    expect(await by('sort_order=asc&limit=1')).toEqual([[two.cid, 2]])
    expect(await by(`gateway_domain=${new URL(app.gatewayUrl).host}`)).toHaveLength(2)
    expect(await by('gateway_domain=elsewhere')).toEqual([])
    expect(await read(other, 'analytics/gateways/top')).toEqual([])
    const kept = await app.services.db.read.selectFrom('traffic').selectAll().execute()
    expect(JSON.stringify(kept)).not.toMatch(/127\.0\.0\.1"|secret|hidden/)
  })

  it('counts for everybody who holds it, by the CID that each has', async () => {
    const [a, b] = [await account(), await account()]
    const mine = await upload(app, a, [['s.txt', `shared of ${database}`]])
    await upload(app, b, [['other name.txt', `shared of ${database}`]])
    await get(mine.cid)
    await app.services.traffic.flush()
    for (const [key, name] of [
      [a, 's.txt'],
      [b, 'other name.txt'],
    ] as const) {
      expect(await read(key, 'analytics/gateways/top?by=file_name')).toEqual([
        { value: name, requests: 1, bandwidth: expect.any(Number) },
      ])
    }
  })

  it('adds up by day and week, in UTC, days without a request too', async () => {
    const key = await account()
    const { cid } = await upload(app, key, [['t.txt', `time of ${database}`]])
    const start = today() // Sunday, 1 February 2026
    const byDay = async () => {
      await app.services.traffic.flush()
      return read(key, `analytics/gateways/time_series?start_date=${start}&end_date=${today()}&by=day`)
    }
    // A client may have its answer before the server has noted it.
    const untilNoted = async (total: number) => {
      await expect.poll(async () => (await byDay()).total_requests).toBe(total)
    }
    await get(cid)
    await untilNoted(1)
    clock.move(2 * dayMs)
    await get(cid)
    await get(cid)
    await untilNoted(3)
    const days = await byDay()
    expect(
      days.time_periods.map(({ period_start_time: at, requests }: Record<string, unknown>) => [at, requests]),
    ).toEqual([
      ['2026-02-01', 1],
      ['2026-02-02', 0],
      ['2026-02-03', 2],
    ])
    const path = `ipfs/gateway_analytics_time_series?start_date=${start}&end_date=${today()}&date_interval=week`
    const weeks = await read(key, path)
    expect(
      weeks.time_periods.map(({ period_start_time: at, requests }: Record<string, unknown>) => [at, requests]),
    ).toEqual([
      ['2026-01-26', 1],
      ['2026-02-02', 2],
    ])
    expect(weeks.total_bandwidth).toBe(days.total_bandwidth)
    // Hours become days, and nothing changes; days that are too old are gone.
    clock.move(3 * dayMs)
    const { rollUpTraffic } = await import('../src/analytics/roll-up.ts')
    await rollUpTraffic(app.services, new AbortController().signal)
    const grains = await app.services.db.read.selectFrom('traffic').select('grain').distinct().execute()
    expect(grains).toEqual([{ grain: 'd' }])
    expect(await read(key, path)).toEqual(weeks)
    clock.move(6 * dayMs)
    await rollUpTraffic(app.services, new AbortController().signal)
    expect((await read(key, path)).total_requests).toBe(2)
  })

  it('refuses days that are none', async () => {
    const key = await account()
    for (const query of [
      'start_date=2026-02-30',
      'start_date=yesterday',
      'start_date=2026-02-02&end_date=2026-02-01',
      'start_date=1990-01-01',
      'by=address',
      'limit=0',
      'cid=nothing',
      'http_status_code=99',
    ]) {
      expect([query, (await app.ask('GET', `/v3/analytics/gateways/top?${query}`, { key })).status]).toEqual([
        query,
        400,
      ])
    }
  })

  it('tells less apart when very much is asked for, and never fails a request', async () => {
    const key = await account()
    const { cid } = await upload(app, key, [['m.txt', `many of ${database}`]])
    for (let i = 0; i < 1_200; i++) {
      app.services.traffic.note({
        root: (await import('../src/ipfs/cid.ts')).parseCid(cid),
        segment: `s${i}`,
        host: 'h',
        status: 200,
        userAgent: `agent ${i}`,
        referer: undefined,
        bytes: 1,
      })
    }
    await app.services.traffic.flush()
    const rows = await app.services.db.read
      .selectFrom('traffic')
      .select(['requests', 'cid'])
      .where('account_id', '=', key.accountId)
      .execute()
    expect(rows.length).toBeLessThan(1_002)
    expect(rows.reduce((sum, { requests }) => sum + requests, 0)).toBe(1_200)
  })
})
