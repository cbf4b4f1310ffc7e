import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { type KeyvalueValue, numberOf } from '../keyvalues.ts'

/** The operators of pinList; v3 knows `eq` alone. */
export const keyvalueOperators = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'between',
  'notBetween',
  'like',
  'notLike',
  'iLike',
  'notILike',
  'regexp',
  'iRegexp',
] as const

/** One of them. */
type KeyvalueOperator = (typeof keyvalueOperators)[number]

/**
 * What is asked of the value that a file carries under `key`. A file without the key matches no operator, `ne` and the
 * `not…` ones included.
 *
 * - `eq`, `ne`: a number equals every stored value that reads as this number (5, "5", "5.0"); text and booleans equal
 *   what has the same text.
 * - `gt`, `gte`, `lt`, `lte`, `between`, `notBetween` (bounds inclusive): when what is asked for reads as a number or
 *   an ISO 8601 date, stored values that read so too are compared as numbers (dates as milliseconds), others do not
 *   match. Else stored texts and booleans are compared as text by code points, stored numbers do not match.
 * - `like`, `notLike`: the whole text against an SQL pattern (`%` any characters, `_` one, `\` takes the next as it is).
 *   `iLike`, `notILike`: the same without regard to case.
 * - `regexp`, `iRegexp`: RE2 syntax, found anywhere in the text.
 */
export interface KeyvalueCondition {
  readonly key: string
  readonly op: KeyvalueOperator
  readonly value: KeyvalueValue
  /** The upper bound of `between` and `notBetween`. */
  readonly secondValue?: KeyvalueValue | undefined
}

/** Operators whose value is a pattern; they are tested here and not by the database. */
export type PatternOperator = 'like' | 'notLike' | 'iLike' | 'notILike' | 'regexp' | 'iRegexp'

/** Whether a condition is one of these. */
export function isPattern(
  condition: KeyvalueCondition,
): condition is KeyvalueCondition & { readonly op: PatternOperator } {
  return /like|regexp/i.test(condition.op)
}

/** A condition that an index of key-values answers, as SQL over a row `kv`: the index, and what it is entered with. */
export interface KeyvalueRange {
  readonly index: 'file_keyvalues_value' | 'file_keyvalues_number'
  readonly where: RawBuilder<SqlBool>
  /** Whether entries of the index come in the order of files: then all of them have one value. */
  readonly isOrdered: boolean
}

/** How the index finds what may match. Everything that matches is in the range, but not all of the range matches. */
export function keyvalueRange(condition: KeyvalueCondition): KeyvalueRange {
  const { key, op, value, secondValue } = condition
  const ofKey = sql<SqlBool>`kv.key = ${key}`
  if (op === 'eq') {
    return typeof value === 'number'
      ? {
          index: 'file_keyvalues_number',
          where: sql`${ofKey} and kv.number = ${value} and kv.number is not null`,
          isOrdered: true,
        }
      : { index: 'file_keyvalues_value', where: sql`${ofKey} and kv.value = ${String(value)}`, isOrdered: true }
  }
  if (op === 'ne' || op === 'notBetween' || isPattern(condition)) {
    return { index: 'file_keyvalues_value', where: ofKey, isOrdered: false }
  }
  const isNumber = operands(value, secondValue).every((operand) => typeof operand === 'number')
  return isNumber
    ? {
        index: 'file_keyvalues_number',
        where: sql`${ofKey} and kv.number is not null and ${orderSql(condition)}`,
        isOrdered: false,
      }
    : { index: 'file_keyvalues_value', where: sql`${ofKey} and ${orderSql(condition)}`, isOrdered: false }
}

/** The condition on a row `kv` of its key, for all operators but the patterns. */
export function keyvalueSql(condition: KeyvalueCondition): RawBuilder<SqlBool> {
  const { op, value } = condition
  if (op === 'eq') return equalSql(value)
  if (op === 'ne') return sql`not coalesce(${equalSql(value)}, false)`
  return orderSql(condition)
}

function equalSql(value: KeyvalueValue): RawBuilder<SqlBool> {
  return typeof value === 'number' ? sql`kv.number = ${value}` : sql`kv.value = ${String(value)}`
}

function orderSql({ op, value, secondValue }: KeyvalueCondition): RawBuilder<SqlBool> {
  const [low = '', high = ''] = operands(value, secondValue)
  const column = typeof low === 'number' ? sql`kv.number` : sql`kv.value`
  const comparison = () => {
    switch (op) {
      case 'gt':
        return sql`${column} > ${low}`
      case 'gte':
        return sql`${column} >= ${low}`
      case 'lt':
        return sql`${column} < ${low}`
      case 'lte':
        return sql`${column} <= ${low}`
      case 'between':
        return sql`${column} between ${low} and ${high}`
      case 'notBetween':
        return sql`${column} not between ${low} and ${high}`
      default:
        throw new Error(`${op} does not compare by order`)
    }
  }
  return typeof low === 'number' ? sql`${comparison()}` : sql`kv.kind <> 'number' and ${comparison()}`
}

/** The operands as they are compared: all numbers, or all texts. */
function operands(value: KeyvalueValue, secondValue: KeyvalueValue | undefined): number[] | string[] {
  const given = secondValue === undefined ? [value] : [value, secondValue]
  const numbers = given.map(numberOf).filter((number) => number !== null)
  return numbers.length === given.length ? numbers : given.map(String)
}
