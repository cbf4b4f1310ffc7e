import { z } from 'zod'
import { route } from '../../route.ts'
import { Account, Invite } from '../../schemas/accounts.ts'
import { Nothing } from '../../schemas/common.ts'
import {
  AcceptSignUp,
  JoinByLink,
  LookAtSignUp,
  MakeSignUpLink,
  OpenSignUp,
  RequestAccount,
  SettingInForce,
  SignUpLink,
  SignUpMode,
  SignUpParams,
  SignUpRequest,
} from '../../schemas/sign-up.ts'
import { base, open, own } from './defaults.ts'

const joining = { ...open, tag: 'Account' } as const
const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const

/** GET /pinyon/v1/sign-up. */
export const signUpGet = route({
  ...joining,
  id: 'signUpGet',
  method: 'GET',
  path: `${base}/sign-up`,
  response: z.object({ mode: SignUpMode }),
  summary: 'See how people join',
})

/** POST /pinyon/v1/sign-up/look: the token is in the body, since addresses are logged. */
export const signUpLook = route({
  ...joining,
  id: 'signUpLook',
  method: 'POST',
  path: `${base}/sign-up/look`,
  bodyKind: 'json',
  body: LookAtSignUp,
  response: OpenSignUp,
  summary: 'Look at a link by which people join',
  description: 'Changes nothing. 404 for a link that is unknown, used up or over.',
})

/** POST /pinyon/v1/sign-up/join. */
export const signUpJoin = route({
  ...joining,
  id: 'signUpJoin',
  method: 'POST',
  path: `${base}/sign-up/join`,
  rateClass: 'password',
  bodyKind: 'json',
  body: JoinByLink,
  response: Nothing,
  summary: 'Join by a link',
  description: 'Answers 202, whether somebody with this address is here or not. Then sign in.',
})

/** POST /pinyon/v1/sign-up/requests. */
export const signUpRequest = route({
  ...joining,
  id: 'signUpRequest',
  method: 'POST',
  path: `${base}/sign-up/requests`,
  rateClass: 'password',
  bodyKind: 'json',
  body: RequestAccount,
  response: Nothing,
  summary: 'Ask for an account',
  description: 'Answers 202, whoever asks. The operator decides and hands over a link.',
})

/** GET /pinyon/v1/operator/sign-ups. */
export const signUpsList = route({
  ...operator,
  id: 'signUpsList',
  method: 'GET',
  path: `${base}/operator/sign-ups`,
  response: z.object({
    mode: SignUpMode,
    defaultQuotaBytes: z.number().nullable(),
    links: z.array(SignUpLink),
    requests: z.array(SignUpRequest),
  }),
  summary: 'List links by which people join, and requests that wait',
})

/** POST /pinyon/v1/operator/sign-ups/links. */
export const signUpLinksMake = route({
  ...operator,
  id: 'signUpLinksMake',
  method: 'POST',
  path: `${base}/operator/sign-ups/links`,
  showsSecret: true,
  bodyKind: 'json',
  body: MakeSignUpLink,
  response: z.object({ link: SignUpLink, token: z.string(), url: z.string() }),
  rateClass: 'write',
  summary: 'Make a link by which people join',
  description: 'Shown once. Each use makes an account of its own.',
})

/** DELETE /pinyon/v1/operator/sign-ups/links/{id}. */
export const signUpLinksRevoke = route({
  ...operator,
  id: 'signUpLinksRevoke',
  method: 'DELETE',
  path: `${base}/operator/sign-ups/links/:id`,
  params: SignUpParams,
  response: Nothing,
  rateClass: 'write',
  summary: 'End a link by which people join',
})

/** POST /pinyon/v1/operator/sign-ups/requests/{id}. */
export const signUpRequestsAccept = route({
  ...operator,
  id: 'signUpRequestsAccept',
  method: 'POST',
  path: `${base}/operator/sign-ups/requests/:id`,
  showsSecret: true,
  params: SignUpParams,
  bodyKind: 'json',
  body: AcceptSignUp,
  response: z.object({ account: Account, invite: Invite }),
  rateClass: 'write',
  summary: 'Accept a request for an account',
  description: 'Answers 201 with an invite to hand over: no mail is sent.',
})

/** DELETE /pinyon/v1/operator/sign-ups/requests/{id}. */
export const signUpRequestsRefuse = route({
  ...operator,
  id: 'signUpRequestsRefuse',
  method: 'DELETE',
  path: `${base}/operator/sign-ups/requests/:id`,
  params: SignUpParams,
  response: Nothing,
  rateClass: 'write',
  summary: 'Refuse a request for an account',
})

/** GET /pinyon/v1/operator/settings. */
export const settingsInForce = route({
  ...operator,
  id: 'settingsInForce',
  method: 'GET',
  path: `${base}/operator/settings`,
  response: z.object({ settings: z.array(SettingInForce) }),
  summary: 'See the settings in force',
  description: 'As the process that answers has read them; no secrets.',
})
