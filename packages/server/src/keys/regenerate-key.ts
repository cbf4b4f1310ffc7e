import { actorOf, recordAudit } from '../accounts/audit.ts'
import { findAccount } from '../accounts/queries.ts'
import type { Caller } from '../caller.ts'
import { recordEvent } from '../events/record-event.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { readExpiry, type CreateKeyInput, type ShownKey } from './create-key.ts'
import { makeSecret } from './formats.ts'
import { keyEvent } from './key-event.ts'
import { getCoveredKey } from './list-keys.ts'
import { readGranted } from './key-cache.ts'
import { updateKeySecret } from './queries.ts'
import { issueToken } from './tokens.ts'

/**
 * Gives a key a new secret and JWT under the same public part, name, scopes and uses. The old ones stop at once, or
 * after the overlap. Throws `not_found`; `conflict` when it is revoked, or expired and no later expiry is given.
 */
export async function regenerateKey(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys' | 'installation' | 'keyCache'>,
  caller: Caller,
  input: { id: string; overlapSeconds: number } & Pick<CreateKeyInput, 'expiresAt' | 'expiresIn'>,
): Promise<ShownKey> {
  const { db, keyCache } = services
  const now = services.clock.now()
  const key = await getCoveredKey(services, caller, { id: input.id })
  const account = await findAccount(db.read, caller.accountId)
  if (account === undefined) throw new AppError('not_found', 'The account is gone.')
  const expiresAt = readExpiry(input, now) ?? key.expires_at
  if (expiresAt !== null && expiresAt <= now) {
    throw new AppError('conflict', 'This key has expired: give a later expiresAt or expiresIn, or make a new key.')
  }
  if (caller.key?.id === key.id && (expiresAt ?? Infinity) > (key.expires_at ?? Infinity) && key.parent_id !== null) {
    throw new AppError('scope_not_held', 'A child key cannot give itself a longer life. Ask who made it.')
  }
  const secret = makeSecret()
  const jwt = await issueToken(services.signingKeys, {
    installationId: services.installation.id,
    account,
    publicPart: key.public_part,
    secret,
    isChild: key.parent_id !== null,
    granted: readGranted(key.permissions),
    jti: services.newId(),
    issuedAt: now,
    expiresAt,
  })
  await db.write(async (tx) => {
    const change = {
      id: key.id,
      secretHash: hashSecretText(secret),
      // Without an overlap it ends for good, not at a time that comes again when the clock is set back.
      previousUntil: input.overlapSeconds === 0 ? null : now + input.overlapSeconds * 1000,
      expiresAt,
      at: now,
    }
    if (!(await updateKeySecret(tx, change))) {
      throw new AppError('conflict', 'This key is revoked, and that cannot be taken back. Make a new key.')
    }
    await recordEvent(tx, keyEvent({ ...key, expires_at: expiresAt }, 'key.regenerated', now))
    await recordAudit(tx, {
      id: services.newId(),
      at: now,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'key.regenerated',
      target: key.id,
      origin: caller.origin,
      detail: { overlapSeconds: input.overlapSeconds, expiresAt },
    })
  })
  keyCache.forget(key.public_part)
  return { JWT: jwt, pinata_api_key: key.public_part, pinata_api_secret: secret }
}
