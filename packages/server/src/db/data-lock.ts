import { chmodSync, closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The right to be the one main process of a data directory. */
export interface DataLock {
  release(): void
}

/**
 * Takes the data directory for this process: an exclusive SQLite transaction held on `lock.db`. The kernel gives it
 * back when the process dies, however it dies, which pid files do not (pids are used again). undefined when another
 * process holds it.
 */
export function takeDataLock(dataDir: string): DataLock | undefined {
  const file = join(dataDir, 'lock.db')
  // Never opened when it is there: closing it would take away a lock that this process holds on it (POSIX).
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // A rollback journal: in WAL mode an exclusive transaction would let readers in, and we want one owner.
    db.exec('PRAGMA journal_mode = DELETE')
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
