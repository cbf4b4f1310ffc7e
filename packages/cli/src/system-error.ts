import { getSystemErrorMessage } from 'node:util'

/** What the system says of a failure of its own, such as "no space left on device"; undefined for any other. */
export function systemWords(error: unknown): string | undefined {
  if (!(error instanceof Error && 'errno' in error && 'code' in error && 'syscall' in error)) return undefined
  const errno = Number(error.errno)
  return Number.isInteger(errno) && errno < 0 ? getSystemErrorMessage(errno) : undefined
}

/** Whether a disk, or somebody's part of it, is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
