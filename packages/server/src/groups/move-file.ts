import type { Db } from '../db/database.ts'
import { recordFileUpdated } from '../files/file-events.ts'
import { type FileKey, getHeldFile, noSuchFile } from '../files/get-file.ts'
import { setGroup } from '../files/group-queries.ts'
import { readKeyvalues } from '../files/keyvalues.ts'
import type { FileRow } from '../files/queries.ts'
import { findKeyvalues } from '../files/keyvalue-queries.ts'
import type { Services } from '../services.ts'
import { type GroupCaller, type GroupKey, requireGroup, requireNoGroupBound } from './get-group.ts'

type Needs = Pick<Services, 'db' | 'clock'>

/** Puts a file into a group of its network; it leaves the one that it was in. Throws `not_found`. */
export async function addToGroup(
  { db, clock }: Needs,
  caller: GroupCaller,
  group: GroupKey,
  fileId: string,
): Promise<void> {
  const now = clock.now()
  await db.write((tx) => moveFile(tx, caller, { network: group.network, id: fileId }, group.id, now))
}

/**
 * Takes a file out of a group; one that is not in it stays where it is. Throws `not_found`, and `outside_bounds` for a
 * key that is bound to groups.
 */
export async function removeFromGroup(
  { db, clock }: Needs,
  caller: GroupCaller,
  group: GroupKey,
  fileId: string,
): Promise<void> {
  const now = clock.now()
  await db.write(async (tx) => {
    await requireGroup(tx, caller, group)
    const file = await getHeldFile(tx, caller, { network: group.network, id: fileId }, now)
    requireNoGroupBound(caller)
    if (file.group_id === group.id) await changeGroup(tx, file, null, now)
  })
}

/** Puts a file into a group of its network, or into none, in the caller's write. Throws as the operations above. */
export async function moveFile(
  tx: Db,
  caller: GroupCaller,
  key: FileKey,
  groupId: string | null,
  now: number,
): Promise<void> {
  await requireGroup(tx, caller, { network: key.network, id: groupId })
  const file = await getHeldFile(tx, caller, key, now)
  if (groupId === null) requireNoGroupBound(caller)
  if (file.group_id !== groupId && !(await changeGroup(tx, file, groupId, now))) throw noSuchFile()
}

/** Writes down the group of a file, and tells of it. False when it is history by now. */
export async function changeGroup(tx: Db, file: FileRow, group: string | null, now: number): Promise<boolean> {
  if (!(await setGroup(tx, { id: file.id, group, now }))) return false
  if (file.state === 'held') {
    const values = readKeyvalues((await findKeyvalues(tx, [file.id])).get(file.id) ?? [])
    const changed = { before: file, after: { ...file, group_id: group }, keyvalues: { before: values, after: values } }
    await recordFileUpdated(tx, changed, now)
  }
  return true
}
