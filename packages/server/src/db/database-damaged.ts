import { isSqliteDamaged } from './storage-errors.ts'

/** The file of the database cannot be used as it is. The message says which, and what the operator can do. */
export class DatabaseDamaged extends Error {
  override readonly name = 'DatabaseDamaged'
}

/** What to do instead, for messages about a database that is lost. */
export const howToRestore =
  'Restore the last backup into an empty directory: ./pinyon admin restore BACKUP --data-dir DIRECTORY.'

/** What SQLite said about the pages of `file`, in words for whoever starts the program; any other error as it is. */
export function nameDamage(error: unknown, file: string): unknown {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (isSqliteDamaged(each)) {
      return new DatabaseDamaged(
        `The database ${file} is damaged (SQLite says: ${each.message}). It is left as it is, with what stands beside it. ${howToRestore}`,
        { cause: error },
      )
    }
  }
  return error
}
