import { chmod, readdir, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { calculateJwkThumbprint, createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { rotateSigningKey } from '../src/keys/rotate-signing-key.ts'
import { openSigningKeys } from '../src/keys/signing-keys.ts'
import { verifyKey } from '../src/keys/verify-key.ts'
import { databases, startTestApp } from './support/app.ts'
import { jwtOf, openDomain, testOrigin } from './support/domain.ts'

it('signs tokens that anybody can verify with the published keys', async () => {
  const domain = await openDomain()
  const { key, accountId } = await domain.setUp()
  const { signingKeys, installation } = domain.services
  const { payload, protectedHeader } = await jwtVerify(key.JWT, createLocalJWKSet(signingKeys.jwks()), {
    issuer: installation.id,
    audience: installation.id,
    currentDate: new Date(domain.clock.now()),
  })
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: signingKeys.current.kid })
  expect(payload).toEqual({
    userInformation: {
      id: accountId,
      email: 'owner@example.test',
      email_verified: true,
      pin_policy: {
        regions: [
          { desiredReplicationCount: 1, id: 'FRA1' },
          { desiredReplicationCount: 1, id: 'NYC1' },
        ],
        version: 1,
      },
      mfa_enabled: false,
      status: 'ACTIVE',
    },
    authenticationType: 'scopedKey',
    scopedKeyKey: key.pinata_api_key,
    scopedKeySecret: key.pinata_api_secret,
    scopes: { admin: true, operator: true, endpoints: {} },
    iss: installation.id,
    aud: installation.id,
    jti: expect.any(String),
    iat: domain.clock.now() / 1000,
  })
})

it('says no address of mail in the JWT of a key that is not admin, and its expiry', async () => {
  const domain = await openDomain()
  const { caller } = await domain.setUp()
  const key = await domain.createKey(caller, { resources: ['org:files:read'] }, { expiresIn: 60 })
  const payload = JSON.parse(Buffer.from(key.JWT.split('.')[1] ?? '', 'base64url').toString())
  expect(payload).toMatchObject({ userInformation: { email: '' }, exp: domain.clock.now() / 1000 + 60 })
})

it('publishes nothing but public numbers, under the thumbprint', async () => {
  const domain = await openDomain()
  for (const jwk of domain.services.signingKeys.jwks().keys) {
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
    expect(jwk.kid).toBe(await calculateJwkThumbprint(jwk))
    expect(Buffer.from(jwk.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256)
  }
})

it('rotates: new tokens by the new key, old ones stay good, also after a restart', async () => {
  const domain = await openDomain()
  const { key, caller } = await domain.setUp()
  domain.clock.move(1_000)
  const { kid, previous } = await rotateSigningKey(domain.services, caller)
  expect(kid).not.toBe(previous)
  const later = await domain.createKey(caller, { admin: true })
  expect(kidOf(key.JWT)).toBe(previous)
  expect(kidOf(later.JWT)).toBe(kid)
  const reopened = await openSigningKeys(join(domain.dir, 'keys'), domain.clock)
  expect(reopened.current.kid).toBe(kid)
  expect(reopened.jwks()).toEqual(domain.services.signingKeys.jwks())
  expect(reopened.jwks().keys).toHaveLength(2)
  for (const token of [key, later]) {
    await verifyKey({ ...domain.services, signingKeys: reopened }, jwtOf(token), testOrigin)
  }
})

it('keeps its files from other users', async () => {
  const domain = await openDomain()
  const dir = join(domain.dir, 'keys')
  const [name = ''] = await readdir(dir)
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
  expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
  await chmod(join(dir, name), 0o644)
  await openSigningKeys(dir, domain.clock)
  expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
})

it('does not start with a signing key that cannot be read', async () => {
  const domain = await openDomain()
  const dir = join(domain.dir, 'keys')
  await writeFile(join(dir, 'broken.json'), '{"kty":"RSA"')
  await expect(openSigningKeys(dir, domain.clock)).rejects.toThrow(/broken\.json cannot be read/)
})

function kidOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid
}

describe.each(databases)('a key that was being made when the process was killed, on %s', (database) => {
  it('leaves no draft of it behind', async () => {
    const app = await startTestApp({ database })
    const keys = join(app.dataDir, 'keys')
    const drafts = async () => (await readdir(keys)).filter((name) => name.endsWith('.new'))
    try {
      for (const name of ['fresh', 'old']) await writeFile(join(keys, `${name}.json.new`), '{"kty":"RSA","d":"half')
      await utimes(join(keys, 'old.json.new'), 1_000, 1_000)
      await app.reopen()
      // Other processes may share a directory with PostgreSQL, and be making one.
      expect(await drafts()).toEqual(database === 'sqlite' ? [] : ['fresh.json.new'])
    } finally {
      await app.close()
    }
  })
})
