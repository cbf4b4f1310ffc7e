import { provePassword } from '../accounts/manage-totp.ts'
import type { Caller } from '../caller.ts'
import { readNameKey, writeNameKey } from '../ipfs/names/name-key.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { addName, type EarlierRecord, getLocked, getName, type NameSettings, recordChange } from './manage-names.ts'
import { readTarget } from './name-target.ts'
import type { JudgedName } from './name-warnings.ts'
import { updateName } from './queries.ts'
import { openSeed } from './seal-seed.ts'

/** Something that was published elsewhere. */
interface Earlier {
  readonly sequence: number
  readonly value: string
  readonly publishedAt: number
  readonly validUntil: number
  readonly ttlSeconds: number
  readonly rolledBackTo?: number | null | undefined
}

/** What comes with a key. */
interface ImportedName extends NameSettings {
  readonly key: string
  readonly sequence?: number | undefined
  readonly history?: readonly Earlier[] | undefined
}

/**
 * Takes a name over by its key, with its history; what is published next gets a number above `sequence`. Throws
 * `invalid_request` for what is no Ed25519 key and for a history that cannot be, `conflict` when the account has this
 * key or label.
 */
export function importName(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey'>,
  caller: Caller,
  { key, sequence = 0, history = [], ...settings }: ImportedName,
): Promise<JudgedName> {
  const records = readHistory(history, sequence)
  return addName(services, caller, settings, { key: readNameKey(key), sequence, records, action: 'name.imported' })
}

function readHistory(history: readonly Earlier[], last: number): EarlierRecord[] {
  const numbers = new Set<number>()
  return history.map(({ sequence, value, publishedAt, validUntil, ttlSeconds, rolledBackTo = null }) => {
    if (sequence > last || numbers.has(sequence))
      throw new AppError(
        'invalid_request',
        `history: the number ${sequence} is there twice, or above \`sequence\`, which is ${last}.`,
      )
    numbers.add(sequence)
    return {
      sequence,
      value: readTarget(value).value,
      rolled_back_to: rolledBackTo,
      published_at: publishedAt,
      valid_until: validUntil,
      ttl_ms: ttlSeconds * 1_000,
      actor_kind: 'import',
      actor_id: null,
    }
  })
}

/** The key of a name as other programs read it. */
export interface ExportedName {
  readonly name: string
  readonly pem: string
  readonly protobuf: string
  readonly sequence: number
}

/**
 * Gives the key of a name away, and says so in the audit log and at the name. A person gives the password again. Throws
 * `not_found`, `sign_in_failed`, `invalid_request` without a password, `conflict` when the key cannot be read.
 */
export async function exportName(
  services: Pick<Services, 'db' | 'clock' | 'newId' | 'valueKey' | 'signInFailures' | 'installation'>,
  caller: Caller,
  { id, password }: { id: string; password?: string | undefined },
): Promise<ExportedName> {
  const { db, clock, valueKey } = services
  // Nobody is asked for a password for what is not there.
  await getName(services, caller, id)
  if (caller.user !== undefined) {
    if (password === undefined)
      throw new AppError('invalid_request', 'password: is required, because the key of a name leaves this server.')
    await provePassword(services, caller, password)
  }
  return db.write(async (tx) => {
    const row = await getLocked(tx, caller, id)
    const key = openSeed(valueKey, row)
    await updateName(tx, id, { key_exported_at: clock.now() })
    await recordChange(tx, services, caller, row, 'name.keyExported')
    return { name: row.name, ...writeNameKey(key), sequence: row.sequence }
  })
}
