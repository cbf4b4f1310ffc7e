import type { RequestOrigin } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText, isSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import { insertMember } from './member-queries.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { findUserByEmail, foldEmail, insertAccount, insertUser } from './queries.ts'
import { askSecondStep } from './second-step.ts'
import {
  countSignUpRequests,
  findSignUpLink,
  lockSignUps,
  takeSignUpLink,
  upsertSignUpRequest,
} from './sign-up-queries.ts'

/** How tokens of links by which people join begin, and how many letters follow. */
export const signUpToken = { prefix: 'pnjoi_', letters: 32 } as const // 190 bits

/** Requests that may wait at once: nobody fills the database by asking. */
const maxRequests = 1_000

type Settings = Pick<Services, 'config'>

/** When the link of a token ends, and how much an account made with it may hold. Throws `not_found`, `sign_up_closed`. */
export async function lookAtSignUpLink(
  { db, clock, config }: Pick<Services, 'db' | 'clock'> & Settings,
  token: string,
): Promise<{ expiresAt: number; quotaBytes: number | null }> {
  const link = await getLink({ db, clock, config }, token)
  return { expiresAt: link.expires_at, quotaBytes: link.quota_bytes ?? config.defaultQuotaBytes }
}

/**
 * Makes an account for whoever holds a link, which is used once more by that. Somebody who is a user here gets it too when
 * the password is theirs, and the code where they sign in with one, and else nothing; the answer and the time it takes are the same, so nobody learns who has an
 * account. Throws `not_found`, `sign_up_closed`, `rate_limited`.
 */
export async function joinByLink(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'signInFailures' | 'valueKey'> & Settings,
  input: {
    token: string
    email: string
    password: string
    code?: string | undefined
    accountName?: string | undefined
    origin: RequestOrigin
  },
): Promise<void> {
  const { db, clock, newId, config, signInFailures } = services
  const { id: linkId } = await getLink(services, input.token)
  const email = input.email.trim()
  const attempt = await signInFailures.begin(email, input.origin)
  const user = await findUserByEmail(db.read, email)
  // Both for everybody: the same work whether there is such a user or not.
  const proven = await verifyPassword(user?.password_hash, input.password)
  const passwordHash = await hashPassword(input.password)
  const joined = await db.write(async (tx) => {
    const at = clock.now()
    const link = await takeSignUpLink(tx, linkId, at)
    if (link === undefined) throw unknownLink()
    const current = await findUserByEmail(tx, email)
    const userId = current?.id ?? newId()
    const isNew =
      current === undefined && (await insertUser(tx, { id: userId, email, passwordHash, operator: false, at }))
    const known = proven && current !== undefined && current.id === user?.id && current.disabled_at === null
    const step = known ? await askSecondStep(tx, services, { userId, code: input.code }) : 'none'
    const mayJoin = isNew || (known && step !== 'missing' && step !== 'wrong')
    const line = { at, actor: { kind: 'anonymous', id: null }, origin: input.origin } as const
    if (!mayJoin) {
      const refused = { action: 'sign_up.refused', target: linkId, result: 'refused' } as const
      await recordAudit(tx, { ...line, id: newId(), accountId: null, ...refused })
      return false
    }
    const account = {
      id: newId(),
      name: input.accountName || email,
      email,
      created_at: at,
      disabled_at: null,
      quota_bytes: link.quota_bytes ?? config.defaultQuotaBytes,
      public_content: 'allowed',
      pin_policy: null,
      egress_quota_bytes: null,
    }
    await insertAccount(tx, account)
    await insertMember(tx, { account_id: account.id, user_id: userId, role: 'owner', created_at: at })
    const detail = { name: account.name, quotaBytes: account.quota_bytes, signUpLink: linkId }
    const accountId = account.id
    await recordAudit(tx, { ...line, id: newId(), accountId, action: 'account.created', target: accountId, detail })
    const actor = { kind: 'user', id: userId } as const
    const member = { action: 'member.joined', target: userId, detail: { role: 'owner' } }
    await recordAudit(tx, { ...line, id: newId(), accountId, actor, ...member })
    return true
  })
  if (joined) await attempt.succeeded()
}

/**
 * Notes that somebody would like an account; an operator decides. The same answer whether the address is known here, asked
 * before, or neither. Throws `sign_up_closed` unless people may ask, `rate_limited` when too many wait.
 */
export async function requestAccount(
  { db, clock, newId, config }: Pick<Services, 'db' | 'clock' | 'newId'> & Settings,
  input: { email: string; name: string; note: string; origin: RequestOrigin },
): Promise<void> {
  if (config.signUp !== 'request') throw closed()
  await db.write(async (tx) => {
    await requireRequestRoom(tx)
    const at = clock.now()
    const id = newId()
    const email = input.email.trim()
    const { name, note } = input
    await upsertSignUpRequest(tx, { id, email, email_folded: foldEmail(email), name, note, created_at: at })
    await recordAudit(tx, {
      id: newId(),
      at,
      accountId: null,
      actor: { kind: 'anonymous', id: null },
      action: 'sign_up.requested',
      origin: input.origin,
      detail: { email },
    })
  })
}

async function requireRequestRoom(tx: Db): Promise<void> {
  await lockSignUps(tx)
  if ((await countSignUpRequests(tx)) < maxRequests) return
  throw new AppError('rate_limited', 'Too many requests wait for the operator. Try again later.', {
    retryAfterSeconds: 3_600,
  })
}

async function getLink({ db, clock, config }: Pick<Services, 'db' | 'clock'> & Settings, token: string) {
  if (config.signUp === 'off') throw closed()
  const { prefix, letters } = signUpToken
  const link = isSecretText(prefix, letters, token)
    ? await findSignUpLink(db.read, hashSecretText(token), clock.now())
    : undefined
  if (link === undefined) throw unknownLink()
  return link
}

/** The same words for a link that never was and one that is no more. */
function unknownLink(): AppError {
  return new AppError('not_found', 'This link is unknown, used up or over. Ask the operator for a new one.')
}

function closed(): AppError {
  return new AppError('sign_up_closed', 'Accounts of this server are made by its operator only.')
}
