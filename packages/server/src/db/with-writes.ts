import type { Database } from './interface.ts'

/** A database that is another one in all but how it writes. */
export function withWrites(db: Database, write: Database['write']): Database {
  return {
    dialect: db.dialect,
    read: db.read,
    warnings: db.warnings,
    get commits() {
      return db.commits
    },
    write,
    close: () => db.close(),
  }
}
