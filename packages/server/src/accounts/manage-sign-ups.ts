import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText, makeSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import type { MadeInvite } from './invites.ts'
import { keepAccount, operatorOf } from './manage-accounts.ts'
import type { AccountRow } from './queries.ts'
import {
  deleteSignUpRequest,
  insertSignUpLink,
  listSignUpLinks,
  listSignUpRequests,
  revokeSignUpLink,
  type SignUpLinkRow,
} from './sign-up-queries.ts'
import { signUpToken } from './sign-up.ts'

const maxShown = 1_000
const weekMs = 7 * 86_400_000

type Needed = Pick<Services, 'db' | 'clock' | 'newId' | 'installation' | 'config'>

/** Makes a link by which several people may join, each with an account of their own. It is shown once. */
export async function makeSignUpLink(
  { db, clock, newId, installation }: Needed,
  caller: Caller,
  input: {
    maxUses?: number | undefined
    expiresInMs?: number | undefined
    quotaBytes?: number | undefined
    note?: string | undefined
  },
): Promise<{ link: SignUpLinkRow; token: string; url: string }> {
  const token = makeSecretText(signUpToken.prefix, signUpToken.letters)
  const at = clock.now()
  const link: SignUpLinkRow = {
    id: newId(),
    token_hash: hashSecretText(token),
    note: input.note ?? '',
    max_uses: input.maxUses ?? 1,
    uses: 0,
    quota_bytes: input.quotaBytes ?? null,
    created_at: at,
    expires_at: at + (input.expiresInMs ?? weekMs),
    revoked_at: null,
  }
  await db.write(async (tx) => {
    await insertSignUpLink(tx, link)
    await recordAudit(tx, {
      id: newId(),
      at,
      accountId: null,
      action: 'sign_up.link_made',
      target: link.id,
      ...operatorOf(caller),
      detail: { maxUses: link.max_uses, expiresAt: link.expires_at, quotaBytes: link.quota_bytes },
    })
  })
  // In the fragment, which browsers do not send.
  return { link, token, url: `${installation.apiUrl}/sign-up#token=${token}` }
}

/** Links and requests, for operators. */
export async function listSignUps({ db }: Pick<Services, 'db'>) {
  return {
    links: await listSignUpLinks(db.read, maxShown),
    requests: await listSignUpRequests(db.read, maxShown),
  }
}

/** Ends a link. Throws `not_found`. */
export async function endSignUpLink({ db, clock, newId }: Needed, caller: Caller, id: string): Promise<void> {
  const at = clock.now()
  await db.write(async (tx) => {
    if (!(await revokeSignUpLink(tx, { id, at }))) throw new AppError('not_found', `No link ${id} goes on.`)
    const line = { action: 'sign_up.link_revoked', target: id, ...operatorOf(caller) }
    await recordAudit(tx, { id: newId(), at, accountId: null, ...line })
  })
}

/**
 * Makes the account that somebody asked for, in one step with the end of the request. Its invite is handed over by the
 * operator: no mail is sent. Throws `not_found`.
 */
export async function acceptSignUp(
  services: Needed,
  caller: Caller,
  id: string,
  { quotaBytes }: { quotaBytes?: number | null | undefined },
): Promise<{ account: AccountRow; invite: MadeInvite }> {
  const { db, clock, newId } = services
  return db.write(async (tx) => {
    const request = await deleteSignUpRequest(tx, id)
    if (request === undefined) throw noSuchRequest(id)
    const { email, name } = request
    const made = await keepAccount(tx, services, caller, { name: name || email, email, quotaBytes })
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: null,
      action: 'sign_up.accepted',
      target: made.account.id,
      ...operatorOf(caller),
      detail: { email },
    })
    return made
  })
}

/** Takes a request away. Throws `not_found`. */
export async function refuseSignUp({ db, clock, newId }: Needed, caller: Caller, id: string): Promise<void> {
  await db.write(async (tx) => {
    const request = await deleteSignUpRequest(tx, id)
    if (request === undefined) throw noSuchRequest(id)
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: null,
      action: 'sign_up.turned_down',
      target: id,
      ...operatorOf(caller),
      detail: { email: request.email },
    })
  })
}

function noSuchRequest(id: string): AppError {
  return new AppError('not_found', `No request ${id} waits.`)
}
