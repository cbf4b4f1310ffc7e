import { AppError } from '../lib/errors.ts'
import type { UploadRow } from './queries.ts'

/** A chunk as its client announces it. */
export interface Chunk {
  /** Where it begins in the file. */
  readonly offset: number
  /** How long it is, when the client says so beforehand. */
  readonly bodyBytes: number | undefined
  /** How long the file is, when the client says so only now. */
  readonly length: number | undefined
}

/**
 * How many bytes of a chunk are here already. It begins where the upload stands; or it is one whose answer was lost and
 * which comes again: it ends where the upload stands, or it began where the last one did, which was cut off. (The SDKs
 * send the same chunk again and never ask for the offset.) Throws `conflict` for every other place, `too_large` when it
 * ends behind the end of the file, `invalid_request` when the length is not the one that was said before.
 */
export function placeChunk(
  row: Pick<UploadRow, 'offset_bytes' | 'began_at' | 'length_bytes' | 'state'>,
  { offset, bodyBytes, length }: Chunk,
): { hereBytes: number; isRepeated: boolean } {
  const { offset_bytes: stands, length_bytes: known } = row
  if (known !== null && length !== undefined && length !== known) {
    throw new AppError('invalid_request', `Upload-Length was said to be ${known} and cannot change`)
  }
  const end = bodyBytes === undefined ? undefined : offset + bodyBytes
  const hereBytes = stands - offset
  const endsHere = end === stands
  const beganHere = offset === row.began_at && (end === undefined || end > stands)
  const isDone = row.state === 'done'
  const fits =
    hereBytes === 0
      ? !isDone || bodyBytes === 0
      : hereBytes > 0 && (endsHere || (beganHere && (!isDone || end === undefined)))
  if (!fits) {
    throw new AppError('conflict', `Upload-Offset is ${offset}, and the upload stands at ${stands}`, {
      facts: { offset: stands },
    })
  }
  const whole = known ?? length
  if (whole !== undefined && whole !== null && ((end ?? offset) > whole || stands > whole)) {
    throw new AppError('too_large', `The chunk ends behind the end of the file, which has ${whole} bytes`)
  }
  return { hereBytes, isRepeated: isDone || (hereBytes > 0 && endsHere) }
}
