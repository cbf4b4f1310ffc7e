import { isActive, isUnfinished, sentBytesOf, type Upload } from './upload.ts'

/** All uploads, and what they come to together. */
export interface UploadsSeen {
  readonly uploads: readonly Upload[]
  readonly done: number
  readonly failed: number
  readonly unfinished: number
  /** Those of them that go on by themselves. */
  readonly active: number
  /** Every one that is under way waits for the server to come back. */
  readonly isWaiting: boolean
  /** Share of all bytes that were neither cancelled nor failed, from 0 to 1. */
  readonly share: number
  readonly bytesPerSecond: number | undefined
  readonly secondsLeft: number | undefined
}

/** Adds the uploads up. */
export function summarise(uploads: readonly Upload[], bytesPerSecond: number | undefined): UploadsSeen {
  let [done, failed, unfinished, active, waiting, sending, allBytes, sentBytes] = [0, 0, 0, 0, 0, 0, 0, 0]
  for (const upload of uploads) {
    const { kind } = upload.state
    if (kind === 'done') done++
    if (kind === 'failed') failed++
    if (isUnfinished(upload)) unfinished++
    if (isActive(upload)) active++
    if (kind === 'waiting') waiting++
    if (kind === 'sending' || kind === 'storing') sending++
    if (kind === 'failed' || kind === 'cancelled') continue
    // So that empty files count for something.
    allBytes += upload.sizeBytes + 1
    sentBytes += sentBytesOf(upload) + (kind === 'done' ? 1 : 0)
  }
  const rate = sending > 0 ? bytesPerSecond : undefined
  return {
    uploads,
    done,
    failed,
    unfinished,
    active,
    isWaiting: waiting > 0 && sending === 0,
    share: allBytes === 0 ? 0 : sentBytes / allBytes,
    bytesPerSecond: rate,
    secondsLeft: rate === undefined || rate < 1 ? undefined : (allBytes - sentBytes) / rate,
  }
}
