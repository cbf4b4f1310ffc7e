import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listAudit } from '../src/accounts/audit.ts'
import { changeAccount } from '../src/accounts/manage-accounts.ts'
import type { Caller } from '../src/caller.ts'
import type { ShownKey } from '../src/keys/create-key.ts'
import type { Notice, NoticeListener } from '../src/db/notices.ts'
import { openKysely, runnerOf, type Runner } from '../src/db/runner.ts'
import { KeyCache } from '../src/keys/key-cache.ts'
import { makePublicPart, makeSecret } from '../src/keys/formats.ts'
import { getCoveredKey } from '../src/keys/list-keys.ts'
import { regenerateKey } from '../src/keys/regenerate-key.ts'
import { revokeKey } from '../src/keys/revoke-key.ts'
import { verifyKey } from '../src/keys/verify-key.ts'
import { AppError } from '../src/lib/errors.ts'
import { jwtOf, makeDomain, openDomain, pairOf, testOrigin, type Domain } from './support/domain.ts'

const day = 86_400_000

describe.each(['sqlite', 'postgres'] as const)('a key on %s', (dialect) => {
  it('is good in both carriers', async () => {
    const domain = await openDomain(dialect)
    const { key, accountId } = await domain.setUp()
    for (const presented of [jwtOf(key), pairOf(key)]) {
      expect(await verifyKey(domain.services, presented, testOrigin)).toMatchObject({
        accountId,
        publicPart: key.pinata_api_key,
        granted: { admin: true, operator: true },
        limited: false,
      })
    }
  })

  it('is refused from the next request on after revocation, also when it was warm', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true })
    for (let i = 0; i < 1_000; i++) await verifyKey(domain.services, jwtOf(key), testOrigin)
    await revokeKey(domain.services, caller, key.pinata_api_key)
    for (const presented of [jwtOf(key), pairOf(key)]) {
      await expect(verifyKey(domain.services, presented, testOrigin)).rejects.toMatchObject({
        code: 'key_revoked',
        message: expect.stringMatching(/^This key was revoked on 2026-02-01T10:00:00.000Z/),
      })
    }
  })

  it.each(['before', 'after'])(
    'stays refused, asked %s the end of a look-up from before the revocation',
    async (when) => {
      const domain = await openDomain(dialect)
      const { caller } = await domain.setUp()
      const key = await domain.createKey(caller, { admin: true })
      const [isRead, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const runner = runnerOf(domain.services.db.read)
      const slow: Runner = {
        dialect,
        async run(...query) {
          const rows = await runner.run(...query)
          isRead.resolve()
          await opened.promise
          return rows
        },
      }
      const keyCache = new KeyCache({ db: { read: openKysely(slow) } })
      const services = { ...domain.services, keyCache }
      const early = verifyKey(services, jwtOf(key), testOrigin)
      // It has read the row, which says that the key is good, and has not come back yet.
      await isRead.promise
      await revokeKey(services, caller, key.pinata_api_key)
      const asked = () =>
        expect(verifyKey(services, jwtOf(key), testOrigin)).rejects.toMatchObject({ code: 'key_revoked' })
      const during = when === 'before' ? asked() : undefined
      opened.resolve()
      await early
      await (during ?? asked())
    },
  )

  it('is refused by another process within half a second after revocation', async () => {
    let elapsed = 0
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true })
    const other = { ...domain.services, keyCache: new KeyCache({ db: domain.services.db, elapsedMs: () => elapsed }) }
    await verifyKey(other, jwtOf(key), testOrigin)
    await revokeKey(domain.services, caller, key.pinata_api_key)
    elapsed = 500
    await expect(verifyKey(other, jwtOf(key), testOrigin)).rejects.toMatchObject({ code: 'key_revoked' })
  })

  it('is refused at once by a process that is told of the revocation, or may have missed it', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const { db } = domain.services
    const listeners: NoticeListener[] = []
    const told: Notice[] = []
    const notices = {
      tell: (notice: Notice) => void told.push(notice),
      on: (listener: NoticeListener) => void listeners.push(listener),
      close: async () => undefined,
    }
    // Time stands still, so nothing grows old.
    const cache = () => new KeyCache({ db, notices, elapsedMs: () => 0 })
    const [here, there] = [cache(), cache()].map((keyCache) => ({ ...domain.services, keyCache }))
    if (here === undefined || there === undefined) throw new Error('there are two')
    for (const deliver of [() => told.at(-1), () => 'missed' as const]) {
      const key = await domain.createKey(caller, { admin: true })
      await verifyKey(there, jwtOf(key), testOrigin)
      await revokeKey(here, caller, key.pinata_api_key)
      await verifyKey(there, jwtOf(key), testOrigin)
      const notice = deliver()
      if (notice !== undefined) listeners.forEach((listener) => listener(notice))
      await expect(verifyKey(there, jwtOf(key), testOrigin)).rejects.toMatchObject({ code: 'key_revoked' })
    }
  })

  it('ends at its expiry to the millisecond, in both carriers', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const expiresAt = domain.clock.now() + 1_500
    const key = await domain.createKey(caller, { admin: true }, { expiresAt })
    domain.clock.move(1_499)
    await verifyKey(domain.services, jwtOf(key), testOrigin)
    await verifyKey(domain.services, pairOf(key), testOrigin)
    domain.clock.move(1)
    for (const presented of [jwtOf(key), pairOf(key)]) {
      await expect(verifyKey(domain.services, presented, testOrigin)).rejects.toMatchObject({
        code: 'token_expired',
        message: 'This key expired on 2026-02-01T10:00:01.500Z. Make a new one, or regenerate it with a later expiry.',
      })
    }
  })

  it('is refused while its account is disabled, and good again afterwards', async () => {
    const domain = await openDomain(dialect)
    const { caller, accountId, key } = await domain.setUp()
    await verifyKey(domain.services, jwtOf(key), testOrigin)
    const operator = { ...caller, accountId: 'another' }
    await changeAccount(domain.services, operator, accountId, { disabled: true }, 'operator')
    await expect(verifyKey(domain.services, jwtOf(key), testOrigin)).rejects.toMatchObject({ code: 'account_disabled' })
    await changeAccount(domain.services, operator, accountId, { disabled: false }, 'operator')
    await verifyKey(domain.services, jwtOf(key), testOrigin)
  })

  it('works with both secrets during the overlap of a regeneration, then only with the new one', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const old = await domain.createKey(caller, { resources: ['org:files:read'] }, { maxUses: 5 })
    const row = await getCoveredKey(domain.services, caller, { publicPart: old.pinata_api_key })
    const renewed = await regenerateKey(domain.services, caller, { id: row.id, overlapSeconds: 10 })
    expect(renewed.pinata_api_key).toBe(old.pinata_api_key)
    const all = [jwtOf(old), pairOf(old), jwtOf(renewed), pairOf(renewed)]
    for (const presented of all) await verifyKey(domain.services, presented, testOrigin)
    domain.clock.move(9_999)
    for (const presented of all) await verifyKey(domain.services, presented, testOrigin)
    domain.clock.move(1)
    for (const presented of [jwtOf(renewed), pairOf(renewed)]) {
      expect(await verifyKey(domain.services, presented, testOrigin)).toMatchObject({
        limited: true,
        granted: { admin: false, resources: ['org:files:read'] },
      })
    }
    for (const presented of [jwtOf(old), pairOf(old)]) {
      await expect(verifyKey(domain.services, presented, testOrigin)).rejects.toMatchObject({
        code: 'key_revoked',
        message: expect.stringContaining('regenerated on 2026-02-01T10:00:00.000Z'),
      })
    }
  })

  it('says that it was regenerated to the holder of any earlier JWT', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const first = await domain.createKey(caller, { admin: true })
    const { id } = await getCoveredKey(domain.services, caller, { publicPart: first.pinata_api_key })
    for (let i = 0; i < 2; i++) {
      domain.clock.move(60_000)
      await regenerateKey(domain.services, caller, { id, overlapSeconds: 0 })
    }
    await expect(verifyKey(domain.services, jwtOf(first), testOrigin)).rejects.toMatchObject({ code: 'key_revoked' })
    await expect(verifyKey(domain.services, pairOf(first), testOrigin)).rejects.toMatchObject({
      code: 'credentials_invalid',
    })
  })

  it('leaves one line in the audit log for many refusals, and none for a wrong secret', async () => {
    const domain = await openDomain(dialect)
    const { caller, accountId } = await domain.setUp()
    const key = await domain.createKey(caller, { admin: true })
    await revokeKey(domain.services, caller, key.pinata_api_key)
    const attempts = [jwtOf(key), pairOf(key), jwtOf(key), { ...pairOf(key), secret: makeSecret() }]
    for (const presented of attempts) {
      await verifyKey(domain.services, presented, testOrigin).catch(() => undefined)
    }
    await domain.services.refusals.flush()
    const lines = await listAudit(domain.services.db.read, { accountId, action: 'key.use_denied', limit: 10 })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({ result: 'refused', address: testOrigin.address, request_id: testOrigin.requestId })
    expect(JSON.parse(lines[0]?.detail ?? '')).toEqual({ reason: 'key_revoked', count: 3 })
  })

  it('can be given a later expiry when it is regenerated, also after it has expired', async () => {
    const domain = await openDomain(dialect)
    const { caller } = await domain.setUp()
    const old = await domain.createKey(caller, { admin: true }, { expiresIn: 60 })
    const { id } = await getCoveredKey(domain.services, caller, { publicPart: old.pinata_api_key })
    domain.clock.move(day)
    const again = regenerateKey(domain.services, caller, { id, overlapSeconds: 0 })
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    const renewed = await regenerateKey(domain.services, caller, { id, overlapSeconds: 0, expiresIn: 60 })
    await verifyKey(domain.services, jwtOf(renewed), testOrigin)
    await expect(verifyKey(domain.services, jwtOf(old), testOrigin)).rejects.toMatchObject({ code: 'key_revoked' })
  })
})

describe('what is not a key of this installation', () => {
  let domain: Domain
  let caller: Caller
  let key: ShownKey
  beforeAll(async () => {
    domain = await makeDomain()
    ;({ key, caller } = await domain.setUp())
  })
  afterAll(() => domain.close())

  it('answers a wrong secret and an unknown key alike', async () => {
    const errors = await Promise.all(
      [
        { ...pairOf(key), secret: makeSecret() },
        { ...pairOf(key), publicPart: makePublicPart() },
      ].map((presented) =>
        verifyKey(domain.services, presented, testOrigin).then(String, (error: Error) => error.message),
      ),
    )
    expect(errors[0]).toBe(errors[1])
    expect(errors[0]).toMatch(/^No key has this secret/)
  })

  it('refuses mistyped halves without a look-up and says which', async () => {
    const blind = new KeyCache({ db: { read: undefined as never } }) // any look-up would fail
    const services = { ...domain.services, keyCache: blind }
    const { publicPart, secret } = pairOf(key)
    for (const [presented, words] of [
      [{ publicPart, secret: secret.slice(0, -1) }, /pinata_secret_api_key is mistyped/],
      [{ publicPart: `${publicPart}x`, secret }, /pinata_api_key is mistyped/],
      [{ publicPart: secret, secret: publicPart }, /swapped/],
      [{ publicPart: '0123456789abcdef0123', secret }, /hosted Pinata service/],
      [{ publicPart, secret: key.JWT }, /holds a JWT/],
    ] as const) {
      await expect(verifyKey(services, { kind: 'pair', ...presented }, testOrigin)).rejects.toMatchObject({
        code: 'credentials_invalid',
        message: expect.stringMatching(words),
      })
    }
  })

  it.each(['none', 'None', 'NONE', 'nOnE'])('refuses alg %s, with and without signature', async (alg) => {
    const [header = '', payload = '', signature = ''] = key.JWT.split('.')
    const changed = encode({ ...decode(header), alg })
    for (const token of [`${changed}.${payload}.${signature}`, `${changed}.${payload}.`, `${changed}.${payload}`]) {
      expect(await codeOf(domain, token)).toBe('credentials_invalid')
    }
    expect(await codeOf(domain, new UnsecuredJWT(decode(payload)).encode())).toBe('credentials_invalid')
  })

  it('refuses a token signed with the public key as HMAC secret', async () => {
    const [header = '', payload = ''] = key.JWT.split('.')
    const { kid } = domain.services.signingKeys.current
    const publicKey = await domain.services.signingKeys.findPublicKey(kid)
    for (const type of ['spki', 'pkcs1'] as const) {
      const pem = publicKey?.export({ type, format: 'pem' }) ?? ''
      for (const alg of ['HS256', 'RS256']) {
        const signed = `${encode({ ...decode(header), alg })}.${payload}`
        const signature = createHmac('sha256', pem).update(signed).digest('base64url')
        expect(await codeOf(domain, `${signed}.${signature}`)).toBe('credentials_invalid')
      }
    }
  })

  it.each([
    [
      'changed permissions',
      (claims: Claims) => ({ ...claims, scopes: { admin: true, operator: true, endpoints: {} } }),
    ],
    ['another account', (claims: Claims) => ({ ...claims, userInformation: { id: 'other' } })],
    ['nothing changed but the spelling', (claims: Claims) => ({ ...claims })],
  ])('refuses an edited payload under the old signature: %s', async (name, change) => {
    const limited = await domain.createKey(caller, { resources: ['org:files:read'] })
    const [header, payload = '', signature] = limited.JWT.split('.')
    const edited = name.startsWith('nothing') ? `${encode(decode(payload))} ` : encode(change(decode(payload)))
    expect(
      await codeOf(domain, `${header}.${edited.trim()}${name.startsWith('nothing') ? 'IA' : ''}.${signature}`),
    ).toBe('credentials_invalid')
  })

  it('never looks at keys that the header brings along', async () => {
    const claims = decode(key.JWT.split('.')[1] ?? '')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const jwk = await exportJWK(publicKey)
    const { kid } = domain.services.signingKeys.current
    for (const extra of [
      { kid },
      { kid: 'own', jwk },
      { kid, jwk },
      { kid, jku: 'https://example.test/jwks.json' },
      { kid, x5u: 'https://example.test/x5u' },
      { kid, x5c: ['MIIB'] },
      { kid: `../${kid}` },
      {},
    ]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...extra })
        .sign(privateKey)
      expect(await codeOf(domain, token)).toBe('credentials_invalid')
    }
  })

  it.each<[string, (claims: Claims) => unknown]>([
    ['another audience', (claims) => ({ ...claims, aud: 'other' })],
    ['audiences as a list', (claims) => ({ ...claims, aud: [claims['aud'], 'other'] })],
    ['no audience', (claims) => without(claims, 'aud')],
    ['another issuer', (claims) => ({ ...claims, iss: 'other' })],
    ['another kind', (claims) => ({ ...claims, authenticationType: 'session' })],
    ['no secret', (claims) => without(claims, 'scopedKeySecret')],
    ['another secret', (claims) => ({ ...claims, scopedKeySecret: makeSecret() })],
    ['a secret as a list', (claims) => ({ ...claims, scopedKeySecret: [claims['scopedKeySecret']] })],
    ['an unknown key', (claims) => ({ ...claims, scopedKeyKey: makePublicPart() })],
    ['a key of no form', (claims) => ({ ...claims, scopedKeyKey: "' or 1=1 --" })],
    ['no jti', (claims) => without(claims, 'jti')],
    ['no iat', (claims) => without(claims, 'iat')],
    ['an iat far in the future', (claims) => ({ ...claims, iat: 4_000_000_000 })],
    ['an iat as text', (claims) => ({ ...claims, iat: '0' })],
    ['an absurd exp', (claims) => ({ ...claims, exp: 1e20 })],
    ['an exp as text', (claims) => ({ ...claims, exp: '9999999999' })],
    ['an exp of null', (claims) => ({ ...claims, exp: null })],
    ['an nbf', (claims) => ({ ...claims, nbf: 0 })],
    ['null', () => null],
    ['a list', () => []],
    ['text', () => 'text'],
    ['a number', () => 1],
  ])('refuses claims with %s although our own key signed them', async (_, change) => {
    expect(await codeOf(domain, await forge(domain, change(decode(key.JWT.split('.')[1] ?? ''))))).toBe(
      'credentials_invalid',
    )
  })

  it('cannot be forged with the signing key and the database alone', async () => {
    const claims = decode(key.JWT.split('.')[1] ?? '')
    const stored = await domain.services.db.read.selectFrom('keys').select('secret_hash').executeTakeFirstOrThrow()
    expect(await codeOf(domain, await forge(domain, { ...claims, scopedKeySecret: stored.secret_hash }))).toBe(
      'credentials_invalid',
    )
  })

  it.each<[string, Record<string, unknown>]>([
    ['another type', { typ: 'at+jwt' }],
    ['no type', { typ: undefined }],
    ['an unknown extension that must be understood', { crit: ['exp'], exp: 1 }],
    ['an empty list of extensions', { crit: [] }],
    ['an unencoded payload', { crit: ['b64'], b64: false }],
    ['PS256', { alg: 'PS256' }],
    ['RS512', { alg: 'RS512' }],
  ])('refuses a header with %s although our own key signed it', async (_, header) => {
    expect(await codeOf(domain, await forge(domain, decode(key.JWT.split('.')[1] ?? ''), header))).toBe(
      'credentials_invalid',
    )
  })

  it.each([
    'a.b.c',
    `${encode(null)}.${encode(null)}.${encode(null)}`,
    `${encode([])}.${encode([])}.`,
    `${'A'.repeat(100_000)}.A.A`,
    '..',
  ])('refuses nonsense: %s', async (token) => {
    expect(await codeOf(domain, token)).toBe('credentials_invalid')
  })

  it('ends with its key in every spelling of its text', async () => {
    const spelled = await domain.createKey(caller, { admin: true })
    const spellings = [spelled.JWT, `${spelled.JWT}=`, `${spelled.JWT}==`]
    for (const token of spellings)
      await verifyKey(domain.services, { kind: 'jwt', token }, testOrigin).catch(() => undefined)
    await revokeKey(domain.services, caller, spelled.pinata_api_key)
    for (const token of spellings) {
      await expect(verifyKey(domain.services, { kind: 'jwt', token }, testOrigin)).rejects.toThrow()
    }
    expect(await codeOf(domain, spelled.JWT.slice(0, -4))).toBe('credentials_invalid')
  })

  it('refuses a key of another installation', async () => {
    const other = await openDomain()
    const foreign = (await other.setUp()).key
    expect(await codeOf(domain, foreign.JWT)).toBe('credentials_invalid')
    await expect(verifyKey(domain.services, pairOf(foreign), testOrigin)).rejects.toMatchObject({
      code: 'credentials_invalid',
    })
  })
})

type Claims = Record<string, unknown>

function decode(part: string): Claims {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Claims // our own tokens hold objects
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

/** A token that our own signing key signs, whatever it says. */
async function forge(domain: Domain, claims: unknown, header: Record<string, unknown> = {}): Promise<string> {
  const { kid, privateKey } = domain.services.signingKeys.current
  const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid, ...header })}.${encode(claims)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`
}

/** What becomes of a JWT: the code of the refusal, or `good`. */
async function codeOf(domain: Domain, token: string): Promise<string> {
  try {
    await verifyKey(domain.services, { kind: 'jwt', token }, testOrigin)
    return 'good'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}

function without(claims: Claims, name: string): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name))
}
