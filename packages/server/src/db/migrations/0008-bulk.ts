import type { Migration } from './migration.ts'

/** Operations on many files at once, and what became of each. */
export const bulk: Migration = {
  version: 8,
  name: 'bulk operations',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    return [
      `create table bulks (
        id ${text} primary key,
        account_id ${text} not null references accounts (id),
        operation ${text} not null check (operation in ('pin', 'unpin', 'update', 'move')),
        input ${text} not null,
        page_token ${text},
        state ${text} not null check (state in ('staging', 'collecting', 'running', 'done', 'cancelled')),
        total ${integer} not null,
        done ${integer} not null,
        failed ${integer} not null,
        message ${text},
        created_by_key ${text},
        created_by_user ${text},
        created_at ${integer} not null,
        finished_at ${integer}
      ) ${sqlite ? 'strict' : ''}`,
      'create index bulks_account on bulks (account_id, id)',
      'create index bulks_finished on bulks (finished_at) where finished_at is not null',
      `create table bulk_items (
        bulk_id ${text} not null references bulks (id),
        number ${integer} not null,
        item ${text} not null,
        state ${text} not null check (state in ('waiting', 'done', 'failed')),
        file_id ${text},
        reason ${text},
        message ${text},
        primary key (bulk_id, number)
      ) ${sqlite ? 'strict, without rowid' : ''}`,
      'create index bulk_items_state on bulk_items (bulk_id, state, number)',
    ]
  },
}
