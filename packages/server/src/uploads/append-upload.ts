import { createHash } from 'node:crypto'
import { fileTooLarge, mostBytesOf } from '../keys/upload-bounds.ts'
import { CutOff } from '../lib/cut-off.ts'
import { AppError } from '../lib/errors.ts'
import { largerThanTaken } from './create-upload.ts'
import { getUpload, presentProgress, type UploadHolder, type UploadProgress } from './get-upload.ts'
import { type Chunk, placeChunk } from './place-chunk.ts'
import { type ResumableServices, Uploading } from './uploading.ts'
import { failpoint } from '../lib/failpoint.ts'

/** What a chunk's bytes are held against before any of them is kept. */
export interface Checksum {
  readonly algorithm: string
  readonly digest: Buffer
}

/** A chunk on its way in. */
export interface AppendUpload extends Chunk {
  readonly id: string
  /** Bytes that the file may have at most, whatever was announced. */
  readonly mostBytes: number | undefined
  readonly checksum: Checksum | undefined
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** Has the reading end. */
  readonly cut: () => void
  /** Gives the pieces of the body to `take`, one at a time. Throws `CutOff` when the body ends too early. */
  readonly read: (take: (piece: Uint8Array) => Promise<void> | void) => Promise<void>
}

/**
 * Takes a chunk of an upload; it is on stable storage when this resolves. With the last one the file is there. A client
 * that goes away in the middle loses nothing that came, unless it sent a checksum. Throws `not_found`, `locked`,
 * `conflict` and `too_large` for chunks that do not belong where they are sent, `checksum_mismatch`, and what keeping
 * the file throws.
 */
export async function appendToUpload(
  services: ResumableServices,
  holder: UploadHolder,
  append: AppendUpload,
): Promise<UploadProgress> {
  const { id, checksum } = append
  await getUpload(services, holder, id)
  using active = await services.activeUploads.take(id, append)
  const row = await getUpload(services, holder, id)
  const { hereBytes, isRepeated } = placeChunk(row, append)
  if (isRepeated) {
    await passOver(append, hereBytes)
    return presentProgress(row)
  }
  await using uploading = await Uploading.open(services, holder, { id, beganAt: append.offset, length: append.length })
  if (uploading.offset !== row.offset_bytes) throw new AppError('conflict', 'Another request went on with this upload.')
  const hash = checksum === undefined ? undefined : createHash(checksum.algorithm)
  const { uploadBytes } = services.config.limits
  const mostBytes = Math.min(append.mostBytes ?? Infinity, mostBytesOf(holder), uploadBytes)
  let toSkip = hereBytes
  let taking: Promise<void> | undefined
  try {
    await append.read((piece) => {
      active.moved()
      hash?.update(piece)
      const rest = toSkip === 0 ? piece : piece.subarray(toSkip)
      toSkip = Math.max(0, toSkip - piece.length)
      if (uploading.offset + rest.length > mostBytes) {
        if (mostBytes === uploadBytes) throw largerThanTaken(mostBytes)
        throw append.mostBytes === mostBytes ? tooLarge(mostBytes) : fileTooLarge(mostBytes)
      }
      if (rest.length === 0) return
      const wait = uploading.take(rest, { mayBeSaved: checksum === undefined })
      if (wait !== undefined) taking = wait
      return wait
    })
  } catch (error) {
    if (!isCutOff(error)) throw error
    await taking
    // A checksum that did not come, or of half a chunk, says nothing.
    if (checksum !== undefined) throw cutOff(error)
    if (!uploading.isWhole) {
      await uploading.save({ isLast: true })
      throw cutOff(error)
    }
  }
  if (checksum !== undefined && !hash?.digest().equals(checksum.digest)) {
    throw new AppError(
      'checksum_mismatch',
      'The bytes do not have the checksum that was sent; nothing of them was kept.',
    )
  }
  if (uploading.isWhole) {
    failpoint('chunk-finish-next')
    await uploading.finish()
  } else {
    await uploading.save({ isLast: true })
    failpoint('chunk-saved')
  }
  return presentProgress(await getUpload(services, holder, id))
}

/** Takes a chunk that is here already, and no more than that. */
async function passOver({ read, offset }: AppendUpload, hereBytes: number): Promise<void> {
  let bytes = 0
  await read((piece) => {
    bytes += piece.length
    if (bytes > hereBytes) throw elsewhere(offset, hereBytes)
  })
  if (bytes < hereBytes) throw elsewhere(offset, hereBytes)
}

function elsewhere(offset: number, hereBytes: number): AppError {
  return new AppError('conflict', `Upload-Offset is ${offset}, and the upload stands at ${offset + hereBytes}`)
}

/** The client went away, sent too slowly, or another request takes this one's place. */
function isCutOff(error: unknown): boolean {
  return error instanceof CutOff || (error instanceof AppError && error.code === 'request_timeout')
}

function cutOff(cause: unknown): AppError {
  return new AppError('invalid_request', 'The connection ended before the chunk did; HEAD tells where to go on.', {
    cause,
  })
}

function tooLarge(mostBytes: number): AppError {
  return new AppError('too_large', `This link takes ${mostBytes} bytes at most.`)
}
