import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { nameContainsByScan, textContains } from '../../db/name-search.ts'
import type { Db } from '../../db/runner.ts'
import { formatCid, parseCid } from '../../ipfs/cid.ts'
import type { Reach } from '../../caller.ts'
import { ownerColumn } from '../../keys/reach.ts'
import { foldText } from '../../lib/fold.ts'
import type { FileFilter, FileScope } from './file-filter.ts'
import { isPattern, keyvalueRange, keyvalueSql, type KeyvalueCondition } from './keyvalue-condition.ts'
import { compilePattern } from './patterns.ts'

/**
 * Entries of an index that together hold everything a condition lets through. Over `files` the states are part of the
 * entries and each state is one run of them; over `file_keyvalues` (as `kv`) they are not.
 */
export interface IndexRange {
  readonly table: 'files' | 'file_keyvalues'
  readonly index: string
  readonly where: RawBuilder<SqlBool> | undefined
  /** Entries come in the order of file ids, so that a list can walk them. */
  readonly isOrdered: boolean
  /** Every entry meets the condition. */
  readonly isExact: boolean
}

/** One thing that is asked of a file. */
export interface Condition {
  /** How a person calls the filter: for messages. */
  readonly name: string
  /** The condition on a row of `files`; for a pattern, all that the database can say. */
  readonly sql: RawBuilder<SqlBool>
  /** What the database cannot say: a test of the value of a key. */
  readonly test?: { readonly key: string; readonly matches: (stored: string) => boolean }
  readonly range?: IndexRange
  /** A folded text that the name contains: the trigram index can look for it. */
  readonly needle?: string
}

/** Every file of the scope's account, network and states; `files_waiting` stands for what is queued too. */
export function wholeList(scope: FileScope): IndexRange {
  const index = isWaiting(scope) ? 'files_waiting' : 'files_list'
  return { table: 'files', index, where: undefined, isOrdered: true, isExact: true }
}

/** Whether what is listed waits to be fetched: most indexes of files have no entries of it. */
function isWaiting({ states }: FileScope): boolean {
  return states.includes('waiting')
}

/**
 * What a scope asks beyond account, network and states; the first are the most selective as a rule. Throws
 * `invalid_request` for a pattern that is none.
 */
export function conditionsOf(db: Db, scope: FileScope): Condition[] {
  const conditions = [
    ...reachConditions(scope.reach),
    ...contentConditions(db, scope),
    ...(scope.keyvalues ?? []).map(keyvalueConditionOf),
    ...nameConditions(db, scope),
    ...equalityConditions(scope),
    ...rangeConditions(scope),
  ]
  return isWaiting(scope) ? conditions.map(withoutIndexOfHeld) : conditions
}

/** The same condition for files that wait, by an index that has entries of them. */
function withoutIndexOfHeld({ range, needle: _needle, ...condition }: Condition): Condition {
  if (range === undefined) return condition
  if (!ofHeld.has(range.index)) return { ...condition, range }
  if (range.index !== 'files_cid') return condition
  const where = sql<SqlBool>`${range.where ?? sql`true`} and pin_status is not null`
  return { ...condition, range: { ...range, index: 'files_pin_cid', where, isOrdered: false } }
}

const ofHeld = new Set(['files_cid', 'files_mime_type', 'files_group', 'files_size', 'files_created'])

function reachConditions(reach: Reach | undefined): Condition[] {
  const conditions: Condition[] = []
  if (reach?.owner !== undefined) {
    const { owner } = reach
    conditions.push(equality('own', sql`${ownerColumn(owner)} = ${owner.keyId}`, `files_own_${owner.level}`))
  }
  if (reach?.groups !== undefined) {
    const [only, ...others] = reach.groups
    conditions.push(
      only !== undefined && others.length === 0
        ? equality('groups', sql`group_id = ${only}`, 'files_group')
        : { name: 'groups', sql: sql`files.group_id in (${sql.join(reach.groups)})` },
    )
  }
  return conditions
}

function contentConditions(db: Db, { cid, cidContains }: FileFilter): Condition[] {
  const conditions: Condition[] = []
  if (cid !== undefined && cid !== 'none') {
    const where = sql<SqlBool>`multihash = ${cid.multihash} and codec = ${cid.codec}`
    conditions.push(equality('cid', where, 'files_cid'))
  }
  if (cidContains !== undefined) {
    conditions.push({
      name: 'hashContains',
      sql: textContains(db, sql.ref('files.cid'), cidContains),
      ...wholeCidRange(cidContains),
    })
  }
  return conditions
}

/** Old clients look for whole CIDs this way; one such is contained in the text of no other. */
function wholeCidRange(text: string): Pick<Condition, 'range'> {
  const cid = tryParseCid(text)
  if (cid === undefined || formatCid(cid) !== text) return {}
  const where = sql<SqlBool>`multihash = ${cid.multihash} and codec = ${cid.codec}`
  return { range: { table: 'files', index: 'files_cid', where, isOrdered: true, isExact: false } }
}

/** The CID that a text is; undefined when it is none. */
export function tryParseCid(text: string): ReturnType<typeof parseCid> | undefined {
  try {
    return parseCid(text)
  } catch {
    return undefined
  }
}

function keyvalueConditionOf(condition: KeyvalueCondition): Condition {
  const name = `the key-value ${JSON.stringify(condition.key)}`
  const { isOrdered, ...range } = keyvalueRange(condition)
  const holds = (what: RawBuilder<SqlBool>) =>
    // A value for each row, so that PostgreSQL makes no join of it.
    sql<SqlBool>`(select case when ${what} then 1 else 0 end
      from file_keyvalues kv where kv.file_id = files.id and kv.key = ${condition.key}) = 1`
  if (isPattern(condition)) {
    const matches = compilePattern(condition.op, condition.value, `metadata[keyvalues].${condition.key}`)
    return {
      name,
      sql: sql`true`, // a missing value fails the test
      test: { key: condition.key, matches },
      range: { table: 'file_keyvalues', ...range, isOrdered, isExact: false },
    }
  }
  return {
    name,
    sql: holds(keyvalueSql(condition)),
    range: { table: 'file_keyvalues', ...range, isOrdered, isExact: isOrdered },
  }
}

function nameConditions(db: Db, { nameContains }: FileFilter): Condition[] {
  if (nameContains === undefined) return []
  const needle = foldText(nameContains)
  return [{ name: 'name', sql: nameContainsByScan(db, needle), needle }]
}

function equalityConditions({ group, mimeType }: FileFilter): Condition[] {
  const conditions: Condition[] = []
  if (group !== undefined) {
    conditions.push(
      group === null
        ? equality('group', sql`group_id is null`, 'files_group')
        : equality('group', sql`group_id = ${group}`, 'files_group'),
    )
  }
  if (mimeType !== undefined) conditions.push(equality('mimeType', sql`mime_type = ${mimeType}`, 'files_mime_type'))
  return conditions
}

function equality(name: string, where: RawBuilder<SqlBool>, index: string): Condition {
  return { name, sql: where, range: { table: 'files', index, where, isOrdered: true, isExact: true } }
}

function rangeConditions(filter: FileFilter): Condition[] {
  const { createdFrom, createdTo, releasedFrom, releasedTo, sizeMin, sizeMax } = filter
  return [
    ...between('pinStart and pinEnd', 'created_at', 'files_created', createdFrom, createdTo),
    ...between('unpinStart and unpinEnd', 'released_at', undefined, releasedFrom, releasedTo),
    ...between('pinSizeMin and pinSizeMax', 'size_bytes', 'files_size', sizeMin, sizeMax),
  ]
}

function between(name: string, column: string, index: string | undefined, low?: number, high?: number): Condition[] {
  if (low === undefined && high === undefined) return []
  const sides = [
    ...(low === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} >= ${low}`]),
    ...(high === undefined ? [] : [sql<SqlBool>`${sql.ref(column)} <= ${high}`]),
  ]
  const where = sql<SqlBool>`${sql.join(sides, sql` and `)}`
  const range =
    index === undefined ? {} : { range: { table: 'files', index, where, isOrdered: false, isExact: true } as const }
  return [{ name, sql: where, ...range }]
}
