import { routes } from '@pinyon/contract/routes.ts'
import type { SignedIn } from '@pinyon/contract/schemas/accounts.ts'
import type { z } from 'zod'
import { changePassword, resetPassword } from '../accounts/change-password.ts'
import {
  endSession,
  getSignedIn,
  listOwnSessions,
  requireUser,
  sessionLifetimeSeconds,
  switchAccount,
} from '../accounts/sessions.ts'
import { signIn } from '../accounts/sign-in.ts'
import { sessionCookie } from '../http/credentials.ts'
import { answer, door, openDoor, type Door } from '../http/door.ts'
import { presentSession } from './present-accounts.ts'

const noStore = { 'cache-control': 'no-store' }
/** Browsers keep `Secure` cookies of http://localhost and http://127.0.0.1 too. */
const cookieRules = 'Path=/; HttpOnly; Secure; SameSite=Strict'
const cookieEnded = `${sessionCookie}=; ${cookieRules}; Max-Age=0`

/** Signing in and out, one's sessions, one's password. */
export const sessionDoors: readonly Door[] = [
  openDoor(routes.signIn, async ({ services, body, request }) => {
    const { token, sessionId, userId } = await signIn(services, {
      ...body,
      origin: request,
      replaces: readSessionToken(request.headers['cookie']),
    })
    return answer(200, presentSignedIn(await getSignedIn(services, { sessionId, userId })), {
      ...noStore,
      'set-cookie': `${sessionCookie}=${token}; ${cookieRules}; Max-Age=${sessionLifetimeSeconds}`,
    })
  }),
  door(routes.sessionCurrent, async ({ services, caller }) => {
    const { id, sessionId } = requireUser(caller)
    return answer(200, presentSignedIn(await getSignedIn(services, { sessionId, userId: id })), noStore)
  }),
  door(routes.signOut, async ({ services, caller }) => {
    await endSession(services, caller, requireUser(caller).sessionId)
    return answer(200, {}, { ...noStore, 'set-cookie': cookieEnded })
  }),
  door(routes.switchAccount, async ({ services, caller, body }) => {
    const { id, sessionId } = requireUser(caller)
    await switchAccount(services, caller, body.accountId)
    return answer(200, presentSignedIn(await getSignedIn(services, { sessionId, userId: id })), noStore)
  }),
  door(routes.sessionsList, async ({ services, caller }) => {
    const { sessionId } = requireUser(caller)
    const sessions = await listOwnSessions(services, caller)
    return answer(200, { sessions: sessions.map((session) => presentSession(session, sessionId)) }, noStore)
  }),
  door(routes.sessionEnd, async ({ services, caller, params }) => {
    await endSession(services, caller, params.id)
    return params.id === caller.user?.sessionId ? answer(200, {}, { 'set-cookie': cookieEnded }) : {}
  }),
  door(routes.passwordChange, async ({ services, caller, body }) => {
    await changePassword(services, caller, body)
    return {}
  }),
  openDoor(routes.passwordReset, async ({ services, body, request }) => {
    await resetPassword(services, { ...body, origin: request })
    return {}
  }),
]

function presentSignedIn({ session, accounts }: Awaited<ReturnType<typeof getSignedIn>>): z.infer<typeof SignedIn> {
  return {
    session: presentSession(session, session.id),
    user: { id: session.user_id, email: session.email, operator: session.operator === 1 },
    account: { id: session.account_id, name: session.account_name, role: session.role },
    accounts: accounts.map(({ id, name, role }) => ({ id, name, role })),
  }
}

/** The session that the browser has until now. It is only ended, so it does not matter which page asks. */
function readSessionToken(cookies: string | string[] | undefined): string | undefined {
  const text = Array.isArray(cookies) ? cookies.join('; ') : (cookies ?? '')
  return text
    .split(';')
    .map((piece) => piece.trim())
    .find((piece) => piece.startsWith(`${sessionCookie}=`))
    ?.slice(sessionCookie.length + 1)
}
