import type { Migration } from './migration.ts'

/** Gateways with what belongs to them, and what they served. */
export const gateways: Migration = {
  version: 16,
  name: 'gateways',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table gateways (
        id ${text} primary key,
        account_id ${text} not null references accounts (id) on delete cascade,
        domain ${text} not null unique,
        created_at ${integer} not null
      ) ${tail}`,
      'create index gateways_account on gateways (account_id, id)',
      `create table gateway_domains (
        id ${text} primary key,
        gateway_id ${text} not null references gateways (id) on delete cascade,
        domain ${text} not null unique,
        created_at ${integer} not null
      ) ${tail}`,
      'create index gateway_domains_gateway on gateway_domains (gateway_id, id)',
      `create table gateway_restrictions (
        id ${text} primary key,
        gateway_id ${text} not null references gateways (id) on delete cascade,
        kind ${text} not null,
        value ${text} not null,
        created_at ${integer} not null,
        unique (gateway_id, kind, value)
      ) ${tail}`,
      `create table gateway_plugins (
        gateway_id ${text} not null references gateways (id) on delete cascade,
        plugin_id ${integer} not null,
        created_at ${integer} not null,
        primary key (gateway_id, plugin_id)
      ) ${tail}`,
      `create table traffic (
        account_id ${text} not null references accounts (id) on delete cascade,
        at ${integer} not null,
        grain ${text} not null,
        host ${text} not null,
        cid ${text} not null,
        file_name ${text} not null,
        status ${integer} not null,
        user_agent ${text} not null,
        referer ${text} not null,
        country ${text} not null,
        region ${text} not null,
        requests ${integer} not null,
        bytes ${integer} not null,
        primary key (account_id, at, grain, cid, file_name, host, status, user_agent, referer, country, region)
      ) ${tail}`,
      'create index traffic_grain on traffic (grain, at)',
    ]
  },
}
