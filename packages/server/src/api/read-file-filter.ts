import type { FileListQuery, PinListQuery } from '@pinyon/contract/schemas/files.ts'
import { z } from 'zod'
import { tryParseCid } from '../files/filters/conditions.ts'
import type { FileFilter, ListedState } from '../files/filters/file-filter.ts'
import { type KeyvalueCondition, keyvalueOperators } from '../files/filters/keyvalue-condition.ts'
import { parseWith } from '../http/parse.ts'
import { AppError } from '../lib/errors.ts'

/** Key-values that one list may ask for. */
const maxConditions = 20

/**
 * The filter of a v3 list. `keyvalues[k]=v` and `metadata[k]=v` ask for equality. Text that is no CID is a CID that no
 * file has, so the list is empty and does not fail. Throws `invalid_request`, naming the field.
 */
export function readFileListFilter(query: z.infer<typeof FileListQuery>): FileFilter {
  const keyvalues = bracketed(query, /^(?:keyvalues|metadata)\[(.+)\]$/s).map(({ key, value }): KeyvalueCondition => ({
    key,
    op: 'eq',
    value,
  }))
  return {
    states: [query.cidPending === true ? 'waiting' : 'held'],
    cid: contentOf(query.cid),
    nameContains: given(query.name),
    group: query.group === 'null' ? null : given(query.group),
    mimeType: given(query.mimeType),
    keyvalues: bounded(keyvalues),
  }
}

/** The filter of pinList. Throws `invalid_request`, naming the field. */
export function readPinListFilter(query: z.infer<typeof PinListQuery>): FileFilter {
  return {
    states: statesOf[query.status ?? 'pinned'],
    cid: contentOf(given(query.cid)),
    cidContains: given(query.hashContains),
    nameContains: given(single(query, 'metadata[name]')),
    group: query.groupId === 'null' ? null : given(query.groupId),
    createdFrom: query.pinStart,
    createdTo: query.pinEnd,
    releasedFrom: query.unpinStart,
    releasedTo: query.unpinEnd,
    sizeMin: query.pinSizeMin,
    sizeMax: query.pinSizeMax,
    keyvalues: bounded([
      ...readConditions(given(single(query, 'metadata[keyvalues]'))),
      ...bracketed(query, /^metadata\[keyvalues\]\[(.+)\]$/s).map(({ key, name, value }) =>
        readCondition(key, parseJson(value, name), name),
      ),
    ]),
  }
}

const statesOf: Record<'pinned' | 'unpinned' | 'all', readonly ListedState[]> = {
  pinned: ['held'],
  unpinned: ['released'],
  all: ['held', 'released'],
}

type Query = Readonly<Record<string, unknown>>

/** Clients leave a filter empty when they mean none. */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function contentOf(text: string | undefined): FileFilter['cid'] {
  return text === undefined ? undefined : (tryParseCid(text.trim()) ?? 'none')
}

/** A parameter that the schema leaves alone, because its name is no identifier. */
function single(query: Query, name: string): string | undefined {
  const value = query[name]
  if (value === undefined || typeof value === 'string') return value
  throw new AppError('invalid_request', `${name}: is there more than once`)
}

function bracketed(query: Query, pattern: RegExp): { key: string; name: string; value: string }[] {
  return Object.keys(query).flatMap((name) => {
    const key = pattern.exec(name)?.[1]
    const value = key === undefined ? undefined : single(query, name)
    return key === undefined || value === undefined ? [] : [{ key, name, value }]
  })
}

function bounded(conditions: KeyvalueCondition[]): KeyvalueCondition[] {
  if (conditions.length <= maxConditions) return conditions
  throw new AppError('invalid_request', `metadata: at most ${maxConditions} key-values can be asked for at once`)
}

const scalar = z.union([z.string().max(4_096), z.number(), z.boolean()], 'must be a string, a number or a boolean')

const Condition = z
  .object({
    value: scalar,
    op: z.enum(keyvalueOperators, `must be one of ${keyvalueOperators.join(', ')}`).default('eq'),
    secondValue: scalar.optional(),
  })
  .refine(({ op, secondValue }) => !/between/i.test(op) || secondValue !== undefined, {
    path: ['secondValue'],
    message: 'is wanted by between and notBetween',
  })

function readConditions(json: string | undefined): KeyvalueCondition[] {
  if (json === undefined) return []
  const name = 'metadata[keyvalues]'
  const value = parseJson(json, name)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('invalid_request', `${name}: must be a JSON object: {"key":{"value":"v","op":"eq"}}`)
  }
  return Object.entries(value).map(([key, condition]) => readCondition(key, condition, `${name}.${key}`))
}

/** `{"value","op","secondValue"}`; a bare value is asked to be equal. */
function readCondition(key: string, json: unknown, name: string): KeyvalueCondition {
  const isBare = typeof json !== 'object' || json === null
  const { op, value, secondValue } = parseWith(
    z.object({ [name]: Condition }),
    { [name]: isBare ? { value: json } : json },
    'query',
  )[name] as z.infer<typeof Condition> // the schema has this one property
  return { key, op, value, ...(/between/i.test(op) ? { secondValue } : {}) }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // `metadata[keyvalues][env]=prod`
    if (name !== 'metadata[keyvalues]' && !/^\s*[{["]/.test(text)) return text
    throw new AppError('invalid_request', `${name}: is not valid JSON`, { cause })
  }
}
