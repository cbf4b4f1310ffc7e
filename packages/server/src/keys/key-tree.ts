import { covers, type Granted } from '@pinyon/contract/permissions.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { narrowBounds } from './bounds.ts'
import { idsAbove, readBounds, readGranted } from './key-cache.ts'
import { findKeyById, listKeysByIds, lockKeys, type KeyRow } from './queries.ts'

/** How many keys may stand above one. */
const maxAncestors = 8
/** How many of them, and itself, may have the bound `own`: each is a column of files. */
const maxOwners = 3

/** What a key inherits from its place in the tree. */
export interface KeyPlace {
  readonly parent_id: string | null
  readonly ancestors: string
  readonly bounds: string | null
  readonly own_1: string | null
  readonly own_2: string | null
  readonly own_3: string | null
}

/** A key as it is asked for, as far as its parent has a say in it. */
interface Wanted {
  readonly id: string
  readonly granted: Granted
  readonly bounds: KeyBounds | null | undefined
  readonly maxUses: number | null
  readonly expiresAt: number | null
}

/** The place of a key that has no parent. Throws as `narrowBounds`. */
export function rootPlace(id: string, asked: KeyBounds | null | undefined): KeyPlace {
  const bounds = narrowBounds(undefined, asked)
  return {
    parent_id: null,
    ancestors: '[]',
    bounds: bounds === undefined ? null : JSON.stringify(bounds),
    own_1: bounds?.own === true ? id : null,
    own_2: null,
    own_3: null,
  }
}

/** The key that a key made by this caller is a child of, on routes that name none: its own, unless it is an admin's. */
export async function findMaker(db: Db, caller: Caller): Promise<KeyRow | undefined> {
  if (caller.key === undefined) return undefined
  const row = await findKeyById(db, caller.accountId, caller.key.id)
  if (row === undefined) throw new AppError('not_found', 'This account has no such key.')
  const isFree = caller.granted.admin && row.parent_id === null && row.bounds === null
  return isFree ? undefined : row
}

/**
 * The place of a child of `parent`, and when it ends: with its parent at the latest. Throws `scope_not_held` when the
 * child would be more than its parent in anything, `conflict` when the parent has ended or the tree is too deep.
 */
export async function placeBelow(
  db: Db,
  parent: KeyRow,
  { id, granted, bounds: asked, maxUses, expiresAt }: Wanted,
  now: number,
): Promise<{ place: KeyPlace; expiresAt: number | null }> {
  const chain = [...(await listKeysByIds(db, idsAbove(parent.ancestors))), parent]
  requireUsable(chain, now)
  if (!covers(readGranted(parent.permissions), granted, routeList)) {
    throw tooMuch('permissions', 'more than the key it is made with may do')
  }
  const end = Math.min(...chain.map(({ expires_at }) => expires_at ?? Infinity))
  if (expiresAt !== null && expiresAt > end) throw tooMuch('expiresAt', 'later than the key it is made with ends')
  const left = Math.min(...chain.map(({ max_uses, uses }) => (max_uses === null ? Infinity : max_uses - uses)))
  if (maxUses !== null && maxUses > left) throw tooMuch('maxUses', `more than the ${left} that are left above it`)
  if (chain.length > maxAncestors) {
    throw new AppError(
      'conflict',
      `Keys stand at most ${maxAncestors} below one another, and this is the last of them.`,
    )
  }
  const bounds = narrowBounds(readBounds(parent).bounds, asked)
  const owners = ownersOf(parent)
  if (asked?.own === true) owners.push(id)
  if (owners.length > maxOwners) {
    throw new AppError('conflict', `At most ${maxOwners} keys with the bound own stand below one another.`)
  }
  const [own_1 = null, own_2 = null, own_3 = null] = owners
  return {
    place: {
      parent_id: parent.id,
      ancestors: JSON.stringify(chain.map((key) => key.id)),
      bounds: bounds === undefined ? null : JSON.stringify(bounds),
      own_1,
      own_2,
      own_3,
    },
    expiresAt: expiresAt ?? (end === Infinity ? null : end),
  }
}

/**
 * In the write that keeps a child: nothing above it may end meanwhile, or the child would live on. Throws `conflict`
 * when something has.
 */
export async function holdKeysAbove(tx: Db, { ancestors }: Pick<KeyPlace, 'ancestors'>, now: number): Promise<void> {
  const ids = idsAbove(ancestors)
  if (ids.length > 0) requireUsable(await lockKeys(tx, ids), now)
}

/** The key within whose tree a caller sees keys: its own, when it is a child or bound; undefined is all of them. */
export function treeOf({ key, bounds }: Pick<Caller, 'key' | 'bounds'>): string | undefined {
  return key !== undefined && (bounds !== undefined || (key.ancestors ?? []).length > 0) ? key.id : undefined
}

function ownersOf({ own_1, own_2, own_3 }: KeyRow): string[] {
  return [own_1, own_2, own_3].filter((owner) => owner !== null)
}

function requireUsable(chain: readonly KeyRow[], now: number): void {
  const ended = chain.find((key) => key.revoked_at !== null || (key.expires_at !== null && key.expires_at <= now))
  if (ended === undefined) return
  throw new AppError('conflict', `The key "${ended.name}" has ended, so no key can be made with it.`)
}

function tooMuch(field: string, words: string): AppError {
  return new AppError('scope_not_held', `${field}: ${words}. A child is at most what its parent is.`)
}
