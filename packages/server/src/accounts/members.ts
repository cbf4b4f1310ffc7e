import { covers } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { actorOf, recordAudit } from './audit.ts'
import { makeInvite, type MadeInvite } from './invites.ts'
import { deleteInvite, findMember, insertInvite, listInvites, listMembers } from './member-queries.ts'
import { findUserByEmail } from './queries.ts'
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

/**
 * Throws `scope_not_held` when a role may do what the caller may not: a key that may invite could else make itself an
 * owner by inviting a friend.
 */
export function requireRoleHeld(caller: Caller, role: string): void {
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
