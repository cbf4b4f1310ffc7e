import { describe, expect, it } from 'vitest'
import { getCoveredKey } from '../src/keys/list-keys.ts'
import { regenerateKey } from '../src/keys/regenerate-key.ts'
import { KeyUses } from '../src/keys/key-uses.ts'
import { countUse, verifyKey } from '../src/keys/verify-key.ts'
import { AppError } from '../src/lib/errors.ts'
import { jwtOf, openDomain, testOrigin, type Domain } from './support/domain.ts'

describe.each(['sqlite', 'postgres'] as const)('uses on %s', (dialect) => {
  it.each([1, 10, 100])('let exactly %d of 1,000 calls at once pass', async (maxUses) => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true }, { maxUses })
    const verified = await verifyKey(domain.services, jwtOf(key), testOrigin)
    const calls = Array.from({ length: 1_000 }, () => useOnce(domain, verified))
    const results = await Promise.all(calls)
    expect(results.filter((result) => result === 'passed')).toHaveLength(maxUses)
    expect(results.filter((result) => result === 'key_uses_exhausted')).toHaveLength(1_000 - maxUses)
    const row = await getCoveredKey(domain.services, caller, { publicPart: key.pinata_api_key })
    expect(row).toMatchObject({ uses: maxUses, max_uses: maxUses, last_used_route: 'filesList' })
  })

  it('are exact across processes too', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true }, { maxUses: 10 })
    const verified = await verifyKey(domain.services, jwtOf(key), testOrigin)
    const others = [1, 2, 3].map(() => ({ ...domain.services, keyUses: new KeyUses(domain.services) }))
    const calls = others.flatMap((services) =>
      Array.from({ length: 100 }, () => useOnce({ ...domain, services }, verified)),
    )
    expect((await Promise.all(calls)).filter((result) => result === 'passed')).toHaveLength(10)
  })

  it('are not doubled by a regeneration', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true }, { maxUses: 3 })
    const verified = await verifyKey(domain.services, jwtOf(key), testOrigin)
    expect([await useOnce(domain, verified), await useOnce(domain, verified)]).toEqual(['passed', 'passed'])
    const renewed = await regenerateKey(domain.services, caller, { id: verified.id, overlapSeconds: 60 })
    const again = await verifyKey(domain.services, jwtOf(renewed), testOrigin)
    expect(await useOnce(domain, again)).toBe('passed')
    expect(await useOnce(domain, again)).toBe('key_uses_exhausted')
    expect(await useOnce(domain, verified)).toBe('key_uses_exhausted')
  })

  it('of many keys without limit are written together, the latest use last', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const keys = []
    for (let i = 0; i < 30; i++) keys.push(await domain.createKey(caller, { admin: true }))
    const verified = await Promise.all(keys.map((key) => verifyKey(domain.services, jwtOf(key), testOrigin)))
    const before = domain.services.db.commits
    for (let i = 0; i < 100; i++) {
      domain.clock.move(1)
      for (const each of verified) await countUse(domain.services, each, `route${i}`, testOrigin)
    }
    await domain.services.keyUses.flush()
    // Not one for each of the 3,000 uses: one for the keys, and a few for the counts of each key, day and route.
    expect(domain.services.db.commits - before).toBeLessThanOrEqual(10)
    for (const { id } of verified) {
      expect(await getCoveredKey(domain.services, caller, { id })).toMatchObject({
        uses: 100,
        last_used_at: domain.clock.now(),
        last_used_route: 'route99',
        last_used_address: testOrigin.address,
      })
    }
  })

  it('keep the latest last use, whatever the order of writing', async () => {
    const domain = await openDomain(dialect)
    const { caller, key } = await domain.setUp()
    const { id } = await verifyKey(domain.services, jwtOf(key), testOrigin)
    const late = { at: domain.clock.now() + 5, route: 'late', address: null }
    const early = { at: domain.clock.now(), route: 'early', address: null }
    for (const use of [late, early]) {
      await domain.services.keyUses.count({ id, limited: false }, use)
      await domain.services.keyUses.flush()
    }
    expect(await getCoveredKey(domain.services, caller, { id })).toMatchObject({ uses: 2, last_used_route: 'late' })
  })

  it('are written by themselves soon, and at the end', async () => {
    const domain = await openDomain(dialect)
    const { caller, key } = await domain.setUp()
    const verified = await verifyKey(domain.services, jwtOf(key), testOrigin)
    await countUse(domain.services, verified, 'filesList', testOrigin)
    await expect
      .poll(() => getCoveredKey(domain.services, caller, { id: verified.id }), { interval: 50 })
      .toMatchObject({ uses: 1 })
    await countUse(domain.services, verified, 'filesList', testOrigin)
    await domain.services.keyUses.close()
    expect(await getCoveredKey(domain.services, caller, { id: verified.id })).toMatchObject({ uses: 2 })
  })
})

it('keeps counts that cannot be written now, refuses nobody, and writes them later', async () => {
  const domain = await openDomain()
  const { caller, key } = await domain.setUp()
  const verified = await verifyKey(domain.services, jwtOf(key), testOrigin)
  let full = true
  const { db } = domain.services
  const keyUses = new KeyUses({
    log: domain.services.log,
    db: { write: (run) => (full ? Promise.reject(new AppError('storage_full', 'full')) : db.write(run)) },
  })
  const services = { ...domain.services, keyUses }
  await countUse(services, verified, 'filesList', testOrigin)
  await keyUses.flush()
  await countUse(services, verified, 'filesGet', testOrigin)
  full = false
  await keyUses.close()
  expect(await getCoveredKey(services, caller, { id: verified.id })).toMatchObject({
    uses: 2,
    last_used_route: 'filesGet',
  })
})

async function useOnce(
  { services }: Pick<Domain, 'services'>,
  key: { id: string; accountId: string; limited: boolean },
): Promise<string> {
  try {
    await countUse(services, key, 'filesList', testOrigin)
    return 'passed'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}
