import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import { plural } from '../lib/plural.ts'

/** The bounds of a key as they stand in the form: lists are a line or a comma each. */
export interface BoundsDraft {
  readonly own: boolean
  readonly addresses: string
  readonly origins: string
  readonly groups: string
  readonly types: string
  /** Sizes as they were typed, such as `10 GB`. */
  readonly maxBytes: string
  readonly maxFileBytes: string
}

/** No bounds. */
export const noBounds: BoundsDraft = {
  own: false,
  addresses: '',
  origins: '',
  groups: '',
  types: '',
  maxBytes: '',
  maxFileBytes: '',
}

/** The bounds of a key, to be made anew in the form. */
export function boundsDraftOf(bounds: KeyBounds | undefined | null): BoundsDraft {
  const { own = false, addresses = [], origins = [], groups = [], types = [], maxBytes, maxFileBytes } = bounds ?? {}
  return {
    own,
    addresses: addresses.join('\n'),
    origins: origins.join('\n'),
    groups: groups.join('\n'),
    types: types.join('\n'),
    maxBytes: maxBytes === undefined ? '' : String(maxBytes),
    maxFileBytes: maxFileBytes === undefined ? '' : String(maxFileBytes),
  }
}

/** What of the bounds is wrong, in words. */
export type BoundsProblems = { readonly [field in 'maxBytes' | 'maxFileBytes']?: string }

/** The bounds to send; undefined: none. */
export function presentBounds(draft: BoundsDraft): KeyBounds | undefined {
  const lists = (['addresses', 'origins', 'groups', 'types'] as const).flatMap((name) => {
    const entries = draft[name].split(/[\s,]+/).filter((entry) => entry !== '')
    return entries.length === 0 ? [] : [[name, entries] as const]
  })
  const sizes = (['maxBytes', 'maxFileBytes'] as const).flatMap((name) => {
    const bytes = readSize(draft[name])
    return typeof bytes === 'number' ? [[name, bytes] as const] : []
  })
  const bounds: KeyBounds = { ...(draft.own ? { own: true } : {}), ...Object.fromEntries([...lists, ...sizes]) }
  return Object.keys(bounds).length === 0 ? undefined : bounds
}

/** What is wrong with them; the server knows the rest. */
export function findBoundsProblems(draft: BoundsDraft): BoundsProblems {
  const wrong = 'Write a size such as 500 MB or 10 GiB, or leave it empty.'
  return {
    ...(readSize(draft.maxBytes) === 'wrong' ? { maxBytes: wrong } : {}),
    ...(readSize(draft.maxFileBytes) === 'wrong' ? { maxFileBytes: wrong } : {}),
  }
}

/** Bounds in sentences. */
export function describeBounds(bounds: KeyBounds | undefined | null): readonly string[] {
  if (bounds === undefined || bounds === null) return []
  const { own, addresses, origins, groups, types, maxBytes, maxFileBytes } = bounds
  return [
    ...(own === true ? ['It sees and changes only files that it or its children made.'] : []),
    ...(addresses === undefined ? [] : [`It works only from ${or.format(addresses)}.`]),
    ...(origins === undefined ? [] : [`It works only in pages of ${or.format(origins)}.`]),
    ...(groups === undefined
      ? []
      : [`It sees and changes only files of ${plural(groups.length, 'group')}: ${groups.join(', ')}.`]),
    ...(types === undefined ? [] : [`It uploads only ${or.format(types)}.`]),
    ...(maxFileBytes === undefined ? [] : [`One upload has at most ${number.format(maxFileBytes)} bytes.`]),
    ...(maxBytes === undefined ? [] : [`All its uploads have at most ${number.format(maxBytes)} bytes.`]),
  ]
}

const or = new Intl.ListFormat('en', { type: 'disjunction' })
const number = new Intl.NumberFormat('en')

const units: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 } // prettier-ignore

function readSize(text: string): number | undefined | 'wrong' {
  if (text.trim() === '') return undefined
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]{0,3})$/i.exec(text.trim())
  const bytes = Math.round(Number(match?.[1]) * (units[(match?.[2] ?? '?').toLowerCase()] ?? Number.NaN))
  return Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : 'wrong'
}
