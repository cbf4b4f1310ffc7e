import type { Insertable } from 'kysely'
import type { InviteTable } from '../db/people-tables.ts'
import { hashSecretText, isSecretText, makeSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import type { RoleName } from './roles.ts'

const prefix = 'pninv_'
const letters = 32 // 190 bits
const inviteMs = 7 * 86_400_000

/** An invite as it is shown, once. */
export interface MadeInvite {
  readonly token: string
  readonly url: string
  readonly expiresAt: number
}

/** Makes an invite: what is kept, and what is shown. The token stands in the fragment, which browsers do not send. */
export function makeInvite(
  { newId, clock, installation }: Pick<Services, 'newId' | 'clock' | 'installation'>,
  { accountId, email, role }: { accountId: string; email: string; role: RoleName },
): { row: Insertable<InviteTable>; invite: MadeInvite } {
  const token = makeSecretText(prefix, letters)
  const now = clock.now()
  const expiresAt = now + inviteMs
  return {
    row: {
      id: newId(),
      account_id: accountId,
      email: email.trim(),
      role,
      token_hash: hashSecretText(token),
      created_at: now,
      expires_at: expiresAt,
      accepted_at: null,
    },
    invite: { token, url: `${installation.apiUrl}/invite#token=${token}`, expiresAt },
  }
}

/** Whether `text` has the form of an invite's token. */
export function isInviteToken(text: string): boolean {
  return isSecretText(prefix, letters, text)
}
