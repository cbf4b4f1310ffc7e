import type { Migration } from './migration.ts'

/** "What came since yesterday" without looking at everything that came before. */
export const listIndexes: Migration = {
  version: 2,
  name: 'list indexes',
  statements: () => ['create index files_created on files (account_id, network, state, created_at, id)'],
}
