import { timingSafeEqual } from 'node:crypto'
import type { Granted } from '@pinyon/contract/permissions.ts'
import type { Route } from '@pinyon/contract/route.ts'
import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Reach, RequestOrigin } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { describeMalformedPair } from './formats.ts'
import type { CheckedKey, KeyAbove } from './key-cache.ts'
import { verifyToken } from './tokens.ts'

/** A key as it was presented, in either of its two carriers. */
export type PresentedKey =
  | { readonly kind: 'jwt'; readonly token: string }
  | { readonly kind: 'pair'; readonly publicPart: string; readonly secret: string }

/** A key that was checked and is good. */
export interface VerifiedKey {
  readonly id: string
  readonly accountId: string
  readonly name: string
  readonly publicPart: string
  readonly granted: Granted
  /** Whether it has max uses. */
  readonly limited: boolean
  readonly limitedBy?: readonly string[]
  readonly bounds: KeyBounds | undefined
  readonly reach: Reach | undefined
  /** The keys above it, the topmost first. */
  readonly above?: readonly { readonly id: string }[]
}

/**
 * Checks a key: form, signature (JWT), that the secret is the one it has now (or until the end of an overlap), then
 * revocation, account, expiry. Both carriers take the same way. Throws the outcome of the first check that fails, in
 * words that say what to do; only who shows the right secret learns what became of a key, and is noted for the audit.
 */
export async function verifyKey(
  services: Pick<Services, 'keyCache' | 'signingKeys' | 'clock' | 'installation' | 'refusals' | 'keyRefusals'>,
  presented: PresentedKey,
  origin: RequestOrigin,
  route = '',
): Promise<VerifiedKey> {
  const now = services.clock.now()
  const claimed = await readPresentedKey(services, presented, now)
  const key = await services.keyCache.find(claimed.publicPart)
  if (key === undefined) {
    // Unknown keys are compared too, and answered alike: neither half can be guessed by itself.
    sameHash(claimed.secretHash, noHash)
    throw noSuchSecret()
  }
  try {
    requireGood(key, claimed, now)
  } catch (error) {
    if (error instanceof AppError && error.code !== 'credentials_invalid') {
      noteDenied(services, key, error, origin, { id: route, scope: null })
    }
    throw error
  }
  return key
}

/**
 * Counts one use of a key before the operation starts; it is not given back. Throws `key_uses_exhausted` when none is
 * left.
 */
export async function countUse(
  services: Pick<Services, 'keyUses' | 'clock' | 'refusals' | 'keyRefusals'>,
  key: Pick<VerifiedKey, 'id' | 'accountId' | 'limited' | 'limitedBy'>,
  route: string,
  origin: RequestOrigin,
): Promise<void> {
  try {
    await services.keyUses.count(key, { at: services.clock.now(), route, address: origin.address })
  } catch (error) {
    if (error instanceof AppError && error.code === 'key_uses_exhausted') {
      noteDenied(services, key, error, origin, { id: route, scope: null })
    }
    throw error
  }
}

/** Notes for the audit log, and for whoever looks after the key, that a good key was refused on a row. */
export function noteDenied(
  { refusals, keyRefusals }: Pick<Services, 'refusals' | 'keyRefusals'>,
  key: Pick<VerifiedKey, 'id' | 'accountId'>,
  { code: reason, message }: Pick<AppError, 'code' | 'message'>,
  origin: RequestOrigin,
  { id: route, scope }: Pick<Route, 'id' | 'scope'>,
): void {
  keyRefusals.note(key.id, { reason, route, message, scope: reason === 'scope_missing' ? scope : null })
  refusals.note(`${key.id} ${reason}`, () => ({
    accountId: key.accountId,
    actor: { kind: 'key', id: key.id },
    action: 'key.use_denied',
    target: key.id,
    origin,
    detail: { reason },
  }))
}

interface Claimed {
  readonly publicPart: string
  readonly secretHash: string
  /** Of a JWT, whose signature says that we made it. */
  readonly issuedAt?: number
  readonly expiresAt?: number | undefined
}

async function readPresentedKey(
  { signingKeys, installation }: Pick<Services, 'signingKeys' | 'installation'>,
  presented: PresentedKey,
  now: number,
): Promise<Claimed> {
  if (presented.kind === 'jwt') {
    return verifyToken({ signingKeys, installationId: installation.id, now }, presented.token)
  }
  const malformed = describeMalformedPair(presented.publicPart, presented.secret)
  if (malformed !== undefined) throw new AppError('credentials_invalid', malformed)
  return { publicPart: presented.publicPart, secretHash: hashSecretText(presented.secret) }
}

function requireGood(key: CheckedKey, claimed: Claimed, now: number): void {
  const stopped = hasStopped(key, claimed, now)
  // Before what else became of it: whoever holds an old secret of a revoked key has no newer one to use.
  if (key.revokedAt !== null) {
    throw new AppError('key_revoked', `This key was revoked on ${day(key.revokedAt)}. Make a new key.`)
  }
  if (stopped) {
    throw new AppError(
      'key_revoked',
      `This key was regenerated on ${day(key.regeneratedAt ?? now)}: its old secret and JWT have stopped. Use the new ones.`,
    )
  }
  if (key.accountDisabledAt !== null) {
    throw new AppError(
      'account_disabled',
      'The account of this key is disabled. Ask the operator of this installation.',
    )
  }
  const end = Math.min(key.expiresAt ?? Infinity, claimed.expiresAt ?? Infinity)
  if (now >= end) throw expired(key, end)
  for (const above of key.above) requireAlive(above, now)
}

/** A key ends with each of those above it. */
function requireAlive({ name, revokedAt, expiresAt }: KeyAbove, now: number): void {
  if (revokedAt !== null) {
    throw new AppError(
      'key_revoked',
      `The key "${name}", which this one was made with, was revoked on ${day(revokedAt)}: this one ended with it.`,
    )
  }
  if (expiresAt === null || now < expiresAt) return
  throw new AppError(
    'token_expired',
    `The key "${name}", which this one was made with, expired on ${day(expiresAt)}: this one ended with it.`,
  )
}

/** Whether the secret was the key's and is no more. Throws when it never was. */
function hasStopped(key: CheckedKey, { secretHash, issuedAt }: Claimed, now: number): boolean {
  if (sameHash(secretHash, key.secretHash)) return false
  const isPrevious = key.previousSecretHash !== null && sameHash(secretHash, key.previousSecretHash)
  if (isPrevious && key.previousUntil !== null && now < key.previousUntil) return false
  const isOlder = issuedAt !== undefined && key.regeneratedAt !== null && issuedAt < key.regeneratedAt
  if (!isPrevious && !isOlder) throw noSuchSecret()
  return true
}

const noHash = '0'.repeat(64)

function noSuchSecret(): AppError {
  return new AppError(
    'credentials_invalid',
    'No key has this secret: mistyped, or made elsewhere. Use the values that were shown when the key was made here.',
  )
}

/** Both are SHA-256 in hex, so of one length. */
function sameHash(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'))
}

function expired(key: CheckedKey, end: number): AppError {
  const renewed = key.expiresAt === null || key.expiresAt > end
  return new AppError(
    'token_expired',
    renewed
      ? `This JWT expired on ${day(end)}; its key was given another expiry since. Use its newer JWT.`
      : `This key expired on ${day(end)}. Make a new one, or regenerate it with a later expiry.`,
  )
}

function day(at: number): string {
  return new Date(at).toISOString()
}
