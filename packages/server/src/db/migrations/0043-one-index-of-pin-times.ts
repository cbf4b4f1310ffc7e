import type { Migration } from './migration.ts'

/**
 * On SQLite the times of pins stand in one index, that of their statuses: what is asked of all statuses is asked of each.
 * On PostgreSQL, where several processes write, the index of all of them stays: it keeps two pins from having one time.
 */
export const oneIndexOfPinTimes: Migration = {
  version: 43,
  name: 'one index of pin times',
  statements: (dialect) =>
    dialect === 'postgres'
      ? []
      : [
          'drop index files_by_cid',
          'drop index files_pin_status',
          'create unique index files_pin_status on files (account_id, pin_status, created_at) where pin_status is not null',
        ],
}
