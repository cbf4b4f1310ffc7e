import type { Caller, RequestOrigin } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText, isSecretText, makeSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { listAccountsOfUser } from './member-queries.ts'
import { findUser, findUserByEmail, updatePassword } from './queries.ts'
import {
  deleteSessions,
  endPasswordResets,
  findPasswordReset,
  insertPasswordReset,
  takePasswordReset,
} from './session-queries.ts'
import { requireUser } from './sessions.ts'

const prefix = 'pnrst_'
const letters = 32 // 190 bits
const resetMs = 3_600_000

/** Changes the password of the user signed in and ends their other sessions. Throws `sign_in_failed` for a wrong one. */
export async function changePassword(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signInFailures'>,
  caller: Caller,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
): Promise<void> {
  const { db, clock, newId } = services
  const me = requireUser(caller)
  const attempt = await services.signInFailures.begin(me.email, caller.origin)
  const user = await findUser(db.read, me.id)
  if (!(await verifyPassword(user?.password_hash, currentPassword))) {
    throw new AppError('sign_in_failed', 'The current password is wrong.')
  }
  await attempt.succeeded()
  const passwordHash = await hashPassword(newPassword)
  await db.write(async (tx) => {
    const current = await findUser(tx, me.id)
    if (current?.password_hash !== user?.password_hash) {
      throw new AppError('conflict', 'The password was changed at the same time. Sign in again.')
    }
    await updatePassword(tx, me.id, passwordHash)
    await deleteSessions(tx, { userId: me.id, exceptId: me.sessionId })
    await endPasswordResets(tx, me.id, clock.now())
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: caller.accountId,
      actor: { kind: 'user', id: me.id },
      action: 'user.password_changed',
      target: me.id,
      origin: caller.origin,
    })
  })
}

/**
 * Makes a one-time token with which a user chooses a new password within an hour; earlier ones end. For a person at the
 * machine. Throws `not_found` when nobody has this address of mail.
 */
export async function makePasswordReset(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  email: string,
): Promise<{ token: string; expiresAt: number }> {
  const token = makeSecretText(prefix, letters)
  const now = clock.now()
  await db.write(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (user === undefined) throw new AppError('not_found', `Nobody here has the address ${email}.`)
    const [account] = await listAccountsOfUser(tx, user.id)
    await endPasswordResets(tx, user.id, now)
    await insertPasswordReset(tx, {
      token_hash: hashSecretText(token),
      user_id: user.id,
      created_at: now,
      expires_at: now + resetMs,
      used_at: null,
    })
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId: account?.id ?? null,
      actor: { kind: 'machine', id: null },
      action: 'user.password_reset_made',
      target: user.id,
    })
  })
  return { token, expiresAt: now + resetMs }
}

/** Sets a password by a one-time token and ends all sessions of the user. Throws `not_found` when it is none that waits. */
export async function resetPassword(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  { token, password, origin }: { token: string; password: string; origin: RequestOrigin },
): Promise<void> {
  const unknown = new AppError('not_found', 'This link is unknown, used or over. Ask the operator for a new one.')
  const tokenHash = hashSecretText(token)
  if (!isSecretText(prefix, letters, token)) throw unknown
  if ((await findPasswordReset(db.read, tokenHash, clock.now())) === undefined) throw unknown
  const passwordHash = await hashPassword(password)
  await db.write(async (tx) => {
    const now = clock.now()
    const userId = await takePasswordReset(tx, tokenHash, now)
    if (userId === undefined) throw unknown
    const [account] = await listAccountsOfUser(tx, userId)
    await updatePassword(tx, userId, passwordHash)
    await deleteSessions(tx, { userId })
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId: account?.id ?? null,
      actor: { kind: 'user', id: userId },
      action: 'user.password_reset',
      target: userId,
      origin,
    })
  })
}
