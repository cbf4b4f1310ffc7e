import { covers } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { actorOf, recordAudit } from './audit.ts'
import { makeInvite, type MadeInvite } from './invites.ts'
import {
  countOtherOwners,
  deleteInvite,
  deleteMember,
  findMember,
  insertInvite,
  listInvites,
  listMembers,
  updateMemberRole,
  type MemberRow,
} from './member-queries.ts'
import { findUserByEmail, lockAccount } from './queries.ts'
import { deleteSessions } from './session-queries.ts'
import { grantedTo, type RoleName } from './roles.ts'

/** The people of the caller's account and the invites that wait. */
export async function listPeople({ db, clock }: Pick<Services, 'db' | 'clock'>, caller: Caller) {
  const members = await listMembers(db.read, caller.accountId)
  return { members, invites: await listInvites(db.read, caller.accountId, clock.now()) }
}

/**
 * Invites somebody to the caller's account. Says nothing of whether they are known here. Throws `scope_not_held` when
 * the role may do what the caller may not, `conflict` when they are in the account already.
 */
export async function inviteMember(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'installation'>,
  caller: Caller,
  { email, role }: { email: string; role: RoleName },
): Promise<MadeInvite> {
  requireRoleHeld(caller, role)
  const { row, invite } = makeInvite(services, { accountId: caller.accountId, email, role })
  await services.db.write(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (user !== undefined && (await findMember(tx, caller.accountId, user.id)) !== undefined) {
      throw new AppError('conflict', `${email} is in this account already.`)
    }
    await insertInvite(tx, row)
    await recordAudit(tx, {
      ...lineOf(services, caller),
      action: 'member.invited',
      target: row.id,
      detail: { email, role },
    })
  })
  return invite
}

/** Withdraws an invite that waits. Throws `not_found`. */
export async function withdrawInvite(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  id: string,
): Promise<void> {
  await services.db.write(async (tx) => {
    const invite = await deleteInvite(tx, caller.accountId, id)
    if (invite === undefined) throw new AppError('not_found', `No invite ${id} waits in this account.`)
    const detail = { email: invite.email, role: invite.role }
    await recordAudit(tx, { ...lineOf(services, caller), action: 'member.invite_withdrawn', target: id, detail })
  })
}

/** Changes somebody's role, from their next request on. The last owner stays one: `conflict`. */
export async function changeRole(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  userId: string,
  role: RoleName,
): Promise<MemberRow> {
  return services.db.write(async (tx) => {
    await lockAccount(tx, caller.accountId)
    const member = await findMember(tx, caller.accountId, userId)
    if (member === undefined) throw new AppError('not_found', `Nobody with the id ${userId} is in this account.`)
    // Neither up nor down past what the caller may do.
    requireRoleHeld(caller, role)
    requireRoleHeld(caller, member.role)
    if (role !== 'owner' && member.role === 'owner' && (await countOtherOwners(tx, caller.accountId, userId)) === 0) {
      throw new AppError('conflict', 'This is the last owner of the account. Make somebody else an owner first.')
    }
    if (role === member.role) return member
    await updateMemberRole(tx, caller.accountId, userId, role)
    const detail = { from: member.role, to: role }
    await recordAudit(tx, { ...lineOf(services, caller), action: 'member.role_changed', target: userId, detail })
    return { ...member, role }
  })
}

/** Takes somebody out of the account and ends their sessions in it. The last owner stays: `conflict`. */
export async function removeMember(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  userId: string,
): Promise<void> {
  await services.db.write(async (tx) => {
    await lockAccount(tx, caller.accountId)
    const member = await findMember(tx, caller.accountId, userId)
    if (member === undefined) throw new AppError('not_found', `Nobody with the id ${userId} is in this account.`)
    requireRoleHeld(caller, member.role)
    if (member.role === 'owner' && (await countOtherOwners(tx, caller.accountId, userId)) === 0) {
      throw new AppError('conflict', 'This is the last owner of the account. Make somebody else an owner first.')
    }
    await deleteMember(tx, caller.accountId, userId)
    await deleteSessions(tx, { accountId: caller.accountId, userId })
    await recordAudit(tx, { ...lineOf(services, caller), action: 'member.removed', target: userId })
  })
}

/** A key that may invite could else make itself an owner by inviting a friend. */
function requireRoleHeld(caller: Caller, role: string): void {
  if (covers(caller.granted, grantedTo(role, false), routeList)) return
  throw new AppError('scope_not_held', `You may not decide who is ${role} here: the role may do more than you may.`)
}

function lineOf({ newId, clock }: Pick<Services, 'newId' | 'clock'>, caller: Caller) {
  return {
    id: newId(),
    at: clock.now(),
    accountId: caller.accountId,
    actor: actorOf(caller),
    origin: caller.origin,
  } as const
}
