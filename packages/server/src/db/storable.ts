import { AppError } from '../lib/errors.ts'

/** What a column can hold. Times are numbers, booleans 0 or 1. */
export type Storable = string | number | bigint | Uint8Array | null

/**
 * Throws `invalid_request` for text that PostgreSQL cannot keep (NUL, halves of surrogate pairs), so that both
 * databases refuse the same.
 */
function requireStorableText(text: string): void {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new AppError('invalid_request', 'Text must be valid Unicode without NUL characters')
  }
}

/**
 * Looks at what is about to be bound. Text and numbers may come from a client, so what no column can hold is
 * `invalid_request`; a value of another type is a mistake of ours.
 */
export function requireStorable(parameters: readonly unknown[]): asserts parameters is readonly Storable[] {
  for (const value of parameters) {
    if (typeof value === 'string') {
      requireStorableText(value)
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw new AppError('invalid_request', 'A number is out of range')
    } else if (typeof value === 'bigint') {
      if (BigInt.asIntN(64, value) !== value) throw new AppError('invalid_request', 'A number is out of range')
    } else if (value !== null && !(value instanceof Uint8Array)) {
      throw new TypeError(`A ${value === undefined ? 'missing value' : typeof value} cannot be bound`)
    }
  }
}
