import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { isInviteToken } from './invites.ts'
import { countMembers, findInvite, type InviteRow } from './member-queries.ts'
import { findAccount, findUserByEmail, type AccountRow, type UserRow } from './queries.ts'

/** An invite that can be accepted, and whom it meets. */
export interface OpenInvite {
  readonly invite: InviteRow
  readonly account: AccountRow
  /** Undefined: nobody has this address yet. */
  readonly user: UserRow | undefined
  /** Whether the account gets its first person, as its owner. */
  readonly isFirstOwner: boolean
}

/** The invite of a token. Throws `not_found` for one that is unknown, used or over, `account_disabled`. */
export async function getInvite({ db, clock }: Pick<Services, 'db' | 'clock'>, token: string): Promise<OpenInvite> {
  const invite = isInviteToken(token) ? await findInvite(db.read, hashSecretText(token), clock.now()) : undefined
  if (invite === undefined) throw unknownInvite()
  const account = await findAccount(db.read, invite.account_id)
  if (account === undefined) throw unknownInvite()
  if (account.disabled_at !== null) throw new AppError('account_disabled', 'The account of this invite is disabled.')
  const user = await findUserByEmail(db.read, invite.email)
  const isFirstOwner = invite.role === 'owner' && (await countMembers(db.read, account.id)) === 0
  return { invite, account, user, isFirstOwner }
}

/** The same words for an invite that never was and one that is no more. */
export function unknownInvite(): AppError {
  return new AppError('not_found', 'This invite is unknown, used or over. Ask for a new one.')
}
