import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { addToTotals } from '../usage/queries.ts'
import { recordFilesPinned } from './file-events.ts'
import { changePinCounts, type PinCountChange, pinStatuses } from './pin-counts.ts'
import type { FileRow } from './queries.ts'

/** A file made by CID, as far as its status goes. */
export type PinnedByCid = Pick<FileRow, 'id' | 'account_id' | 'network' | 'created_at' | 'pin_status'>

/** What a fetch brought. */
export interface FetchedContent {
  readonly pinId: string
  readonly sizeBytes: number
  readonly numberOfFiles: number
  readonly mimeType: string
}

/**
 * Moves files of one account that wait or have failed to another status, and keeps the counts. Files that are not in
 * the status they were read in any more, because somebody removed or moved them meanwhile, are passed over. Among the
 * last statements of a write. Returns those that were moved.
 */
export async function changePinStatus<File extends PinnedByCid>(
  tx: Db,
  files: readonly File[],
  status: 'queued' | 'pinning' | 'failed',
  now: number,
): Promise<File[]> {
  const state = status === 'failed' ? 'failed' : 'waiting'
  const to = pinStatuses[status]
  return moveAll(tx, files, to, (file, from) => move.changes(tx, { id: file.id, from, to, state, now }))
}

/**
 * Makes waiting or failed files of one account hold the pin that was fetched for them, counts them and charges them.
 * The pin has one holder for each of them by then; files that were removed meanwhile are passed over, and their holders
 * are the caller's to release. Among the last statements of a write. Returns those that hold it now.
 */
export async function markHeld<File extends PinnedByCid>(
  tx: Db,
  files: readonly File[],
  { pinId, sizeBytes, numberOfFiles, mimeType }: FetchedContent,
  now: number,
): Promise<File[]> {
  const content = { pinId, sizeBytes, numberOfFiles, mimeType, now }
  const held = await moveAll(tx, files, pinStatuses.pinned, (file, from) =>
    hold.changes(tx, { id: file.id, from, ...content }),
  )
  const [first] = held
  if (first === undefined) return []
  await recordFilesPinned(
    tx,
    held.map(({ id }) => id),
    now,
  )
  await addToTotals(tx, first.account_id, first.network, { files: held.length, bytes: held.length * sizeBytes })
  return held
}

async function moveAll<File extends PinnedByCid>(
  tx: Db,
  files: readonly File[],
  to: number,
  moveOne: (file: File, from: number) => Promise<number>,
): Promise<File[]> {
  const moved: File[] = []
  const changes: PinCountChange[] = []
  for (const file of files) {
    const { pin_status: from, created_at: createdAt } = file
    if (from === null || from === to || (await moveOne(file, from)) === 0) continue
    moved.push(file)
    changes.push({ status: from, createdAt, pins: -1 }, { status: to, createdAt, pins: 1 })
  }
  const [first] = moved
  if (first !== undefined) await changePinCounts(tx, first.account_id, changes)
  return moved
}

type Move = { id: string; from: number; to: number; state: string; now: number }

const move = statement((tx, param: Placeholder<Move>) =>
  tx
    .updateTable('files')
    .set({ state: param('state'), pin_status: param('to'), updated_at: param('now') })
    .where('id', '=', param('id'))
    .where('pin_status', '=', param('from')),
)

type Hold = {
  id: string
  from: number
  pinId: string
  sizeBytes: number
  numberOfFiles: number
  mimeType: string
  now: number
}

const hold = statement((tx, param: Placeholder<Hold>) =>
  tx
    .updateTable('files')
    .set({
      state: sql.lit('held'),
      pin_status: sql.lit(pinStatuses.pinned),
      pin_id: param('pinId'),
      size_bytes: param('sizeBytes'),
      number_of_files: param('numberOfFiles'),
      mime_type: param('mimeType'),
      updated_at: param('now'),
      held_at: param('now'),
    })
    .where('id', '=', param('id'))
    .where('pin_status', '=', param('from')),
)

/**
 * Deletes a pin that holds nothing, with what belongs to it; `withdrawRequest` comes first. The status it had, or
 * undefined when it holds its content by now or is gone.
 */
export async function deleteWaitingPin(tx: Db, id: string): Promise<number | undefined> {
  const [row] = await deleteWaiting(tx, { id })
  return row?.pin_status ?? undefined
}

const deleteWaiting = statement((tx, param: Placeholder<{ id: string }>) =>
  tx
    .deleteFrom('files')
    .where('id', '=', param('id'))
    .where('state', 'in', [sql.lit('waiting'), sql.lit('failed')])
    .returning('pin_status'),
)
