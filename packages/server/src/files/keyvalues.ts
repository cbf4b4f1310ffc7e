import type { Insertable, Selectable } from 'kysely'
import type { Limits } from '../config/config.ts'
import type { Db } from '../db/database.ts'
import type { FileKeyvalueTable } from '../db/file-tables.ts'
import { AppError } from '../lib/errors.ts'
import { deleteKeyvalue, upsertKeyvalue } from './keyvalue-queries.ts'

/** What a key may be set to. Legacy routes answer it as it was sent, v3 as text. */
export type KeyvalueValue = string | number | boolean

/** The key-values of a file. */
export type Keyvalues = Readonly<Record<string, KeyvalueValue>>

/** A change of key-values: what is named is set, null removes. */
export type KeyvaluesChange = Readonly<Record<string, KeyvalueValue | null>>

/** Whose key-values. */
type Owner = Pick<Selectable<FileKeyvalueTable>, 'file_id' | 'account_id' | 'network'>

/** The rows of a file's key-values. */
export function keyvalueRows(owner: Owner, keyvalues: Keyvalues): Insertable<FileKeyvalueTable>[] {
  return Object.entries(keyvalues).map(([key, value]) => keyvalueRow(owner, key, value))
}

function keyvalueRow(
  { file_id, account_id, network }: Owner,
  key: string,
  value: KeyvalueValue,
): Insertable<FileKeyvalueTable> {
  return { file_id, account_id, network, key, kind: typeof value, value: String(value), number: numberOf(value) }
}

/** Rows back as they were sent. Defined and not set, so that no key means anything to the object itself. */
export function readKeyvalues(
  rows: readonly Pick<Selectable<FileKeyvalueTable>, 'key' | 'kind' | 'value'>[],
): Record<string, KeyvalueValue> {
  return Object.fromEntries(rows.map(({ key, kind, value }) => [key, typed(kind, value)]))
}

/**
 * What ranges compare: the value of a number, of text that reads as a decimal number, and the milliseconds of text
 * that is an ISO 8601 date; null for everything else.
 */
export function numberOf(value: KeyvalueValue): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return null
  const text = value.trim()
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text)) {
    const number = Number(text)
    return Number.isFinite(number) ? number : null
  }
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.test(text)) return null
  const iso = text.replace(' ', 'T')
  // A time without a zone is UTC, not the server's.
  const time = Date.parse(/T/i.test(iso) && !/(Z|[+-]\d{2}:?\d{2})$/i.test(iso) ? `${iso}Z` : iso)
  return Number.isNaN(time) ? null : time
}

/**
 * Merges a change into the key-values that a file has and gives back what it has then. Throws `invalid_request` when these
 * are more than a file may carry.
 */
export async function changeKeyvalues(
  tx: Db,
  owner: Owner,
  before: Keyvalues,
  change: KeyvaluesChange,
  limits: Pick<Limits, 'keyvalues'>,
): Promise<Record<string, KeyvalueValue>> {
  const after = new Map<string, KeyvalueValue>(Object.entries(before))
  for (const [key, value] of Object.entries(change)) {
    if (value === null) {
      if (after.delete(key)) await deleteKeyvalue(tx, { file_id: owner.file_id, key })
    } else {
      after.set(key, value)
      await upsertKeyvalue(tx, keyvalueRow(owner, key, value))
    }
  }
  // What a pin was made with by the Pinning Services API may be more; it can be changed, and not grow.
  if (after.size > Math.max(limits.keyvalues, Object.keys(before).length)) throw tooMany(limits)
  return Object.fromEntries(after)
}

/** Throws `invalid_request` for more key-values than a new file may carry. */
export function requireKeyvalues(limits: Pick<Limits, 'keyvalues'>, keyvalues: Keyvalues): void {
  if (Object.keys(keyvalues).length > limits.keyvalues) throw tooMany(limits)
}

function tooMany({ keyvalues }: Pick<Limits, 'keyvalues'>): AppError {
  return new AppError('invalid_request', `keyvalues: a file may carry at most ${keyvalues} of them`)
}

function typed(kind: string, value: string): KeyvalueValue {
  if (kind === 'number') return Number(value)
  return kind === 'boolean' ? value === 'true' : value
}
