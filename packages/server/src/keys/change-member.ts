import { actorOf, recordAudit } from '../accounts/audit.ts'
import {
  countOtherOwners,
  deleteMember,
  findMember,
  updateMemberRole,
  type MemberRow,
} from '../accounts/member-queries.ts'
import { requireRoleHeld } from '../accounts/members.ts'
import { lockAccount } from '../accounts/queries.ts'
import type { RoleName } from '../accounts/roles.ts'
import { deleteSessions } from '../accounts/session-queries.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { settleKeysOf, type SettledKeys } from './settle-keys-of.ts'

type Needed = Pick<Services, 'db' | 'clock' | 'newId' | 'keyCache'>

/** What becomes of the keys that somebody made: those of the account, like all keys, unless they are to be revoked. */
export interface KeysToo {
  readonly revokeKeys?: boolean | undefined
}

/**
 * Changes somebody's role, from their next request on. The last owner stays one: `conflict`. With `revokeKeys` throws
 * `scope_not_held` when one of their keys may do more than the caller; then nothing is changed.
 */
export async function changeRole(
  services: Needed,
  caller: Caller,
  userId: string,
  { role, revokeKeys = false }: KeysToo & { role: RoleName },
): Promise<MemberRow & SettledKeys> {
  const changed = await services.db.write(async (tx) => {
    const member = await lockMember(tx, caller, userId)
    // Neither up nor down past what the caller may do.
    requireRoleHeld(caller, role)
    requireRoleHeld(caller, member.role)
    if (role !== 'owner') await requireOtherOwner(tx, caller, member)
    const keys = await settleKeysOf(services, tx, caller, { userId, revoke: revokeKeys })
    if (role !== member.role) {
      await updateMemberRole(tx, caller.accountId, userId, role)
      await recordChange(services, tx, caller, member, {
        action: 'member.role_changed',
        detail: { from: member.role, to: role, ...keys.counts },
      })
    }
    return { member: { ...member, role, ...keys.counts }, keys }
  })
  for (const publicPart of changed.keys.ended) services.keyCache.forget(publicPart)
  return changed.member
}

/**
 * Takes somebody out of the account and ends their sessions in it. Answers how many keys of theirs still work. Throws
 * as `changeRole`.
 */
export async function removeMember(
  services: Needed,
  caller: Caller,
  userId: string,
  { revokeKeys = false }: KeysToo,
): Promise<SettledKeys> {
  const keys = await services.db.write(async (tx) => {
    const member = await lockMember(tx, caller, userId)
    requireRoleHeld(caller, member.role)
    await requireOtherOwner(tx, caller, member)
    const settled = await settleKeysOf(services, tx, caller, { userId, revoke: revokeKeys })
    await deleteMember(tx, caller.accountId, userId)
    await deleteSessions(tx, { accountId: caller.accountId, userId })
    await recordChange(services, tx, caller, member, {
      action: 'member.removed',
      detail: { email: member.email, role: member.role, ...settled.counts },
    })
    return settled
  })
  for (const publicPart of keys.ended) services.keyCache.forget(publicPart)
  return keys.counts
}

async function lockMember(tx: Db, { accountId }: Caller, userId: string): Promise<MemberRow> {
  await lockAccount(tx, accountId)
  const member = await findMember(tx, accountId, userId)
  if (member === undefined) throw new AppError('not_found', `Nobody with the id ${userId} is in this account.`)
  return member
}

async function requireOtherOwner(tx: Db, { accountId }: Caller, member: MemberRow): Promise<void> {
  if (member.role !== 'owner' || (await countOtherOwners(tx, accountId, member.user_id)) > 0) return
  throw new AppError('conflict', 'This is the last owner of the account. Make somebody else an owner first.')
}

async function recordChange(
  { newId, clock }: Needed,
  tx: Db,
  caller: Caller,
  member: MemberRow,
  what: { action: string; detail: Record<string, unknown> },
): Promise<void> {
  await recordAudit(tx, {
    id: newId(),
    at: clock.now(),
    accountId: caller.accountId,
    actor: actorOf(caller),
    target: member.user_id,
    origin: caller.origin,
    ...what,
  })
}
