import type { Granted } from '@pinyon/contract/permissions.ts'
import type { Caller, RequestOrigin } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText, isSecretText, makeSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import { listAccountsOfUser } from './member-queries.ts'
import {
  deleteEndedSessions,
  deleteSession,
  deleteSessionBySecret,
  findSession,
  insertSession,
  listSessions,
  touchSession,
  updateSessionAccount,
  type SessionRow,
} from './session-queries.ts'
import { grantedTo } from './roles.ts'

const prefix = 'pnses_'
const letters = 43 // 256 bits
const dayMs = 86_400_000
/** A session ends this long after its last use, and this long after its beginning. */
const idleMs = 7 * dayMs
const lifetimeMs = 30 * dayMs
/** Last uses are written no oftener than this. */
const touchMs = 60_000

/** How long a browser keeps the cookie at most, in seconds. */
export const sessionLifetimeSeconds = lifetimeMs / 1000

/** A session that was checked and goes on. */
export interface VerifiedSession {
  readonly accountId: string
  readonly granted: Granted
  readonly user: NonNullable<Caller['user']>
}

/** Checks a session's token. undefined when it is unknown, over, or its user or account may not sign in any more. */
export async function verifySession(
  services: Pick<Services, 'db' | 'clock' | 'log'>,
  token: string,
): Promise<VerifiedSession | undefined> {
  if (!isSecretText(prefix, letters, token)) return undefined
  const now = services.clock.now()
  const row = await findSession(services.db.read, { secretHash: hashSecretText(token) })
  if (row === undefined || !goesOn(row, now)) return undefined
  if (now - row.last_used_at > touchMs) {
    // Not waited for: a read must not fail because this cannot be noted now.
    services.db
      .write((tx) => touchSession(tx, row.id, now))
      .catch((error: unknown) => services.log.warn({ err: error }, 'the use of a session could not be noted'))
  }
  return {
    accountId: row.account_id,
    granted: grantedTo(row.role, row.operator === 1),
    user: { id: row.user_id, email: row.email, role: row.role, sessionId: row.id },
  }
}

/** Begins a session inside a transaction and gives its token, which is kept nowhere. */
export async function beginSession(
  tx: Db,
  session: {
    id: string
    userId: string
    accountId: string
    now: number
    origin: RequestOrigin
    replaces?: string | undefined
  },
): Promise<string> {
  const { userId, now } = session
  await deleteEndedSessions(tx, userId, { now, idleSince: now - idleMs })
  if (session.replaces !== undefined) await deleteSessionBySecret(tx, hashSecretText(session.replaces))
  const token = makeSecretText(prefix, letters)
  await insertSession(tx, {
    id: session.id,
    user_id: userId,
    account_id: session.accountId,
    secret_hash: hashSecretText(token),
    created_at: now,
    last_used_at: now,
    expires_at: now + lifetimeMs,
    address: session.origin.address,
    agent: session.origin.agent,
  })
  return token
}

/** A session with its user and account, and the accounts that its user may switch to. */
export async function getSignedIn({ db }: Pick<Services, 'db'>, which: { sessionId: string; userId: string }) {
  const session = await findSession(db.read, { id: which.sessionId, userId: which.userId })
  if (session === undefined) {
    throw new AppError('credentials_invalid', 'You are signed out: the session has ended. Sign in again.')
  }
  return { session, accounts: await listAccountsOfUser(db.read, which.userId) }
}

/** The sessions of the user signed in that go on, latest first. */
export function listOwnSessions({ db, clock }: Pick<Services, 'db' | 'clock'>, caller: Caller): Promise<SessionRow[]> {
  const now = clock.now()
  return listSessions(db.read, requireUser(caller).id, { now, idleSince: now - idleMs })
}

/** Ends one of the user's sessions. Throws `not_found` when there is none with this id. */
export async function endSession(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  sessionId: string,
): Promise<void> {
  const user = requireUser(caller)
  const ended = await db.write(async (tx) => {
    if (!(await deleteSession(tx, user.id, sessionId))) return false
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: caller.accountId,
      actor: { kind: 'user', id: user.id },
      action: sessionId === user.sessionId ? 'session.signed_out' : 'session.ended',
      target: sessionId,
      origin: caller.origin,
    })
    return true
  })
  if (!ended) throw new AppError('not_found', 'You have no session with this id.')
}

/** Points the session at another of the user's accounts. Throws `not_found` when it is none of theirs. */
export async function switchAccount(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  accountId: string,
): Promise<void> {
  const user = requireUser(caller)
  await db.write(async (tx) => {
    const accounts = await listAccountsOfUser(tx, user.id)
    if (!accounts.some(({ id }) => id === accountId))
      throw new AppError('not_found', 'You have no account with this id.')
    await updateSessionAccount(tx, user.sessionId, accountId)
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId,
      actor: { kind: 'user', id: user.id },
      action: 'session.switched_account',
      target: user.sessionId,
      origin: caller.origin,
    })
  })
}

/** The user signed in. Throws `forbidden` for keys: rows that want a user take sessions only. */
export function requireUser(caller: Caller): NonNullable<Caller['user']> {
  if (caller.user === undefined)
    throw new AppError('forbidden', 'This route is for people who are signed in, not for API keys.')
  return caller.user
}

function goesOn(session: SessionRow, now: number): boolean {
  return now < session.expires_at && now < session.last_used_at + idleMs
}
