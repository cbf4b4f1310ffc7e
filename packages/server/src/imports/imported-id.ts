import { createHash } from 'node:crypto'
import { timeOfId } from '../lib/ids.ts'
import type { ImportOrigin } from './import-wish.ts'

/** An id of the source counts for the order when its time is that of the file within so many milliseconds. */
const maxSkewMs = 1_000

/**
 * The id of an imported file, a UUIDv7 of its original time: lists page by id, so it stands where it belongs. The rest
 * is a hash of account and origin, so the same import has the same id, and nobody can choose or foretell the id of a
 * file of another account. `turn` makes another one for a file that was imported before and has been removed since.
 */
export function importedId(accountId: string, { source, sourceId, createdAt }: ImportOrigin, turn: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([accountId, source, sourceId, createdAt, turn]))
    .digest('hex')
  const variant = (8 + (parseInt(hash.charAt(0), 16) & 3)).toString(16)
  const time = createdAt.toString(16).padStart(12, '0')
  const theirs = timeOfId(sourceId)
  // Time and counter of an id like ours: files of one millisecond stay in their order.
  const start =
    theirs !== undefined && Math.abs(theirs - createdAt) <= maxSkewMs
      ? sourceId.slice(0, 18)
      : `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(16, 19)}`
  return `${start}-${variant}${hash.slice(1, 4)}-${hash.slice(4, 16)}`
}
