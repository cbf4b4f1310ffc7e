import { AppError } from '../lib/errors.ts'
import type { GatewayServices } from '../services.ts'
import { type PresentedLink, requireSignature } from './link-signature.ts'
import { findLink, type LinkWithNeeds } from './queries.ts'

/** A clock that is ahead of ours must not make links that do not work yet. */
const skewMs = 300_000

/**
 * Checks a link as it was presented: signature, revocation of the link, its key and its account, time. The rest is for
 * whoever uses it; for what `hasBegun` by it the time is over when it is done. Who has no good signature learns nothing. Throws `link_invalid`, `link_revoked`, `link_expired`.
 */
export async function checkLink(
  { db, clock, signingKeys }: Pick<GatewayServices, 'db' | 'clock' | 'signingKeys'>,
  presented: PresentedLink,
  { hasBegun = false }: { hasBegun?: boolean } = {},
): Promise<LinkWithNeeds> {
  requireSignature(signingKeys.linkSecrets(), presented)
  const now = clock.now()
  const link = await findLink(db.read, presented.id)
  const expiresAt = (presented.date + presented.expires) * 1_000
  if (link === undefined) throw now >= expiresAt ? expired(expiresAt) : revoked()
  if (link.account_disabled_at !== null || link.key_revoked_at !== null || link.revoked_at !== null) throw revoked()
  if (hasBegun) return link
  if (link.starts_at > now + skewMs) {
    throw new AppError('link_expired', `This link is not good yet: it begins on ${time(link.starts_at)}.`)
  }
  const end = Math.min(link.expires_at, link.key_expires_at ?? Infinity)
  if (now >= end) throw expired(end)
  return link
}

function revoked(): AppError {
  return new AppError('link_revoked', 'This link was revoked. Ask whoever gave it to you for another one.')
}

function expired(at: number): AppError {
  return new AppError('link_expired', `This link expired on ${time(at)}. Ask whoever gave it to you for another one.`)
}

function time(at: number): string {
  return new Date(at).toISOString()
}
