import { z } from 'zod'
import { route } from '../../route.ts'
import { ChangePassword, ResetPassword, Session, SignedIn, SignIn } from '../../schemas/accounts.ts'
import { Id, Nothing } from '../../schemas/common.ts'
import { IdParams, base, open, own } from './defaults.ts'

const session = { ...own, credentials: ['session'], scope: null, cors: 'none', tag: 'Sessions' } as const

/** POST /pinyon/v1/sessions: sign in. */
export const signIn = route({
  ...open,
  id: 'signIn',
  method: 'POST',
  path: `${base}/sessions`,
  tag: 'Sessions',
  rateClass: 'sign-in',
  bodyKind: 'json',
  body: SignIn,
  response: SignedIn,
  summary: 'Sign in',
  description:
    'Sets the session cookie. Whoever uses an authenticator app is answered 401 `SIGN_IN_CODE_NEEDED` first, and asks again with `code`.',
})

/** GET /pinyon/v1/sessions/current. */
export const sessionCurrent = route({
  ...session,
  id: 'sessionCurrent',
  method: 'GET',
  path: `${base}/sessions/current`,
  response: SignedIn,
  summary: 'Who is signed in',
})

/** DELETE /pinyon/v1/sessions/current: sign out. */
export const signOut = route({
  ...session,
  id: 'signOut',
  method: 'DELETE',
  path: `${base}/sessions/current`,
  response: Nothing,
  summary: 'Sign out',
  rateClass: 'write',
})

/** PUT /pinyon/v1/sessions/current/account: switch account. */
export const switchAccount = route({
  ...session,
  id: 'switchAccount',
  method: 'PUT',
  path: `${base}/sessions/current/account`,
  bodyKind: 'json',
  body: z.object({ accountId: Id }),
  response: SignedIn,
  summary: 'Switch to another of your accounts',
  rateClass: 'write',
})

/** GET /pinyon/v1/sessions. */
export const sessionsList = route({
  ...session,
  id: 'sessionsList',
  method: 'GET',
  path: `${base}/sessions`,
  response: z.object({ sessions: z.array(Session) }),
  summary: 'List your sessions',
})

/** DELETE /pinyon/v1/sessions/{id}. */
export const sessionEnd = route({
  ...session,
  id: 'sessionEnd',
  method: 'DELETE',
  path: `${base}/sessions/:id`,
  params: IdParams,
  response: Nothing,
  summary: 'End one of your sessions',
  rateClass: 'write',
})

/** PUT /pinyon/v1/password. */
export const passwordChange = route({
  ...session,
  id: 'passwordChange',
  method: 'PUT',
  path: `${base}/password`,
  bodyKind: 'json',
  body: ChangePassword,
  response: Nothing,
  rateClass: 'password',
  summary: 'Change your password',
  description: 'Ends your other sessions.',
})

/** POST /pinyon/v1/password/reset: with the token of a one-time link. */
export const passwordReset = route({
  ...open,
  id: 'passwordReset',
  method: 'POST',
  path: `${base}/password/reset`,
  tag: 'Sessions',
  rateClass: 'password',
  bodyKind: 'json',
  body: ResetPassword,
  response: Nothing,
  summary: 'Choose a new password with a one-time link',
})
