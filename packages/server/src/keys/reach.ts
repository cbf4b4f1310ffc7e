import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Caller, Reach } from '../caller.ts'
import { AppError } from '../lib/errors.ts'

/**
 * The condition on a row of `files` that a caller of this reach may see and change it. Whatever lists, reads or changes
 * files and pins asks for it beside the account; what is beyond is answered as what does not exist.
 */
export function withinReach({ owner, groups }: Reach): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = []
  if (owner !== undefined) conditions.push(sql`${ownerColumn(owner)} = ${owner.keyId}`)
  if (groups !== undefined) conditions.push(sql`files.group_id in (${sql.join(groups)})`)
  return sql`(${sql.join(conditions, sql` and `)})`
}

/** The column of `files` that the key of a reach stands in. */
export function ownerColumn({ level }: NonNullable<Reach['owner']>): RawBuilder<string> {
  return sql.ref(`files.own_${level}`)
}

/**
 * The condition on a row of `keys`, the one that made something, that a caller with a reach sees it: made with its key and
 * those below it, or with the key with `own` that it stands under. Undefined for a caller that sees all.
 */
export function madeWithinReach({ reach, key }: Pick<Caller, 'reach' | 'key'>): RawBuilder<SqlBool> | undefined {
  if (reach === undefined) return undefined
  const { owner } = reach
  if (owner !== undefined) return sql`${sql.ref(`keys.own_${owner.level}`)} = ${owner.keyId}`
  if (key === undefined) return sql`false`
  // Ids are of fixed length, so that none stands in another.
  return sql`(keys.id = ${key.id} or keys.ancestors like ${`%"${key.id}"%`})`
}

/**
 * The group that a file of this caller goes to: the one asked for, or the only one that its key is bound to. Throws
 * `outside_bounds` when the key is bound to others.
 */
export function placeInGroup({ reach }: Pick<Caller, 'reach'>, asked: string | null): string | null {
  const groups = reach?.groups
  if (groups === undefined) return asked
  const [only, ...others] = groups
  if (asked === null && only !== undefined && others.length === 0) return only
  if (asked !== null && groups.includes(asked)) return asked
  throw new AppError(
    'outside_bounds',
    `This key is bound to groups: name one of them for what it uploads (${groups.join(', ')}).`,
  )
}
