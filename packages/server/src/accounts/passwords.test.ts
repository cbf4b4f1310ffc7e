import { expect, it } from 'vitest'
import { hashPassword, verifyPassword } from './passwords.ts'

it('takes the right password and no other', async () => {
  const hash = await hashPassword('correct horse battery')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(await verifyPassword(hash, 'correct horse battery')).toBe(true)
  expect(await verifyPassword(hash, 'correct horse batterY')).toBe(false)
})

it('hashes the same password differently each time', async () => {
  expect(await hashPassword('correct horse battery')).not.toBe(await hashPassword('correct horse battery'))
})

it('counts every character of a long password, and those after a NUL', async () => {
  const long = 'x'.repeat(200)
  const hash = await hashPassword(`${long}a`)
  expect(await verifyPassword(hash, `${long}b`)).toBe(false)
  expect(await verifyPassword(hash, long)).toBe(false)
  const nul = await hashPassword('before\0after!')
  expect(await verifyPassword(nul, 'before\0other!')).toBe(false)
})

it('takes a password typed in another Unicode form', async () => {
  const hash = await hashPassword('caf\u00e9 am Eck')
  expect(await verifyPassword(hash, 'cafe\u0301 am Eck')).toBe(true)
})

it('reads hashes made by scrypt', async () => {
  const hash = '$scrypt$N=1024,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$m8nF2mtlU1ScXGHxXKPwNhFqgVWvGDM9pKPkvx7bc0c'
  expect(await verifyPassword(hash, 'wrong password')).toBe(false)
})

it('says no when there is no hash, after as much work', async () => {
  await verifyPassword(undefined, 'first call makes the hash of nobody')
  const hash = await hashPassword('correct horse battery')
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  for (let i = 0; i < 15; i++) {
    for (const which of ['known', 'unknown'] as const) {
      const began = performance.now()
      expect(await verifyPassword(which === 'known' ? hash : null, 'wrong password')).toBe(false)
      times[which].push(performance.now() - began)
    }
  }
  const ratio = median(times.unknown) / median(times.known)
  expect(ratio).toBeGreaterThan(0.5)
  expect(ratio).toBeLessThan(2)
})

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
