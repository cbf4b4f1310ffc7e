import { z } from 'zod'
import { route } from '../../route.ts'
import {
  AcceptInvite,
  Account,
  Invite,
  InviteMember,
  KeysMade,
  LookAtInvite,
  Member,
  MemberChanged,
  OpenInvite,
  PendingInvite,
  RevokeKeysQuery,
  Role,
  SetUpDone,
  UserParams,
} from '../../schemas/accounts.ts'
import { Nothing } from '../../schemas/common.ts'
import { IdParams, base, open, own } from './defaults.ts'

const account = { ...own, tag: 'Account' } as const

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

/** POST /pinyon/v1/invites/look: what an invite is for. The token is in the body, since addresses are logged. */
export const inviteLook = route({
  ...open,
  id: 'inviteLook',
  method: 'POST',
  path: `${base}/invites/look`,
  tag: 'Account',
  bodyKind: 'json',
  body: LookAtInvite,
  response: OpenInvite,
  summary: 'Look at an invite',
  description: 'Changes nothing. 404 for an invite that is unknown, used or over.',
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
  showsSecret: true,
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
  query: RevokeKeysQuery,
  body: z.strictObject({ role: Role }),
  response: MemberChanged,
  summary: 'Change a role',
  description: 'Keys that this person made stay those of the account, unless `revokeKeys=true`.',
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
  query: RevokeKeysQuery,
  response: KeysMade,
  summary: 'Remove somebody',
  description:
    'Ends their sessions here. Keys that they made stay those of the account, unless `revokeKeys=true`; the answer says how many still work.',
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
