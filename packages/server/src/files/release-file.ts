import type { Db } from '../db/database.ts'
import { releaseHolder } from '../pins/release-pin.ts'
import { addToTotals } from '../usage/queries.ts'
import { forgetQuotaReached } from '../usage/quota-events.ts'
import { recordFilesDeleted } from './file-events.ts'
import { changePinCounts, type PinCountChange } from './pin-counts.ts'
import { type FileRow, markReleased } from './queries.ts'

/**
 * Turns held files of one account and network into history: they hold no content and count nowhere any more. Files
 * that somebody else released meanwhile are passed over. Returns those that were released here.
 */
export async function releaseFiles(tx: Db, files: readonly FileRow[], now: number): Promise<FileRow[]> {
  const released: FileRow[] = []
  for (const file of files) if (await markReleased(tx, file.id, now)) released.push(file)
  for (const { pin_id } of released) if (pin_id !== null) await releaseHolder(tx, pin_id)
  const [first] = released
  if (first === undefined) return []
  await recordFilesDeleted(tx, released, now)
  const unpinned = released.flatMap(({ pin_status: status, created_at: createdAt }): PinCountChange[] =>
    status === null ? [] : [{ status, createdAt, pins: -1 }],
  )
  if (unpinned.length > 0) await changePinCounts(tx, first.account_id, unpinned)
  await forgetQuotaReached(tx, first.account_id)
  let bytes = 0
  for (const file of released) bytes += file.size_bytes
  await addToTotals(tx, first.account_id, first.network, { files: -released.length, bytes: -bytes })
  return released
}
