import { randomBytes } from 'node:crypto'
import type { Db } from '../db/database.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { findStep } from './totp-code.ts'
import { findTotp, takeRecoveryCode, takeStep, type TotpRow } from './totp-queries.ts'

const codesAtOnce = 10
/** No letters that look like others; 16 of them are 80 bits. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
const length = 16

/** How the second step was proven. */
export type Proof = 'app' | 'recovery code'

/**
 * Uses a code of the app or a recovery code, in the caller's write: each works once, also when it is brought twice at the
 * same time. Undefined when it is neither, or was used.
 */
export async function useCode(
  tx: Db,
  { valueKey, clock }: Pick<Services, 'valueKey' | 'clock'>,
  totp: TotpRow,
  code: string,
): Promise<Proof | undefined> {
  const plain = code.replaceAll(/[\s-]/g, '').toLowerCase()
  const step = findStep(secretOf(valueKey, totp.id), plain, clock.now())
  if (step !== undefined) return (await takeStep(tx, { id: totp.id, step })) ? 'app' : undefined
  if (plain.length !== length) return undefined
  const taken = await takeRecoveryCode(tx, { userId: totp.user_id, hash: hashSecretText(plain), at: clock.now() })
  return taken ? 'recovery code' : undefined
}

/**
 * The second step of whoever proved a password, in the caller's write: `none` is wanted, none was given (`missing`), it is
 * `wrong`, or the proof.
 */
export async function askSecondStep(
  tx: Db,
  services: Pick<Services, 'valueKey' | 'clock'>,
  { userId, code }: { userId: string; code: string | undefined },
): Promise<Proof | 'none' | 'missing' | 'wrong'> {
  const totp = await findTotp(tx, userId)
  if (totp === undefined || totp.enabled_at === null) return 'none'
  if (code === undefined || code === '') return 'missing'
  return (await useCode(tx, services, totp, code)) ?? 'wrong'
}

/** The secret that the app has: derived, so that no copy of the database holds it. */
export function secretOf(valueKey: Services['valueKey'], id: string): Buffer {
  return valueKey.derive('totp', id).subarray(0, 20) // RFC 4226 section 4, R6
}

/** Ten recovery codes, as they are shown once and as they are kept. */
export function makeRecoveryCodes(): { shown: string[]; hashes: string[] } {
  const plain = Array.from({ length: codesAtOnce }, makeCode)
  return { shown: plain.map((code) => code.match(/.{4}/g)?.join('-') ?? code), hashes: plain.map(hashSecretText) }
}

function makeCode(): string {
  let code = ''
  while (code.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 = 8 * 31: larger bytes would make the first letters likelier.
      if (byte < 248 && code.length < length) code += letters.charAt(byte % letters.length)
    }
  }
  return code
}
