import type { Account, Invite, Member, OpenInvite, PendingInvite, Session } from '@pinyon/contract/schemas/accounts.ts'
import type { z } from 'zod'
import type { getInvite } from '../accounts/get-invite.ts'
import type { MadeInvite } from '../accounts/invites.ts'
import type { InviteRow, MemberRow } from '../accounts/member-queries.ts'
import type { AccountRow } from '../accounts/queries.ts'
import type { SessionRow } from '../accounts/session-queries.ts'
import { presentTime } from './present-time.ts'

/** An account with its totals. */
export function presentAccount(account: AccountRow): z.infer<typeof Account> {
  return {
    id: account.id,
    name: account.name,
    email: account.email,
    createdAt: presentTime(account.created_at),
    disabledAt: presentTime(account.disabled_at),
    quotaBytes: account.quota_bytes,
    egressQuotaBytes: account.egress_quota_bytes,
    usedBytes: account.used_bytes,
    files: account.files,
    publicContent: account.public_content === 'refused' ? 'refused' : 'allowed',
  }
}

/** An invite with its token, in the one answer that shows it. */
export function presentInvite({ token, url, expiresAt }: MadeInvite): z.infer<typeof Invite> {
  return { token, url, expiresAt: presentTime(expiresAt) }
}

/** An invite that waits. */
export function presentPendingInvite(invite: InviteRow): z.infer<typeof PendingInvite> {
  return {
    id: invite.id,
    email: invite.email,
    role: presentRole(invite.role),
    createdAt: presentTime(invite.created_at),
    expiresAt: presentTime(invite.expires_at),
  }
}

/** An invite as its holder sees it before accepting. */
export function presentOpenInvite({
  invite,
  account,
  user,
  isFirstOwner,
}: Awaited<ReturnType<typeof getInvite>>): z.infer<typeof OpenInvite> {
  return {
    account: { name: account.name },
    email: invite.email,
    role: presentRole(invite.role),
    isNewUser: user === undefined,
    isFirstOwner,
    expiresAt: presentTime(invite.expires_at),
  }
}

/** A person of an account. */
export function presentMember(member: MemberRow): z.infer<typeof Member> {
  return {
    userId: member.user_id,
    email: member.email,
    role: presentRole(member.role),
    createdAt: presentTime(member.created_at),
  }
}

/** A session; `currentId` is the one that asks. */
export function presentSession(session: SessionRow, currentId: string): z.infer<typeof Session> {
  return {
    id: session.id,
    createdAt: presentTime(session.created_at),
    lastUsedAt: presentTime(session.last_used_at),
    expiresAt: presentTime(session.expires_at),
    address: session.address,
    agent: session.agent,
    current: session.id === currentId,
  }
}

function presentRole(role: string): 'owner' | 'member' {
  return role === 'owner' ? 'owner' : 'member'
}
