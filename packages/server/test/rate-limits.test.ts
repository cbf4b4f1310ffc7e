import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { RateLimits } from '../src/http/rate-limits.ts'
import { TestClock } from './support/domain.ts'

describe.each(databases)('limits by class on %s', (database) => {
  let app: TestApp
  let key: KeyValues
  const clock = new TestClock()

  beforeAll(async () => {
    app = await startTestApp({ database, clock, env: { PINYON_RATE_LIMITS: 'data=3/60,write=2/60' } })
    key = await app.setUp()
  })
  afterAll(() => app.close())

  it('say what is left, then 429 with when to come back, in the route’s dialect', async () => {
    const limited = await app.makeKey(key, { admin: true }, { maxUses: 4 })
    const ask = () => app.ask('GET', '/data/pinList', { key: limited })
    const answers = [await ask(), await ask(), await ask(), await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
    const left = answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))
    expect(left).toEqual(['2', '1', '0', '0', '0'])
    for (const { headers, status, body } of answers) {
      expect(headers.get('x-ratelimit-limit')).toBe('3')
      expect(Number(headers.get('x-ratelimit-reset'))).toBeGreaterThan(clock.now() / 1000)
      if (status !== 429) continue
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(50)
      expect(body).toEqual({ error: { reason: 'RATE_LIMITED', details: expect.stringContaining('3 in 60 seconds') } })
    }
    const { body } = await app.ask('GET', '/pinyon/v1/whoami', { key: limited })
    expect(body.key.usesLeft).toBe(1)
    expect((await app.ask('GET', '/v3/files/public', { key: limited })).headers.get('x-ratelimit-limit')).toBe(null)
    expect((await app.ask('GET', '/data/pinList', { key })).status).toBe(200)
  })

  // One process has SQLite for itself.
  if (database === 'sqlite') return
  it('are counted over all processes', async () => {
    const route = { rateClass: 'data' } as Parameters<RateLimits['take']>[0]
    const processes = [1, 2, 3].map(() => new RateLimits(app.services))
    const taken = await Promise.allSettled(
      Array.from({ length: 30 }, async (_, i) => processes[i % 3]?.take(route, 'the same caller')),
    )
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    clock.move(61_000)
    await expect(processes[0]?.take(route, 'the same caller')).resolves.toMatchObject({ 'x-ratelimit-remaining': '2' })
  })
})
