import type { Migration } from './migration.ts'

/** Webhooks, and what was and is to be sent to them. */
export const webhooks: Migration = {
  version: 15,
  name: 'webhooks',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table webhooks (
        id ${text} primary key,
        account_id ${text} not null references accounts (id) on delete cascade,
        url ${text} not null,
        name ${text} not null,
        kinds ${text},
        since_event ${text} not null,
        created_at ${integer} not null,
        updated_at ${integer} not null,
        disabled_at ${integer},
        disabled_reason ${text},
        failing_since ${integer},
        last_success_at ${integer}
      ) ${tail}`,
      'create index webhooks_account on webhooks (account_id, id)',
      `create table webhook_deliveries (
        id ${text} primary key,
        webhook_id ${text} not null references webhooks (id) on delete cascade,
        event_id ${text} not null references events (id) on delete cascade,
        state ${text} not null,
        attempts ${integer} not null,
        created_at ${integer} not null,
        first_attempt_at ${integer},
        last_attempt_at ${integer},
        next_attempt_at ${integer},
        status ${integer},
        error ${text},
        duration_ms ${integer}
      ) ${tail}`,
      'create index webhook_deliveries_webhook on webhook_deliveries (webhook_id, id)',
      'create index webhook_deliveries_event on webhook_deliveries (event_id)',
      "create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at) where state = 'pending'",
    ]
  },
}
