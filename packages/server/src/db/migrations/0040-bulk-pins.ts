import type { Migration } from './migration.ts'

/** What is done with many pins by CID is a bulk operation too. */
export const bulkPins: Migration = {
  version: 40,
  name: 'bulk operations on pins',
  statements: (dialect) => {
    const operations = `check (operation in ('pin', 'unpin', 'update', 'move', 'remove-pins', 'retry-pins'))`
    if (dialect === 'postgres') {
      return [
        'alter table bulks drop constraint bulks_operation_check',
        `alter table bulks add constraint bulks_operation_check ${operations}`,
      ]
    }
    // SQLite changes no constraint: both tables are made anew, since one refers to the other.
    return [
      `create table new_bulks (
        id text primary key,
        account_id text not null references accounts (id),
        operation text not null ${operations},
        input text not null,
        page_token text,
        state text not null check (state in ('staging', 'collecting', 'running', 'done', 'cancelled')),
        total integer not null,
        done integer not null,
        failed integer not null,
        message text,
        created_by_key text,
        created_by_user text,
        created_at integer not null,
        finished_at integer
      ) strict`,
      `create table new_bulk_items (
        bulk_id text not null references new_bulks (id),
        number integer not null,
        item text not null,
        state text not null check (state in ('waiting', 'done', 'failed')),
        file_id text,
        reason text,
        message text,
        primary key (bulk_id, number)
      ) strict, without rowid`,
      'insert into new_bulks select * from bulks',
      'insert into new_bulk_items select * from bulk_items',
      'drop table bulk_items',
      'drop table bulks',
      'alter table new_bulks rename to bulks',
      'alter table new_bulk_items rename to bulk_items',
      'create index bulks_account on bulks (account_id, id)',
      'create index bulks_finished on bulks (finished_at) where finished_at is not null',
      'create index bulk_items_state on bulk_items (bulk_id, state, number)',
    ]
  },
}
