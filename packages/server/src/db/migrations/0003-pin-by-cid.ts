import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** Pins asked for by CID, what it takes to fetch them, and the exact counts of their lists. */
export const pinByCid: Migration = {
  version: 3,
  name: 'pin by CID',
  statements: (dialect) => [...changeTables(dialect), ...createTables(dialect), ...createIndexes()],
}

function changeTables(dialect: Dialect): string[] {
  const flag = dialect === 'sqlite' ? 'integer' : 'smallint'
  const text = dialect === 'sqlite' ? 'text' : 'text collate "C"'
  return [
    `alter table files add column pin_status ${flag} check (pin_status in (0, 1, 2, 3))`,
    // Queues that are fair to owners: see jobs/lanes.ts.
    `alter table jobs add column owner ${text}`,
  ]
}

function createTables(dialect: Dialect): string[] {
  const sqlite = dialect === 'sqlite'
  const integer = sqlite ? 'integer' : 'bigint'
  const flag = sqlite ? 'integer' : 'smallint'
  const text = sqlite ? 'text' : 'text collate "C"'
  const bytes = sqlite ? 'blob' : 'bytea'
  const strict = sqlite ? 'strict' : ''
  const strictByKey = sqlite ? 'strict, without rowid' : ''
  return [
    `create table fetches (
      id ${text} primary key,
      account_id ${text} not null references accounts (id),
      multihash ${bytes} not null,
      codec ${integer} not null,
      cid ${text} not null,
      state ${text} not null check (state in ('queued', 'fetching', 'failed')),
      created_at ${integer} not null,
      deadline_at ${integer} not null,
      attempts ${integer} not null,
      staging_id ${text} references pins (id),
      number_of_blocks ${integer} not null,
      size_bytes ${integer} not null,
      last_block_at ${integer},
      next_attempt_at ${integer},
      reason ${text},
      detail ${text},
      tried ${text},
      unique (account_id, multihash, codec)
    ) ${strict}`,
    `create table requests (
      file_id ${text} primary key references files (id) on delete cascade,
      fetch_id ${text} not null references fetches (id),
      origins ${text} not null
    ) ${strictByKey}`,
    `create table pin_counts (
      account_id ${text} not null,
      pin_status ${flag} not null check (pin_status in (0, 1, 2, 3)),
      level ${flag} not null,
      bucket ${integer} not null,
      pins ${integer} not null check (pins >= 0),
      primary key (account_id, pin_status, level, bucket)
    ) ${strictByKey}`,
  ]
}

function createIndexes(): string[] {
  return [
    'drop index files_by_cid',
    // The Pinning Services API pages by time alone, so no two pins of an account share one.
    "create unique index files_by_cid on files (account_id, created_at) where source = 'cid'",
    'create index files_pin_status on files (account_id, pin_status, created_at) where pin_status is not null',
    // With the status at the end, so that the list of a CID or name is counted without a look at its rows.
    'create index files_pin_cid on files (account_id, multihash, codec, created_at, pin_status) where pin_status is not null',
    // No more of a name than the Pinning Services API allows: PostgreSQL bounds the entries of an index.
    'create index files_pin_name on files (account_id, substr(name, 1, 256), created_at, pin_status) where pin_status is not null',
    'create index requests_fetch on requests (fetch_id, file_id)',
    'create index fetches_staging on fetches (staging_id) where staging_id is not null',
  ]
}
