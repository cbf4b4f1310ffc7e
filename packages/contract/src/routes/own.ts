import { z } from 'zod'
import { route, type Route } from '../route.ts'
import {
  AcceptInvite,
  Account,
  AccountListQuery,
  AuditEntry,
  AuditQuery,
  ChangePassword,
  CreateAccount,
  Invite,
  InviteMember,
  Member,
  PendingInvite,
  ResetPassword,
  Role,
  Session,
  SetUp,
  SetUpDone,
  SignedIn,
  SignIn,
  UpdateAccount,
  UpdateOwnAccount,
  UserParams,
  WhoAmI,
} from '../schemas/accounts.ts'
import { Id, Nothing } from '../schemas/common.ts'
import { ContentQuery, FileIdParams } from '../schemas/files.ts'
import { CreatedKey, KeyDetail, KeyIdParams, KeyPage, KeyPageQuery, RegenerateKey } from '../schemas/keys.ts'
import { defaults } from './defaults.ts'

const base = '/pinyon/v1'
const own = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
} as const satisfies Partial<Route>
const open = { ...own, credentials: [], scope: null, cors: 'none' } as const
const session = { ...own, credentials: ['session'], scope: null, cors: 'none', tag: 'Sessions' } as const
const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const
const account = { ...own, tag: 'Account' } as const
const IdParams = z.object({ id: Id })

/** POST /pinyon/v1/setup: once, with the set-up token. */
export const setUp = route({
  ...open,
  id: 'setUp',
  method: 'POST',
  path: `${base}/setup`,
  tag: 'Set-up',
  rateClass: 'setup',
  bodyKind: 'json',
  body: SetUp,
  response: SetUpDone,
  summary: 'Set this installation up',
  description:
    'Makes the owner, the first account and a key with scopes admin and operator. Answers 201; afterwards 409.',
})

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
  description: 'Sets the session cookie.',
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

/** POST /pinyon/v1/invites/accept. */
export const inviteAccept = route({
  ...open,
  id: 'inviteAccept',
  method: 'POST',
  path: `${base}/invites/accept`,
  tag: 'Account',
  rateClass: 'password',
  bodyKind: 'json',
  body: AcceptInvite,
  response: z.union([SetUpDone, z.object({ account: Account })]),
  summary: 'Accept an invite',
  description:
    'The invite of a new account answers 201 with its first key; that of an existing one makes you a member.',
})

/** GET /pinyon/v1/whoami: any valid key, no use. */
export const whoami = route({
  ...own,
  id: 'whoami',
  method: 'GET',
  path: `${base}/whoami`,
  scope: null,
  countsUse: false,
  tag: 'Authentication',
  response: WhoAmI,
  summary: 'What is this key?',
  description: 'Any valid key: name, scopes, uses left, expiry, account, quota left, base URLs. Not a use.',
})

/** POST /pinyon/v1/accounts. */
export const accountsCreate = route({
  ...operator,
  id: 'accountsCreate',
  method: 'POST',
  path: `${base}/accounts`,
  bodyKind: 'json',
  body: CreateAccount,
  rateClass: 'write',
  response: z.object({ account: Account, invite: Invite }),
  summary: 'Make an account',
  description: 'Answers 201 with an invite for its owner.',
})

/** GET /pinyon/v1/accounts. */
export const accountsList = route({
  ...operator,
  id: 'accountsList',
  method: 'GET',
  path: `${base}/accounts`,
  query: AccountListQuery,
  response: z.object({ accounts: z.array(Account), nextPageToken: z.string().nullable() }),
  summary: 'List accounts',
})

/** GET /pinyon/v1/accounts/{id}. */
export const accountsGet = route({
  ...operator,
  id: 'accountsGet',
  method: 'GET',
  path: `${base}/accounts/:id`,
  params: IdParams,
  response: Account,
  summary: 'Get an account',
})

/** PATCH /pinyon/v1/accounts/{id}. */
export const accountsUpdate = route({
  ...operator,
  id: 'accountsUpdate',
  method: 'PATCH',
  path: `${base}/accounts/:id`,
  params: IdParams,
  bodyKind: 'json',
  body: UpdateAccount,
  response: Account,
  rateClass: 'write',
  summary: 'Change quota, settings or state of an account',
  description: 'A disabled account is refused everywhere at once; its files stay.',
})

/** GET /pinyon/v1/account: the caller's own. */
export const accountGet = route({
  ...account,
  id: 'accountGet',
  method: 'GET',
  path: `${base}/account`,
  scope: 'account.get',
  resource: 'org:read',
  response: Account,
  summary: 'Get your account',
})

/** PATCH /pinyon/v1/account. */
export const accountUpdate = route({
  ...account,
  id: 'accountUpdate',
  method: 'PATCH',
  path: `${base}/account`,
  scope: 'account.update',
  bodyKind: 'json',
  body: UpdateOwnAccount,
  response: Account,
  rateClass: 'write',
  summary: 'Change your account',
  description: 'With `publicContent: "refused"` nothing of this account can become public.',
})

/** GET /pinyon/v1/members. */
export const membersList = route({
  ...account,
  id: 'membersList',
  method: 'GET',
  path: `${base}/members`,
  scope: 'account.membersList',
  resource: 'org:read',
  response: z.object({ members: z.array(Member), invites: z.array(PendingInvite) }),
  summary: 'List people and invites',
})

/** POST /pinyon/v1/members: invite somebody. */
export const membersInvite = route({
  ...account,
  id: 'membersInvite',
  method: 'POST',
  path: `${base}/members`,
  scope: 'account.membersInvite',
  bodyKind: 'json',
  body: InviteMember,
  response: z.object({ invite: Invite }),
  summary: 'Invite somebody',
  rateClass: 'write',
})

/** PATCH /pinyon/v1/members/{userId}. */
export const membersUpdate = route({
  ...account,
  id: 'membersUpdate',
  method: 'PATCH',
  path: `${base}/members/:userId`,
  scope: 'account.membersUpdate',
  params: UserParams,
  bodyKind: 'json',
  body: z.strictObject({ role: Role }),
  response: Member,
  summary: 'Change a role',
  rateClass: 'write',
})

/** DELETE /pinyon/v1/members/{userId}. */
export const membersRemove = route({
  ...account,
  id: 'membersRemove',
  method: 'DELETE',
  path: `${base}/members/:userId`,
  scope: 'account.membersRemove',
  params: UserParams,
  response: Nothing,
  summary: 'Remove somebody',
  rateClass: 'write',
})

/** DELETE /pinyon/v1/invites/{id}. */
export const inviteWithdraw = route({
  ...account,
  id: 'inviteWithdraw',
  method: 'DELETE',
  path: `${base}/invites/:id`,
  scope: 'account.membersRemove',
  params: IdParams,
  response: Nothing,
  summary: 'Withdraw an invite',
  rateClass: 'write',
})

/** GET /pinyon/v1/audit. */
export const auditList = route({
  ...account,
  id: 'auditList',
  method: 'GET',
  path: `${base}/audit`,
  scope: 'account.audit',
  query: AuditQuery,
  response: z.object({ entries: z.array(AuditEntry), nextPageToken: z.string().nullable() }),
  summary: 'Read the audit log of your account',
})

const ownKeys = { ...own, tag: 'API keys', resource: 'org:write' } as const

/** GET /pinyon/v1/keys. */
export const keysPage = route({
  ...ownKeys,
  id: 'keysPage',
  method: 'GET',
  path: `${base}/keys`,
  scope: 'keys.list',
  query: KeyPageQuery,
  response: KeyPage,
  summary: 'List API keys with all details',
})

/** GET /pinyon/v1/keys/{id}. */
export const keysGet = route({
  ...ownKeys,
  id: 'keysGet',
  method: 'GET',
  path: `${base}/keys/:id`,
  scope: 'keys.get',
  params: KeyIdParams,
  response: KeyDetail,
  summary: 'Get an API key',
})

/** POST /pinyon/v1/keys/{id}/regenerate. */
export const keysRegenerate = route({
  ...ownKeys,
  id: 'keysRegenerate',
  method: 'POST',
  path: `${base}/keys/:id/regenerate`,
  scope: 'keys.regenerate',
  params: KeyIdParams,
  bodyKind: 'json',
  body: RegenerateKey,
  response: CreatedKey,
  summary: 'Regenerate secret and JWT',
  description:
    'Same public part, name, scopes and uses. The old secret and JWT stop at once or after `overlapSeconds`.',
  rateClass: 'write',
})

/** GET /pinyon/v1/files/{id}/content: the bytes of any file of the account. */
export const filesContent = route({
  ...own,
  id: 'filesContent',
  method: 'GET',
  path: `${base}/files/:id/content`,
  scope: 'files.content',
  resource: 'org:files:read',
  tag: 'Files',
  params: FileIdParams,
  query: ContentQuery,
  responseType: 'application/octet-stream',
  summary: 'Read the bytes of a file',
  description: 'Public or private; ranges; `?format=car` for the whole DAG. Always an attachment.',
})

/** POST /pinyon/v1/operator/signing-keys: rotation. */
export const signingKeysRotate = route({
  ...operator,
  id: 'signingKeysRotate',
  method: 'POST',
  path: `${base}/operator/signing-keys`,
  response: z.object({ kid: z.string(), previous: z.string() }),
  rateClass: 'write',
  summary: 'Rotate the key that signs JWTs',
  description: 'JWTs already given stay valid; new ones are signed by the new key.',
})
