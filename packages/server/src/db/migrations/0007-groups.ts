import type { Migration } from './migration.ts'

/** Groups of files, and the pin policies that clients of the legacy routes set. */
export const groups: Migration = {
  version: 7,
  name: 'groups',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const flag = sqlite ? 'integer' : 'smallint'
    const text = sqlite ? 'text' : 'text collate "C"'
    return [
      `create table "groups" (
        id ${text} primary key,
        account_id ${text} not null references accounts (id),
        network ${flag} not null check (network in (0, 1)),
        name ${text} not null,
        name_folded ${text} not null,
        is_public ${flag} not null check (is_public in (0, 1)),
        created_by_key ${text},
        created_at ${integer} not null,
        updated_at ${integer} not null
      ) ${sqlite ? 'strict' : ''}`,
      'create index groups_list on "groups" (account_id, network, id)',
      'alter table files add column pin_policy text',
      'alter table accounts add column pin_policy text',
    ]
  },
}
