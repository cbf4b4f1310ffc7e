import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { watchLoop } from '../src/ipfs/watch-loop.ts'
import { listStagings } from '../src/pins/queries.ts'
import { databases, startTestApp, type TestApp } from './support/app.ts'
import { heldByProcess } from './support/held-by-process.ts'
import { makeMalformedWorld } from './support/malformed/make-world.ts'
import { runMalformed } from './support/malformed/run-malformed.ts'
import type { MalformedWorld } from './support/malformed/valid-request.ts'

/** Half of them on each database; what they ask for is made by their number, so a failure names it. */
const countEach = 1_000

describe.each(databases)('malformed requests on %s', (database) => {
  let app: TestApp
  let world: MalformedWorld
  let accountId: string
  const seed = database === 'sqlite' ? 1 : 2

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    const key = await app.setUp()
    accountId = key.accountId
    await app.ask('PATCH', `/pinyon/v1/accounts/${accountId}`, { key, json: { quotaBytes: 10_000_000_000 } })
    const { apiUrl, gatewayUrl } = app
    world = await makeMalformedWorld({ apiUrl, gatewayUrl, key, email: 'owner@example.test', password: 'correct horse battery' }) // prettier-ignore
  })
  afterAll(() => app.close())

  it('are answered in their dialect, hold nobody up and leave nothing behind', { timeout: 240_000 }, async () => {
    // What is made once (compiled schemas, statements, pages of the pool) is no leak.
    expect((await runMalformed(world, { seed, to: 150 })).problems).toEqual([])
    const before = await heldByProcess()
    const loop = watchLoop()
    const report = await runMalformed(world, { seed, from: 150, to: countEach })
    const longestMs = loop.longestMs()
    expect(report.problems).toEqual([])
    expect(longestMs).toBeLessThan(250)
    const { services } = app
    // Those of clients that went away before their answer too.
    expect(
      app
        .log()
        .split('\n')
        .filter((line) => line.includes('"level":50')),
    ).toEqual([])
    expect((await services.metrics.internalErrors.get()).values[0]?.value ?? 0).toBe(0)
    // Those who went away in the middle are noticed when their connection is.
    await expect.poll(() => services.reservations.promised(accountId), { timeout: 60_000 }).toBe(0)
    await expect.poll(async () => (await listStagings(services.db.read)).length, { timeout: 60_000 }).toBe(0)
    expect((await services.metrics.uploadsUnderWay.get()).values[0]?.value ?? 0).toBe(0)
    expect((await readdir(app.dataDir)).filter((name) => !known.test(name))).toEqual([])
    await expect.poll(async () => (await heldByProcess()).sockets - before.sockets, { timeout: 60_000 }).toBeLessThan(4)
    const after = await heldByProcess()
    expect(after.descriptors - before.descriptors).toBeLessThan(16)
    expect(after.heapBytes - before.heapBytes).toBeLessThan(32 * 1024 * 1024)
    expect((await app.ask('GET', '/data/testAuthentication', { key: world.key.JWT })).status).toBe(200)
    expect(Object.keys(Object.prototype)).toEqual([])
    // Most are refused, and by more than the door: otherwise they would reach nothing.
    const { statuses } = report
    expect(statuses['400']).toBeGreaterThan(countEach / 5)
    expect(statuses['200']).toBeGreaterThan(countEach / 50)
    expect(statuses['404']).toBeGreaterThan(countEach / 100)
  })
})

/** Files of a data directory. */
const known =
  /^(keys|packs|lock\.db.*|(reclaim|node)\.lock|pinyon\.db.*|setup-token|writer.*|ledger.*|audit-head\.jws|reserve)$/
