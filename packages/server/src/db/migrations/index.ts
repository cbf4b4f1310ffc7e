import type { Migration } from './migration.ts'
import { tables } from './0001-tables.ts'
import { listIndexes } from './0002-list-indexes.ts'

/** Every migration, oldest first. */
export const migrations: readonly Migration[] = [tables, listIndexes]
