import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { CarBody } from './import-item.ts'

/** A CAR on this machine; undefined when there is none. */
export async function findCarFile(path: string): Promise<CarBody | undefined> {
  const size = await stat(path).then(
    (info) => info.size,
    () => undefined, // not there
  )
  if (size === undefined) return undefined
  return {
    sizeBytes: size,
    open: () => createReadStream(path, { highWaterMark: 1_048_576, end: Math.max(0, size - 1) }),
  }
}
