import { routes } from '@pinyon/contract/routes.ts'
import { inviteMember, listPeople, withdrawInvite } from '../accounts/members.ts'
import { answer, door, type Door } from '../http/door.ts'
import { changeRole, removeMember } from '../keys/change-member.ts'
import { presentInvite, presentMember, presentPendingInvite } from './present-accounts.ts'

/** The people of the caller's account. */
export const memberDoors: readonly Door[] = [
  door(routes.membersList, async ({ services, caller }) => {
    const { members, invites } = await listPeople(services, caller)
    return { members: members.map(presentMember), invites: invites.map(presentPendingInvite) }
  }),
  door(routes.membersInvite, async ({ services, caller, body }) =>
    answer(201, { invite: presentInvite(await inviteMember(services, caller, body)) }, { 'cache-control': 'no-store' }),
  ),
  door(routes.membersUpdate, async ({ services, caller, params, query, body }) => {
    const changed = await changeRole(services, caller, params.userId, { ...body, ...query })
    return { ...presentMember(changed), activeKeys: changed.activeKeys, revokedKeys: changed.revokedKeys }
  }),
  door(routes.membersRemove, async ({ services, caller, params, query }) =>
    removeMember(services, caller, params.userId, query),
  ),
  door(routes.inviteWithdraw, async ({ services, caller, params }) => {
    await withdrawInvite(services, caller, params.id)
    return {}
  }),
]
