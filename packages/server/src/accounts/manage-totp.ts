import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { recordAudit } from './audit.ts'
import { listAccountsOfUser } from './member-queries.ts'
import { verifyPassword } from './passwords.ts'
import { findUser, findUserByEmail } from './queries.ts'
import { makeRecoveryCodes, secretOf, useCode } from './second-step.ts'
import { deleteSessions } from './session-queries.ts'
import { requireUser } from './sessions.ts'
import { findStep, secretText, totpUrl } from './totp-code.ts'
import {
  countRecoveryCodes,
  deleteTotp,
  enableTotp,
  findTotp,
  insertTotp,
  replaceRecoveryCodes,
  type TotpRow,
} from './totp-queries.ts'

type Needed = Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey' | 'signInFailures' | 'installation'>

/** Whether signing in wants a code, and how many recovery codes are left. */
export async function getTotp(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
): Promise<{ enabledAt: number | null; recoveryCodesLeft: number }> {
  const { id } = requireUser(caller)
  const totp = await findTotp(db.read, id)
  return { enabledAt: totp?.enabled_at ?? null, recoveryCodesLeft: await countRecoveryCodes(db.read, id) }
}

/** Begins a second step: gives the secret, once. Nothing changes until a code of it was seen. Throws `sign_in_failed`, `conflict`. */
export async function beginTotp(
  services: Needed,
  caller: Caller,
  { password }: { password: string },
): Promise<{ secret: string; url: string }> {
  const { db, clock, newId, valueKey, installation } = services
  const me = requireUser(caller)
  await provePassword(services, caller, password)
  const id = newId()
  await db.write(async (tx) => {
    if (!(await insertTotp(tx, { userId: me.id, id, at: clock.now() })))
      throw new AppError('conflict', 'Signing in wants a code already. Turn that off first.')
  })
  const secret = secretOf(valueKey, id)
  const issuer = `Pinyon (${new URL(installation.apiUrl).host})`
  return { secret: secretText(secret), url: totpUrl(secret, { issuer, email: me.email }) }
}

/**
 * Puts the second step in force by a first code, ends the user's other sessions and gives recovery codes, once. Throws
 * `sign_in_failed` for a wrong code, `conflict` when nothing was begun.
 */
export async function confirmTotp(services: Needed, caller: Caller, { code }: { code: string }): Promise<string[]> {
  const { db, clock, valueKey, signInFailures } = services
  const me = requireUser(caller)
  const attempt = await signInFailures.begin(me.email, caller.origin)
  const codes = makeRecoveryCodes()
  const outcome = await db.write(async (tx) => {
    const totp = await findTotp(tx, me.id)
    if (totp === undefined || totp.enabled_at !== null) return 'nothing'
    const at = clock.now()
    const step = findStep(secretOf(valueKey, totp.id), code.replaceAll(/\s/g, ''), at)
    if (step === undefined || !(await enableTotp(tx, { id: totp.id, step, at }))) return 'wrong'
    await replaceRecoveryCodes(tx, me.id, codes.hashes)
    await deleteSessions(tx, { userId: me.id, exceptId: me.sessionId })
    await record(tx, services, caller, 'user.totp_enabled')
    return 'done'
  })
  if (outcome === 'wrong') throw wrongCode()
  await attempt.succeeded()
  if (outcome === 'nothing') throw new AppError('conflict', 'There is nothing to confirm. Begin anew.')
  return codes.shown
}

/** Ten new recovery codes; the old ones end. Throws `sign_in_failed` for a wrong password or code, `conflict` without a second step. */
export async function renewRecoveryCodes(
  services: Needed,
  caller: Caller,
  proof: { password: string; code: string },
): Promise<string[]> {
  const codes = makeRecoveryCodes()
  await withProof(services, caller, proof, async (tx, { user_id: userId }) => {
    await replaceRecoveryCodes(tx, userId, codes.hashes)
    await record(tx, services, caller, 'user.recovery_codes_made')
  })
  return codes.shown
}

/** Ends the second step. Throws as `renewRecoveryCodes`. */
export async function endTotp(
  services: Needed,
  caller: Caller,
  proof: { password: string; code: string },
): Promise<void> {
  await withProof(services, caller, proof, async (tx, { user_id: userId }) => {
    await deleteTotp(tx, userId)
    await record(tx, services, caller, 'user.totp_disabled')
  })
}

/** Ends the second step of somebody who lost app and codes, for a person at the machine. Throws `not_found`, `conflict`. */
export async function resetTotp(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  email: string,
): Promise<void> {
  await db.write(async (tx) => {
    const user = await findUserByEmail(tx, email)
    if (user === undefined) throw new AppError('not_found', `Nobody here has the address ${email}.`)
    if (!(await deleteTotp(tx, user.id))) throw new AppError('conflict', `${email} signs in without a code already.`)
    await deleteSessions(tx, { userId: user.id })
    const [account] = await listAccountsOfUser(tx, user.id)
    await recordAudit(tx, {
      id: newId(),
      at: clock.now(),
      accountId: account?.id ?? null,
      actor: { kind: 'machine', id: null },
      action: 'user.totp_reset',
      target: user.id,
    })
  })
}

/** Password and code, counted as one attempt to sign in. */
async function withProof(
  services: Needed,
  caller: Caller,
  { password, code }: { password: string; code: string },
  change: (tx: Db, totp: TotpRow) => Promise<void>,
): Promise<void> {
  const { db, signInFailures } = services
  const me = requireUser(caller)
  const attempt = await signInFailures.begin(me.email, caller.origin)
  const user = await findUser(db.read, me.id)
  if (!(await verifyPassword(user?.password_hash, password)))
    throw new AppError('sign_in_failed', 'The password is wrong.')
  const outcome = await db.write(async (tx) => {
    const totp = await findTotp(tx, me.id)
    if (totp === undefined || totp.enabled_at === null) return 'none'
    if ((await useCode(tx, services, totp, code)) === undefined) return 'wrong'
    await change(tx, totp)
    return 'done'
  })
  if (outcome === 'wrong') throw wrongCode()
  await attempt.succeeded()
  if (outcome === 'none') throw new AppError('conflict', 'Signing in wants no code.')
}

/** Throws `sign_in_failed` unless this is the password of the caller; counted as an attempt to sign in. */
export async function provePassword(
  { db, signInFailures }: Pick<Needed, 'db' | 'signInFailures'>,
  caller: Caller,
  password: string,
): Promise<void> {
  const me = requireUser(caller)
  const attempt = await signInFailures.begin(me.email, caller.origin)
  const user = await findUser(db.read, me.id)
  if (!(await verifyPassword(user?.password_hash, password)))
    throw new AppError('sign_in_failed', 'The password is wrong.')
  await attempt.succeeded()
}

/** The words for a good password without the code that is wanted too. */
export function codeNeeded(): AppError {
  return new AppError('sign_in_code_needed', 'Give the code of your authenticator app too, or a recovery code.')
}

/** The same words for a code that is wrong and one that was used. */
export function wrongCode(): AppError {
  return new AppError('sign_in_failed', 'The code is wrong, or was used already. Wait for the next one.')
}

function record(
  tx: Db,
  { newId, clock }: Pick<Services, 'newId' | 'clock'>,
  caller: Caller,
  action: string,
): Promise<void> {
  const { id } = requireUser(caller)
  return recordAudit(tx, {
    id: newId(),
    at: clock.now(),
    accountId: caller.accountId,
    actor: { kind: 'user', id },
    action,
    target: id,
    origin: caller.origin,
  })
}
