import type { EventKind } from '@pinyon/contract/event-kinds.ts'
import type { Db } from '../db/database.ts'
import { isHeard, type NewEvent, recordEvents } from '../events/record-event.ts'
import { type Keyvalues, readKeyvalues } from './keyvalues.ts'
import { type FileRow, findFilesById } from './queries.ts'
import { findKeyvalues } from './keyvalue-queries.ts'

/** How a file came to be, as events say it. `direct_upload` is Pinata's word. */
export type FileSource = 'direct_upload' | 'pin_by_cid' | 'import'

/** Tells that the account has a file more. Part of the write that adds it, which may know already whether anybody hears. */
export async function recordFileAdded(
  tx: Db,
  file: FileRow,
  keyvalues: Keyvalues,
  { source, at, isHeard: known }: { source: FileSource; at: number; isHeard?: boolean },
): Promise<void> {
  if (!(known ?? (await isHeard(tx, { accountId: file.account_id, at })))) return
  const isPinned = file.source === 'cid'
  const added = eventOf(file, 'added', at, { object: objectOf(file, keyvalues), source })
  await recordEvents(tx, isPinned ? [added, { ...added, kind: 'pin.pinned' }] : [added])
}

/** Tells that pins by CID hold their content now. Part of the write that made them hold it. */
export async function recordFilesPinned(tx: Db, ids: readonly string[], at: number): Promise<void> {
  const files = await heardFiles(tx, await findFilesById(tx, ids), at)
  const keyvalues = await findKeyvalues(tx, idsOf(files))
  for (const file of files) {
    const values = readKeyvalues(keyvalues.get(file.id) ?? [])
    await recordFileAdded(tx, file, values, { source: 'pin_by_cid', at, isHeard: true })
  }
}

/** Tells that pins by CID were given up, and why. Part of the write that does so. */
export async function recordPinsFailed(
  tx: Db,
  ids: readonly string[],
  { reason, detail, at }: { reason: string; detail: string | null; at: number },
): Promise<void> {
  const files = await heardFiles(tx, await findFilesById(tx, ids), at)
  const keyvalues = await findKeyvalues(tx, idsOf(files))
  await recordEvents(
    tx,
    files.map((file) => ({
      ...eventOf(file, 'added', at, {
        object: objectOf(file, readKeyvalues(keyvalues.get(file.id) ?? [])),
        reason: { code: reason, detail },
      }),
      kind: 'pin.failed' as const,
    })),
  )
}

/** A file and what was changed about it; `keyvalues` are undefined when they were left alone. */
export interface ChangedFile {
  readonly before: FileRow
  readonly after: FileRow
  readonly keyvalues: { readonly before: Keyvalues; readonly after: Keyvalues }
}

/**
 * Tells that a file was changed: `previous_attributes` holds what was different before, of name, key-values and group.
 * Nothing is told when none of them is different. Part of the write that changes it.
 */
export async function recordFileUpdated(tx: Db, { before, after, keyvalues }: ChangedFile, at: number): Promise<void> {
  const previous = {
    ...(before.name === after.name ? {} : { name: before.name }),
    ...(isSame(keyvalues.before, keyvalues.after) ? {} : { keyvalues: asText(keyvalues.before) }),
    ...(before.group_id === after.group_id ? {} : { group_id: before.group_id }),
  }
  if (Object.keys(previous).length === 0) return
  if (!(await isHeard(tx, { accountId: after.account_id, at }))) return
  const data = { object: objectOf(after, keyvalues.after), previous_attributes: previous }
  await recordEvents(tx, [eventOf(after, 'updated', at, data)])
}

/** Tells that files are in no group any more; `files` are as they are now. Part of the write that took them out. */
export async function recordGroupLeft(tx: Db, left: readonly FileRow[], groupId: string, at: number): Promise<void> {
  const files = await heardFiles(tx, left, at)
  const keyvalues = await findKeyvalues(tx, idsOf(files))
  await recordEvents(
    tx,
    files.map((file) =>
      eventOf(file, 'updated', at, {
        object: objectOf(file, readKeyvalues(keyvalues.get(file.id) ?? [])),
        previous_attributes: { group_id: groupId },
      }),
    ),
  )
}

/** Tells that files are gone. Part of the write that ended them; their key-values are still there. */
export async function recordFilesDeleted(tx: Db, deleted: readonly FileRow[], at: number): Promise<void> {
  const files = await heardFiles(tx, deleted, at)
  const keyvalues = await findKeyvalues(tx, idsOf(files))
  await recordEvents(
    tx,
    files.map((file) =>
      eventOf(file, 'deleted', at, { object: objectOf(file, readKeyvalues(keyvalues.get(file.id) ?? [])) }),
    ),
  )
}

/** Those of accounts to which somebody listens. */
async function heardFiles(tx: Db, files: readonly FileRow[], at: number): Promise<FileRow[]> {
  const heard = new Map<string, boolean>()
  for (const { account_id: accountId } of files) {
    if (!heard.has(accountId)) heard.set(accountId, await isHeard(tx, { accountId, at }))
  }
  return files.filter((file) => heard.get(file.account_id))
}

function idsOf(files: readonly FileRow[]): string[] {
  return files.map(({ id }) => id)
}

function eventOf(file: FileRow, what: 'added' | 'updated' | 'deleted', at: number, data: object): NewEvent {
  const kind: EventKind = file.network === 1 ? `ipfs.public.file_${what}` : `ipfs.private.file_${what}`
  return { accountId: file.account_id, kind, at, data, keyId: file.created_by_key, groupId: file.group_id }
}

/** The file as Pinata's webhooks show it; key-values as text, as on v3. */
function objectOf(file: FileRow, keyvalues: Keyvalues): object {
  return {
    id: file.id,
    cid: file.cid,
    name: file.name,
    size: file.size_bytes,
    mime_type: file.mime_type,
    number_of_files: file.number_of_files,
    group_id: file.group_id,
    keyvalues: asText(keyvalues),
    created_at: new Date(file.created_at).toISOString(),
  }
}

function asText(keyvalues: Keyvalues): Record<string, string> {
  return Object.fromEntries(Object.entries(keyvalues).map(([key, value]) => [key, String(value)]))
}

function isSame(a: Keyvalues, b: Keyvalues): boolean {
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
