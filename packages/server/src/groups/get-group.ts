import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { findGroup, type GroupRow, holdGroup, isWithinReach, lockGroup } from './queries.ts'

/** Who asks for a group. */
export type GroupCaller = Pick<Caller, 'accountId' | 'reach'>

/** Which group: ids are looked up within an account and a network, so others' groups are as if absent. */
export interface GroupKey {
  readonly network: NetworkName
  readonly id: string
}

/**
 * A group of the account that the caller reaches: one that its key is bound to, else one that a key with `own` or those
 * below it made. Throws `not_found` for what is absent, deleted, beyond reach or somebody else's.
 */
export async function getGroup(
  { db }: Pick<Services, 'db'>,
  caller: GroupCaller,
  { network, id }: GroupKey,
): Promise<GroupRow> {
  return requireReached(db.read, caller, await findGroup(db.read, caller.accountId, network, id))
}

/** As `getGroup`, in a write that changes or deletes it. */
export async function getGroupLocked(tx: Db, caller: GroupCaller, { network, id }: GroupKey): Promise<GroupRow> {
  return requireReached(tx, caller, await lockGroup(tx, caller.accountId, network, id))
}

/**
 * Sees to it that a group into which this write puts files is there when the write ends; null is no group. Throws
 * `not_found`.
 */
export async function requireGroup(
  tx: Db,
  caller: GroupCaller,
  { network, id }: { readonly network: NetworkName; readonly id: string | null },
): Promise<void> {
  if (id !== null) await requireReached(tx, caller, await holdGroup(tx, caller.accountId, network, id))
}

/**
 * As `requireGroup` for an upload that began while the group was there: it gives the id, or null when the group was deleted
 * meanwhile, as files stay without a group then.
 */
export async function holdGroupIfThere(
  tx: Db,
  caller: GroupCaller,
  { network, id }: { readonly network: NetworkName; readonly id: string | null },
): Promise<string | null> {
  const group = id === null ? undefined : await holdGroup(tx, caller.accountId, network, id)
  return group !== undefined && (await isWithinReach(tx, caller, group)) ? id : null
}

/** Throws `outside_bounds` for a key that is bound to groups: it neither makes nor ends any, nor takes files out. */
export function requireNoGroupBound({ reach }: Pick<Caller, 'reach'>): void {
  if (reach?.groups === undefined) return
  throw new AppError('outside_bounds', 'This key is bound to groups: it makes and deletes none, and takes no file out.')
}

/** The same words for what never was, what is gone, and what belongs to somebody else. */
async function requireReached(db: Db, caller: GroupCaller, group: GroupRow | undefined): Promise<GroupRow> {
  if (group !== undefined && (await isWithinReach(db, caller, group))) return group
  throw new AppError('not_found', 'There is no such group in this account')
}
