import type { RequestOrigin } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import { verifyPassword } from './passwords.ts'
import { codeNeeded, wrongCode } from './manage-totp.ts'
import { useCode } from './second-step.ts'
import { findTotp } from './totp-queries.ts'
import { listAccountsOfUser } from './member-queries.ts'
import { findUser, findUserByEmail } from './queries.ts'
import { beginSession } from './sessions.ts'

/** What is asked of whoever signs in. */
export interface SignInInput {
  readonly email: string
  readonly password: string
  /** Of the authenticator app, or a recovery code. */
  readonly code?: string | undefined
  readonly origin: RequestOrigin
  /** Token of the session that the browser had until now: it ends. */
  readonly replaces?: string | undefined
}

/**
 * Proves a password and begins a session, with a new id and token each time. Throws `sign_in_failed`, alike in words and
 * time for a wrong password and an unknown address of mail, and for a wrong code; `sign_in_code_needed` when the password is
 * good and a code is wanted; `rate_limited` after too many failures; `account_disabled`
 * when the user is known but has nowhere to go.
 */
export async function signIn(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signInFailures' | 'valueKey'>,
  { email, password, code, origin, replaces }: SignInInput,
): Promise<{ token: string; sessionId: string; userId: string }> {
  const { db, newId, clock } = services
  const attempt = await services.signInFailures.begin(email, origin)
  const user = await findUserByEmail(db.read, email)
  const proven = await verifyPassword(user?.password_hash, password)
  const begun = await db.write(async (tx) => {
    // The same work for everybody, whether there is such a user or not.
    const current = await findUser(tx, user?.id ?? '')
    const accounts = await listAccountsOfUser(tx, user?.id ?? '')
    const [account] = accounts
    // A password changed since it was read ends the proof.
    const known = proven && current?.disabled_at === null && current.password_hash === user?.password_hash
    const totp = await findTotp(tx, user?.id ?? '')
    const wantsCode = known && totp !== undefined && totp.enabled_at !== null
    if (wantsCode && code === undefined) return 'code'
    const proof = wantsCode ? await useCode(tx, services, totp, code ?? '') : undefined
    const good = known && (!wantsCode || proof !== undefined)
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: account?.id ?? null,
      actor: good ? { kind: 'user', id: current.id } : { kind: 'anonymous', id: null },
      action: good ? 'session.signed_in' : 'session.sign_in_failed',
      target: current?.id,
      origin,
      result: good && account !== undefined ? 'ok' : 'refused',
      detail: wantsCode ? { secondStep: proof ?? 'wrong' } : undefined,
    })
    if (!good) return wantsCode ? 'wrong code' : undefined
    if (account === undefined) return null
    const session = { id: newId(), userId: current.id, accountId: account.id }
    const token = await beginSession(tx, { ...session, now: clock.now(), origin, replaces })
    return { token, sessionId: session.id, userId: session.userId }
  })
  if (begun === 'wrong code') throw wrongCode()
  if (begun === 'code') {
    await attempt.succeeded()
    throw codeNeeded()
  }
  if (begun === undefined) throw new AppError('sign_in_failed', 'E-mail address or password is wrong.')
  await attempt.succeeded()
  if (begun === null) {
    throw new AppError(
      'account_disabled',
      'You have no account that is enabled. Ask the operator of this installation.',
    )
  }
  return begun
}
