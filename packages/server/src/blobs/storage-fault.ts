import { AppError } from '../lib/errors.ts'
import { errnoOf } from './file-ops.ts'

/** No room, whichever limit says so: file system, quota of the user, largest file, inodes. */
const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** What a client is told when packs cannot be written; the system's error stays in the cause. */
export function storageFault(cause: unknown): AppError {
  if (cause instanceof AppError) return cause
  return fullCodes.has(errnoOf(cause) ?? '')
    ? storageFull(cause)
    : new AppError('storage_failed', 'The storage of this installation failed; nothing of this was kept', {
        cause,
        retryAfterSeconds: 10,
      })
}

/** Refusal for want of room. Deleting still works. */
export function storageFull(cause?: unknown): AppError {
  return new AppError(
    'storage_full',
    'The storage of this installation is full; delete something or ask its operator',
    {
      cause,
      retryAfterSeconds: 60,
    },
  )
}
