import { NewPassword } from '@pinyon/contract/schemas/common.ts'
import { recordAudit } from '../accounts/audit.ts'
import { getInvite, unknownInvite } from '../accounts/get-invite.ts'
import { codeNeeded, wrongCode } from '../accounts/manage-totp.ts'
import { hashPassword, verifyPassword } from '../accounts/passwords.ts'
import { askSecondStep } from '../accounts/second-step.ts'
import {
  countMembers,
  findMember,
  insertMember,
  markInviteAccepted,
  type InviteRow,
} from '../accounts/member-queries.ts'
import { insertUser, lockAccount, type AccountRow, type UserRow } from '../accounts/queries.ts'
import type { RequestOrigin } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { keepKey, makeKey, type MadeKey, type ShownKey } from './create-key.ts'

type Needed = Pick<Services, 'db' | 'clock' | 'newId' | 'signingKeys' | 'installation' | 'signInFailures' | 'valueKey'>

/**
 * Makes the one invited part of the account: a new user with this password, or a known one who proves theirs, and the code where signing
 * in wants one. The first
 * owner of a new account gets its first key. Throws `not_found` for an invite that is unknown, used or over,
 * `sign_in_failed` for a known user's wrong password or code, `sign_in_code_needed`, `conflict` for somebody who is in the account already.
 */
export async function acceptInvite(
  services: Needed,
  input: { token: string; password: string; code?: string | undefined; origin: RequestOrigin },
): Promise<{ account: AccountRow; key: ShownKey | undefined }> {
  const { db, newId, clock } = services
  const { invite, account, user, isFirstOwner } = await getInvite(services, input.token)
  const { passwordHash, attempt } = await provePassword(services, invite, user, input)
  const userId = user?.id ?? newId()
  const key = isFirstOwner ? await makeFirstKey(services, { account, userId }) : undefined
  const accepted = await db.write(async (tx) => {
    const at = clock.now()
    await lockAccount(tx, account.id)
    const step = user === undefined ? 'none' : await askSecondStep(tx, services, { userId, code: input.code })
    if (step === 'missing' || step === 'wrong') return step
    if (!(await markInviteAccepted(tx, invite.id, at))) throw unknownInvite()
    const isFirst = invite.role === 'owner' && (await countMembers(tx, account.id)) === 0
    if (user === undefined) {
      // Two invites of one new person accepted at once: one makes the user, the other asks again.
      if (!(await insertUser(tx, { id: userId, email: invite.email, passwordHash, operator: false, at }))) {
        throw new AppError('conflict', 'You have just become a user here. Accept again with that password.')
      }
    } else if ((await findMember(tx, account.id, userId)) !== undefined) {
      throw new AppError('conflict', 'You are in this account already.')
    }
    await insertMember(tx, { account_id: account.id, user_id: userId, role: invite.role, created_at: at })
    const line = { at, accountId: account.id, actor: { kind: 'user', id: userId }, origin: input.origin } as const
    const detail = { role: invite.role }
    await recordAudit(tx, { id: newId(), ...line, action: 'member.joined', target: userId, detail })
    if (!isFirst || key === undefined) return { account, key: undefined }
    await keepKey(tx, key, { id: newId(), ...line })
    return { account, key: key.shown }
  })
  if (accepted === 'wrong') throw wrongCode()
  await attempt?.succeeded()
  if (accepted === 'missing') throw codeNeeded()
  return accepted
}

/** A known user proves theirs; a new one chooses, by the rule for new passwords. Gives the hash to keep, and the attempt that is not over yet. */
async function provePassword(
  { signInFailures }: Pick<Services, 'signInFailures'>,
  invite: InviteRow,
  user: UserRow | undefined,
  { password, origin }: { password: string; origin: RequestOrigin },
): Promise<{ passwordHash: string; attempt?: { succeeded(): Promise<void> } }> {
  if (user === undefined) {
    const chosen = NewPassword.safeParse(password)
    if (!chosen.success)
      throw new AppError('invalid_request', `password: ${chosen.error.issues[0]?.message ?? 'is not good'}`)
    return { passwordHash: await hashPassword(password) }
  }
  const attempt = await signInFailures.begin(invite.email, origin)
  if (
    user.password_hash === null ||
    user.disabled_at !== null ||
    !(await verifyPassword(user.password_hash, password))
  ) {
    throw new AppError(
      'sign_in_failed',
      'You are a user here already: give the password that you have. It is not this one.',
    )
  }
  return { passwordHash: user.password_hash, attempt }
}

/** Signed before the transaction; kept only if the user turns out to be the first there. */
function makeFirstKey(
  services: Needed,
  { account, userId }: { account: AccountRow; userId: string },
): Promise<MadeKey> {
  return makeKey(services, {
    account,
    name: 'First key',
    granted: { admin: true, operator: false, resources: [], scopes: [] },
    maxUses: null,
    expiresAt: null,
    createdByUser: userId,
    createdByKey: null,
  })
}
