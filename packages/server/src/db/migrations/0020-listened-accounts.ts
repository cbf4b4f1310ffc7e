import type { Migration } from './migration.ts'

/** Until when an account's events are recorded: only while somebody listens. */
export const listenedAccounts: Migration = {
  version: 20,
  name: 'listened accounts',
  statements: (dialect) => [
    `alter table accounts add column events_until ${dialect === 'sqlite' ? 'integer' : 'bigint'} not null default 0`,
    'create index accounts_listened on accounts (events_until) where events_until > 0',
    // Number.MAX_SAFE_INTEGER: for as long as there is a webhook. Who follows live events connects again.
    `update accounts set events_until = 9007199254740991
      where id in (select account_id from webhooks where disabled_at is null)`,
  ],
}
