import { sql, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { escapeLike, foldText } from '../lib/fold.ts'
import { type KeyRow, isBelow } from './queries.ts'

/** Which keys of an account a list shows. */
export interface KeyFilter {
  readonly revoked?: boolean | undefined
  readonly limitedUse?: boolean | undefined
  readonly exhausted?: boolean | undefined
  /** Contained in the name, without case. */
  readonly name?: string | undefined
  /** Only this key and those below it. */
  readonly tree?: string | undefined
  /** Only those below this key, or only its children. */
  readonly within?: string | undefined
  readonly parent?: string | undefined
  readonly state?: { readonly is: 'active' | 'exhausted' | 'expired' | 'revoked'; readonly at: number } | undefined
}

type WhichKeys = KeyFilter & { readonly accountId: string; readonly permissions: readonly string[] | undefined }

/** Keys, newest first: from `offset` on, or those made before the key `before`. */
export async function listKeys(
  db: Db,
  which: WhichKeys,
  { offset, before, limit }: { offset?: number; before?: string | undefined; limit: number },
): Promise<KeyRow[]> {
  if (which.permissions?.length === 0) return []
  let query = db.selectFrom('keys').selectAll().where(conditionOf(which)).orderBy('id', 'desc').limit(limit)
  if (offset !== undefined) query = query.offset(offset)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}

/** How many keys match. */
export async function countKeys(db: Db, which: WhichKeys): Promise<number> {
  if (which.permissions?.length === 0) return 0
  const { count } = await db
    .selectFrom('keys')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(conditionOf(which))
    .executeTakeFirstOrThrow()
  return count
}

/** The different permissions that keys of an account have, as they are stored. */
export async function listPermissions(db: Db, accountId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('keys')
    .select('permissions')
    .distinct()
    .where('account_id', '=', accountId)
    .execute()
  return rows.map(({ permissions }) => permissions)
}

function conditionOf({
  accountId,
  permissions,
  tree,
  within,
  parent,
  revoked,
  limitedUse,
  exhausted,
  name,
  state,
}: WhichKeys) {
  return (eb: ExpressionBuilder<Schema, 'keys'>) => {
    const usedUp = eb.and([eb('max_uses', 'is not', null), eb('uses', '>=', eb.ref('max_uses'))])
    const usable = eb.or([eb('max_uses', 'is', null), eb('uses', '<', eb.ref('max_uses'))])
    const isRevoked = (yes: boolean) => eb('revoked_at', yes ? 'is not' : 'is', null)
    const all: Expression<SqlBool>[] = [eb('account_id', '=', accountId)]
    if (tree !== undefined) all.push(eb.or([eb('id', '=', tree), isBelow(accountId, tree)]))
    if (within !== undefined) all.push(isBelow(accountId, within))
    if (parent !== undefined) all.push(eb('parent_id', '=', parent))
    if (permissions !== undefined) all.push(eb('permissions', 'in', permissions))
    if (revoked !== undefined) all.push(isRevoked(revoked))
    if (limitedUse !== undefined) all.push(eb('max_uses', limitedUse ? 'is not' : 'is', null))
    if (exhausted !== undefined) all.push(exhausted ? usedUp : usable)
    if (name !== undefined) {
      all.push(sql<SqlBool>`name_folded like ${`%${escapeLike(foldText(name))}%`} escape '\\'`)
    }
    if (state !== undefined) {
      const over = eb.and([eb('expires_at', 'is not', null), eb('expires_at', '<=', state.at)])
      const goesOn = eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', state.at)])
      all.push(isRevoked(state.is === 'revoked'))
      if (state.is === 'expired') all.push(over)
      if (state.is === 'exhausted') all.push(goesOn, usedUp)
      if (state.is === 'active') all.push(goesOn, usable)
    }
    return eb.and(all)
  }
}
