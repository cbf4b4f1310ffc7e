import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** A lock that is held until it is released, or the process ends. */
export interface KernelLock {
  release(): void
}

/**
 * Takes the lock that a file stands for (made with mode 0600 when it is not there): an exclusive SQLite transaction that
 * never writes. The kernel gives it back when the process dies, however it dies, which pid files do not (pids are used
 * again). undefined when it is held already, by another process or by this one.
 */
export function takeKernelLock(file: string): KernelLock | undefined {
  // Never opened when it is there: closing it would take away a lock that this process holds on it (POSIX).
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // In WAL mode an exclusive transaction would let readers in, and we want one owner. Nothing is written, so the journal needs no file.
    db.exec('PRAGMA journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (error instanceof Error && /database is locked/.test(error.message)) return undefined
    throw error
  }
  return {
    release() {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}
