import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import { AppError } from '../lib/errors.ts'
import { isRangeWithin, readRange } from './address-ranges.ts'

/**
 * The bounds of a new key: what is asked for, and of its parent's what is not asked for otherwise. Throws
 * `scope_not_held` when something asked for is wider than what the parent is bound to, `invalid_request` for an address
 * that is none. Undefined: no bounds.
 */
export function narrowBounds(
  parent: KeyBounds | undefined,
  asked: KeyBounds | null | undefined,
): KeyBounds | undefined {
  for (const range of asked?.addresses ?? []) {
    if (readRange(range) !== undefined) continue
    throw new AppError('invalid_request', `bounds.addresses: ${range} is no address and no range such as 10.0.0.0/8.`)
  }
  const wider = parent === undefined || asked == null ? undefined : findWider(parent, asked)
  if (wider !== undefined) {
    throw new AppError(
      'scope_not_held',
      `bounds.${wider}: wider than what the key it is made with is bound to. A child is bound at least as closely.`,
    )
  }
  const bounds = { ...parent, ...withoutEmpty(asked ?? {}) }
  return Object.keys(bounds).length === 0 ? undefined : bounds
}

/** Whether content of this type may be uploaded: `image/png` by itself or by `image/*`. */
export function matchesType(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('/*') ? type.startsWith(pattern.slice(0, -1)) : pattern.toLowerCase() === type,
  )
}

function findWider(parent: KeyBounds, asked: KeyBounds): string | undefined {
  const isListWider = (name: 'origins' | 'groups') => {
    const held = parent[name]
    return held !== undefined && asked[name]?.some((each) => !held.includes(each)) === true
  }
  const isNumberWider = (name: 'maxBytes' | 'maxFileBytes') => (asked[name] ?? 0) > (parent[name] ?? Infinity)
  const { addresses, types } = parent
  if (addresses !== undefined && asked.addresses?.some((range) => !isRangeWithin(range, addresses))) return 'addresses'
  if (types !== undefined && asked.types?.some((type) => !isTypeWithin(type, types))) return 'types'
  for (const name of ['origins', 'groups'] as const) if (isListWider(name)) return name
  return (['maxBytes', 'maxFileBytes'] as const).find(isNumberWider)
}

function isTypeWithin(pattern: string, held: readonly string[]): boolean {
  return held.includes(pattern) || (!pattern.endsWith('/*') && matchesType(held, pattern))
}

/** `own: false` says nothing: what the parent is bound to stays. */
function withoutEmpty({ own, ...bounds }: KeyBounds): KeyBounds {
  const given = Object.fromEntries(Object.entries(bounds).filter(([, value]) => value !== undefined))
  return own === true ? { ...given, own } : given
}
