import type { Migration } from './migration.ts'

/** What accounts use, counted by a job, and how a count is known to be out of date. */
export const honestBytes: Migration = {
  version: 19,
  name: 'honest bytes',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    return [
      `alter table account_totals add column changes ${integer} not null default 0`,
      // The account '' is the installation.
      `create table usage_counts (
        account_id ${sqlite ? 'text' : 'text collate "C"'} primary key,
        changes ${integer} not null,
        began_at ${integer} not null,
        counted_at ${integer} not null,
        files ${integer} not null,
        blocks ${integer} not null,
        logical_bytes ${integer} not null,
        unique_bytes ${integer} not null,
        shared_bytes ${integer} not null
      ) ${sqlite ? 'strict, without rowid' : ''}`,
    ]
  },
}
