import type { Migration } from './migration.ts'

/** A pin whose fetch nobody has begun is a row of `files` alone: see requests/queued-pins.ts. */
export const queuedPins: Migration = {
  version: 42,
  name: 'queued pins',
  statements: () => [
    'alter table files add column queued_origins text',
    // The two are one list together: `wholeList`.
    'drop index files_waiting',
    "create index files_waiting on files (account_id, network, id) where state = 'waiting' and queued_origins is null",
    'create index files_queued on files (account_id, network, id) where queued_origins is not null',
    'create index files_queued_last on files (seq) where queued_origins is not null',
  ],
}
