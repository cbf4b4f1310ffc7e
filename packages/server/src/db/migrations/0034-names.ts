import type { Migration } from './migration.ts'

/** IPNS names that accounts publish under, and what they published. */
export const names: Migration = {
  version: 34,
  name: 'names',
  statements(dialect) {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const bytes = sqlite ? 'blob' : 'bytea'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table ipns_names (
        id ${text} primary key,
        account_id ${text} not null references accounts (id) on delete cascade,
        label ${text} not null,
        name ${text} not null,
        sealed_seed ${text} not null,
        lifetime_ms ${integer} not null,
        ttl_ms ${integer} not null,
        sequence ${integer} not null,
        value ${text},
        record ${bytes},
        published_at ${integer},
        valid_until ${integer},
        renew_at ${integer},
        multihash ${bytes},
        codec ${integer},
        told_at ${integer},
        tell_error ${text},
        key_exported_at ${integer},
        created_by_key ${text},
        created_at ${integer} not null,
        updated_at ${integer} not null,
        unique (account_id, label),
        unique (account_id, name)
      ) ${tail}`,
      'create index ipns_names_account on ipns_names (account_id, id)',
      'create index ipns_names_name on ipns_names (name, sequence)',
      'create index ipns_names_content on ipns_names (account_id, multihash)',
      `create table ipns_records (
        name_id ${text} not null references ipns_names (id) on delete cascade,
        sequence ${integer} not null,
        value ${text} not null,
        rolled_back_to ${integer},
        published_at ${integer} not null,
        valid_until ${integer} not null,
        ttl_ms ${integer} not null,
        actor_kind ${text} not null,
        actor_id ${text},
        primary key (name_id, sequence)
      ) ${tail}`,
    ]
  },
}
