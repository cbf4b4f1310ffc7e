import { covers } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { idsAbove, readGranted } from './key-cache.ts'
import { treeOf } from './key-tree.ts'
import { countKeys, listKeys, listPermissions, type KeyFilter } from './list-queries.ts'
import { findKeyById, findKeyByPublicPart, type KeyRow } from './queries.ts'

/** What a key is now. */
export type KeyState = 'active' | 'exhausted' | 'expired' | 'revoked'

/** Records of one page of Pinata's lists. */
const pageSize = 10

/** A page of Pinata's lists, and how many keys match in all. Past the end it is empty. */
export async function listKeysByOffset(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  { offset = 0, ...filter }: Omit<KeyFilter, 'state'> & { offset?: number | undefined },
): Promise<{ keys: KeyRow[]; count: number }> {
  const permissions = await listCoveredPermissions(db.read, caller)
  const which = { accountId: caller.accountId, permissions, tree: treeOf(caller), ...filter }
  return { keys: await listKeys(db.read, which, { offset, limit: pageSize }), count: await countKeys(db.read, which) }
}

/** A page of our own list, newest first. */
export async function pageKeys(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  caller: Caller,
  input: {
    state?: KeyState | undefined
    limited?: boolean | undefined
    name?: string | undefined
    within?: string | undefined
    parent?: string | undefined
    limit?: number | undefined
    pageToken?: string | undefined
  },
): Promise<{ keys: KeyRow[]; nextPageToken: string | null }> {
  const limit = input.limit ?? 100
  const rows = await listKeys(
    db.read,
    {
      accountId: caller.accountId,
      permissions: await listCoveredPermissions(db.read, caller),
      tree: treeOf(caller),
      within: input.within,
      parent: input.parent,
      name: input.name,
      limitedUse: input.limited,
      state: input.state === undefined ? undefined : { is: input.state, at: clock.now() },
    },
    { before: input.pageToken, limit: limit + 1 },
  )
  const keys = rows.slice(0, limit)
  return { keys, nextPageToken: rows.length > limit ? (keys.at(-1)?.id ?? null) : null }
}

/**
 * A key of the caller's account whose scopes the caller holds. Any other key is as if it were not there: `not_found`,
 * as for the lists.
 */
export async function getCoveredKey(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  which: { id: string } | { publicPart: string },
): Promise<KeyRow> {
  const row =
    'id' in which
      ? await findKeyById(db.read, caller.accountId, which.id)
      : await findKeyByPublicPart(db.read, caller.accountId, which.publicPart)
  const tree = treeOf(caller)
  const isBeyond = tree !== undefined && row !== undefined && row.id !== tree && !idsAbove(row.ancestors).includes(tree)
  if (row === undefined || isBeyond || !covers(caller.granted, readGranted(row.permissions), routeList)) {
    throw new AppError('not_found', 'This account has no such key.')
  }
  return row
}

/** What a key is at a moment. Revoked says more than expired, expired more than exhausted. */
export function stateOf(key: KeyRow, at: number): KeyState {
  if (key.revoked_at !== null) return 'revoked'
  if (key.expires_at !== null && key.expires_at <= at) return 'expired'
  return key.max_uses !== null && key.uses >= key.max_uses ? 'exhausted' : 'active'
}

/** The permissions, among those that keys of the account have, that the caller holds; undefined is all of them. */
async function listCoveredPermissions(db: Db, caller: Caller): Promise<string[] | undefined> {
  if (caller.granted.admin && caller.granted.operator) return undefined
  const all = await listPermissions(db, caller.accountId)
  return all.filter((permissions) => covers(caller.granted, readGranted(permissions), routeList))
}
