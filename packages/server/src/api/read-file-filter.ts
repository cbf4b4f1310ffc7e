import { z } from 'zod'
import type { FileFilter } from '../files/filters/file-filter.ts'
import { keyvalueOperators, type KeyvalueCondition } from '../files/filters/keyvalue-condition.ts'
import { parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'

type Query = Readonly<Record<string, unknown>>

/** Conditions that one list may carry: each costs a look into the key-values. */
const maxConditions = 20

const Condition = z.object({
  value: z.union([z.string(), z.number(), z.boolean()]),
  op: z.enum(keyvalueOperators).default('eq'),
  secondValue: z.union([z.string(), z.number(), z.boolean()]).optional(),
})

/** A CID to look for in any spelling. What is no CID no file has: lists answer empty where that is right. */
export function readCidFilter(text: string): FileFilter['cid'] {
  try {
    const { multihash, codec } = parseCid(text)
    return { multihash, codec }
  } catch (error) {
    if (error instanceof AppError) return 'none'
    throw error
  }
}

/** `metadata[name]` of pinList. */
export function readMetadataName(query: Query): string | undefined {
  const name = query['metadata[name]']
  return typeof name === 'string' && name !== '' ? name.slice(0, 1_024) : undefined
}

/** `keyvalues[k]=v` and the older `metadata[k]=v` of v3: equality, several are ANDed. */
export function readKeyvalueEqualities(query: Query): KeyvalueCondition[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const key = /^(?:keyvalues|metadata)\[(.+)\]$/s.exec(name)?.[1]
    if (key === undefined) return []
    if (typeof value !== 'string') throw new AppError('invalid_request', `${name}: must be given once`)
    return [{ key, op: 'eq' as const, value }]
  })
}

/** `metadata[keyvalues]={"k":{"value","op"}}` and `metadata[keyvalues][k]={"value","op"}` of pinList. */
export function readKeyvalueFilters(query: Query): KeyvalueCondition[] {
  const found: KeyvalueCondition[] = []
  for (const [name, value] of Object.entries(query)) {
    if (name !== 'metadata[keyvalues]' && !name.startsWith('metadata[keyvalues][')) continue
    if (typeof value !== 'string') throw new AppError('invalid_request', `${name}: must be given once`)
    if (value === '') continue
    const single = /^metadata\[keyvalues\]\[(.+)\]$/s.exec(name)?.[1]
    const parsed = parseObject(name, value)
    const conditions = single === undefined ? parsed : { [single]: parsed }
    for (const [key, condition] of Object.entries(conditions)) found.push(readCondition(name, key, condition))
  }
  if (found.length > maxConditions)
    throw new AppError('invalid_request', `metadata[keyvalues]: at most ${maxConditions} conditions`)
  return found
}

function parseObject(name: string, text: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid_request', `${name}: is not JSON`, { cause })
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new AppError('invalid_request', `${name}: must be a JSON object`)
  return parsed as Record<string, unknown> // checked in the line above
}

function readCondition(name: string, key: string, condition: unknown): KeyvalueCondition {
  const read = Condition.safeParse(condition)
  if (!read.success) {
    const why = read.error.issues[0]
    throw new AppError(
      'invalid_request',
      `${name}: ${key}${why === undefined ? '' : `.${why.path.join('.')}: ${why.message}`}. A condition is {"value": ..., "op": one of ${keyvalueOperators.join(', ')}}.`,
    )
  }
  const { value, op, secondValue } = read.data
  if ((op === 'between' || op === 'notBetween') && secondValue === undefined)
    throw new AppError('invalid_request', `${name}: ${key}.secondValue: ${op} needs it`)
  return { key, op, value, ...(secondValue === undefined ? {} : { secondValue }) }
}
