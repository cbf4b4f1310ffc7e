import { statfsSync } from 'node:fs'
import { ConfigError } from './config/config-error.ts'
import { AppError } from './lib/errors.ts'

/** With less than this a database makes no files beside it; a start that still failed failed for something else. */
const enoughBytes = 4 * 1024 * 1024

/**
 * Why a start failed, in words for the operator, when its disk has no room: SQLite says "disk I/O error" of that. Any other
 * error as it is.
 */
export function nameNoRoom(error: unknown, dataDir: string, freeBytes = freeBytesOf(dataDir)): unknown {
  if (freeBytes === undefined || freeBytes >= enoughBytes || !isOfDisk(error)) return error
  return new ConfigError(
    `The disk of ${dataDir} is full: ${freeBytes} bytes are free, and not even the database can be opened. Make some room beside it (logs and backups on the same disk are the usual thief), then start again. Nothing was changed.`,
    { cause: error },
  )
}

function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AppError) return error.code === 'storage_full' || error.code === 'storage_failed'
  return ('code' in error && error.code === 'ENOSPC') || 'errcode' in error
}

/** Undefined where that cannot be said. */
function freeBytesOf(dir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dir)
    return bavail * bsize
  } catch {
    return undefined
  }
}
