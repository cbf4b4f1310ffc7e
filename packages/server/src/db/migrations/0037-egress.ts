import type { Migration } from './migration.ts'

/** What the gateway served by month, how much of it is allowed, and what a gateway does with pages. */
export const egress: Migration = {
  version: 37,
  name: 'egress',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table egress (
        account_id ${text} not null references accounts (id) on delete cascade,
        gateway_id ${text} not null,
        month ${integer} not null,
        bytes ${integer} not null,
        primary key (account_id, gateway_id, month)
      ) ${tail}`,
      `alter table accounts add column egress_quota_bytes ${integer}`,
      `alter table gateways add column egress_quota_bytes ${integer}`,
      `alter table gateways add column html ${text} not null default 'sandbox'`,
      `alter table installation add column egress_changes ${integer} not null default 0`,
      'create index accounts_egress_quota on accounts (id) where egress_quota_bytes is not null',
      'create index gateways_egress_quota on gateways (id) where egress_quota_bytes is not null',
    ]
  },
}
