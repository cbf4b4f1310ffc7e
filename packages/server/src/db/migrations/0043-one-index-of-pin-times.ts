import type { Migration } from './migration.ts'

/** The times of pins stand in one index, that of their statuses: what is asked of all statuses is asked of each. */
export const oneIndexOfPinTimes: Migration = {
  version: 43,
  name: 'one index of pin times',
  statements: () => [
    'drop index files_by_cid',
    'drop index files_pin_status',
    // Unique, for clients page by time alone: no two pins of an account share one.
    'create unique index files_pin_status on files (account_id, pin_status, created_at) where pin_status is not null',
  ],
}
