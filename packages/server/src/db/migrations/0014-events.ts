import type { Migration } from './migration.ts'

/** The outbox of events, and what remembers that the quota of an account was reached. */
export const events: Migration = {
  version: 14,
  name: 'events',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table events (
        id ${text} primary key,
        account_id ${text} not null references accounts (id) on delete cascade,
        kind ${text} not null,
        at ${integer} not null,
        key_id ${text},
        group_id ${text},
        data ${text} not null,
        position ${integer}
      ) ${tail}`,
      'create index events_new on events (id) where position is null',
      'create index events_position on events (position) where position is not null',
      'create index events_account on events (account_id, position) where position is not null',
      `create table event_relay (
        one ${integer} primary key check (one = 1),
        position ${integer} not null
      ) ${tail}`,
      'insert into event_relay (one, position) values (1, 0)',
      `create table quota_refusals (
        account_id ${text} primary key references accounts (id) on delete cascade,
        limit_bytes ${integer} not null,
        at ${integer} not null
      ) ${tail}`,
    ]
  },
}
