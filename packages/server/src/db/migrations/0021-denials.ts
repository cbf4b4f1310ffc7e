import type { Migration } from './migration.ts'

/** Content that the operator has taken down, by multihash; what was lifted stays, so that other processes notice. */
export const denials: Migration = {
  version: 21,
  name: 'denials',
  statements(dialect) {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const bytes = sqlite ? 'blob' : 'bytea'
    return [
      `alter table installation add column denial_changes ${integer} not null default 0`,
      `create table denials (
        multihash ${bytes} primary key,
        cid ${text} not null,
        reason ${text} not null,
        denied_at ${integer} not null,
        actor_kind ${text} not null,
        actor_id ${text},
        lifted_at ${integer},
        change ${integer} not null unique
      ) ${sqlite ? 'strict' : ''}`,
    ]
  },
}
