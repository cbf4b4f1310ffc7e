import { hash } from 'node:crypto'
import { presentPermissions, type Granted } from '@pinyon/contract/permissions.ts'
import { compactVerify, decodeProtectedHeader, SignJWT, type JWTPayload } from 'jose'
import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import { isPublicPart } from './formats.ts'
import type { SigningKeys, VerifiedToken } from './signing-keys.ts'

/** Our own are below 2,500 characters. */
const maxTokenLength = 8_192
/** A clock that was set back by a day must not end the tokens made before. */
const futureToleranceMs = 2 * 86_400_000

/** What a JWT is made of. */
export interface TokenParts {
  readonly installationId: string
  readonly account: { readonly id: string; readonly email: string }
  readonly publicPart: string
  readonly secret: string
  /** A token of a child names its secret by a hash alone: its holder cannot pass it on as a pair. */
  readonly isChild: boolean
  readonly granted: Granted
  /** This token's own id. */
  readonly jti: string
  readonly issuedAt: number
  readonly expiresAt: number | null
}

/**
 * Signs the JWT of a key with Pinata's claims (some programs decode it and go on with `scopedKeyKey` and
 * `scopedKeySecret` as header pair) and ours. It has `exp` only when the key expires.
 */
export function issueToken(signingKeys: SigningKeys, parts: TokenParts): Promise<string> {
  const { kid, privateKey } = signingKeys.current
  const region = (id: string) => ({ desiredReplicationCount: 1, id })
  const claims: JWTPayload = {
    userInformation: {
      id: parts.account.id,
      // Of no use to a program that uploads, and a leak when its token leaks.
      email: parts.granted.admin ? parts.account.email : '',
      email_verified: true,
      pin_policy: { regions: [region('FRA1'), region('NYC1')], version: 1 },
      mfa_enabled: false,
      status: 'ACTIVE',
    },
    authenticationType: 'scopedKey',
    scopedKeyKey: parts.publicPart,
    ...(parts.isChild ? { scopedKeySecretHash: hashSecretText(parts.secret) } : { scopedKeySecret: parts.secret }),
    scopes: presentPermissions(parts.granted),
  }
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
    .setIssuer(parts.installationId)
    .setAudience(parts.installationId)
    .setJti(parts.jti)
    .setIssuedAt(Math.floor(parts.issuedAt / 1000))
  // A JWT knows whole seconds; the key's own expiry, looked at each time, ends it to the millisecond.
  if (parts.expiresAt !== null) token.setExpirationTime(Math.ceil(parts.expiresAt / 1000))
  return token.sign(privateKey)
}

/**
 * Verifies signature and claims of a JWT, once: the result is kept by the hash of its text. Expiry and revocation are
 * for the caller to look at each time. Throws `credentials_invalid` in words that say what is wrong.
 */
export async function verifyToken(
  { signingKeys, installationId, now }: { signingKeys: SigningKeys; installationId: string; now: number },
  token: string,
): Promise<VerifiedToken> {
  const text = hash('sha256', token, 'base64')
  const known = signingKeys.verified.get(text)
  if (known !== undefined) return known
  if (token.length > maxTokenLength) throw invalid('This JWT is far too long to be one of ours.')
  const payload = await verifySignature(signingKeys, token)
  const verified = readClaims(payload, installationId, now)
  signingKeys.verified.set(text, verified)
  return verified
}

async function verifySignature(signingKeys: SigningKeys, token: string): Promise<Uint8Array> {
  let header: unknown
  try {
    header = decodeProtectedHeader(token)
  } catch (error) {
    throw invalid('This JWT cannot be read: it is cut off or mistyped. Copy it again, whole and without quotes.', error)
  }
  if (!isRecord(header) || header['alg'] !== 'RS256' || header['typ'] !== 'JWT') {
    throw invalid(`This JWT was not made by this installation (ours are signed with RS256). ${whereFrom}`)
  }
  // Only our own keys by their id: what the header says of keys elsewhere (jku, jwk, x5c) is never looked at.
  const publicKey = typeof header['kid'] === 'string' ? await signingKeys.findPublicKey(header['kid']) : undefined
  if (publicKey === undefined) throw invalid(`This JWT was signed by another installation. ${whereFrom}`)
  try {
    const { payload } = await compactVerify(token, publicKey, { algorithms: ['RS256'] })
    return payload
  } catch (error) {
    throw invalid(
      'The signature of this JWT is wrong: it is cut off, mistyped or changed. Copy it again, whole and without quotes.',
      error,
    )
  }
}

const whereFrom = 'Use the value called JWT that was shown when a key was made here.'

function readClaims(payload: Uint8Array, installationId: string, now: number): VerifiedToken {
  let claims: unknown
  try {
    claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (error) {
    throw invalid('The content of this JWT cannot be read.', error)
  }
  // jose accepts a missing or absurd exp and an iat in the future, and audiences as lists: ours are plain.
  if (!isRecord(claims)) throw invalid('The content of this JWT is not an object.')
  if (claims['iss'] !== installationId || claims['aud'] !== installationId) {
    throw invalid(`This JWT was made for another installation. ${whereFrom}`)
  }
  const { scopedKeyKey: publicPart, iat, exp, nbf, jti } = claims
  const secretHash = secretHashOf(claims)
  if (claims['authenticationType'] !== 'scopedKey' || typeof publicPart !== 'string' || secretHash === undefined) {
    throw invalid(`This JWT is not the JWT of a key. ${whereFrom}`)
  }
  if (!isPublicPart(publicPart) || typeof jti !== 'string' || nbf !== undefined) {
    throw invalid(`This JWT is not the JWT of a key. ${whereFrom}`)
  }
  if (!isTime(iat) || iat * 1000 > now + futureToleranceMs)
    throw invalid('This JWT says that it was made in the future.')
  if (exp !== undefined && !isTime(exp)) throw invalid('The expiry of this JWT cannot be read.')
  return {
    publicPart,
    secretHash,
    issuedAt: iat * 1000,
    expiresAt: exp === undefined ? undefined : exp * 1000,
  }
}

/** What the secret of the key has to be: carried whole, or by its hash in tokens of children. */
function secretHashOf(claims: Record<string, unknown>): string | undefined {
  const { scopedKeySecret: secret, scopedKeySecretHash: secretHash } = claims
  if (typeof secret === 'string') return hashSecretText(secret)
  return typeof secretHash === 'string' && /^[0-9a-f]{64}$/.test(secretHash) ? secretHash : undefined
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 253_402_300_800 // the year 10000; a safe integer is a number
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string, cause?: unknown): AppError {
  return new AppError('credentials_invalid', message, { cause })
}
