import type { Migration } from './migration.ts'

/** What is told of keys: uses by day and refusals; answers kept for repeated requests; requests counted over processes. */
export const keyRecords: Migration = {
  version: 10,
  name: 'key records',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const bytes = sqlite ? 'blob' : 'bytea'
    const strict = sqlite ? 'strict' : ''
    const strictByKey = sqlite ? 'strict, without rowid' : ''
    // Lost when PostgreSQL crashes, which forgives a minute's requests; its writes wait for nothing.
    const unlogged = sqlite ? '' : 'unlogged'
    return [
      `create table key_use_days (
        key_id ${text} not null,
        day ${integer} not null,
        route ${text} not null,
        uses ${integer} not null,
        primary key (key_id, day, route)
      ) ${strictByKey}`,
      'create index key_use_days_day on key_use_days (day)',
      `create table key_refusals (
        key_id ${text} not null,
        reason ${text} not null,
        route ${text} not null,
        message ${text} not null,
        scope ${text},
        count ${integer} not null,
        first_at ${integer} not null,
        last_at ${integer} not null,
        primary key (key_id, reason, route)
      ) ${strictByKey}`,
      `create table repeated_requests (
        id ${text} primary key,
        caller ${text} not null,
        name_hash ${text} not null,
        request_hash ${text} not null,
        lease ${text} not null,
        lease_until ${integer} not null,
        answer ${text},
        created_at ${integer} not null,
        expires_at ${integer} not null,
        unique (caller, name_hash)
      ) ${strict}`,
      'create index repeated_requests_expires on repeated_requests (expires_at)',
      `create table repeated_writes (
        request_id ${text} not null references repeated_requests (id) on delete cascade,
        turn ${integer} not null,
        result ${bytes} not null,
        primary key (request_id, turn)
      ) ${strict}`,
      `create ${unlogged} table rate_counts (
        name ${text} primary key,
        requests ${integer} not null,
        until ${integer} not null
      ) ${strict}`,
    ]
  },
}
