import type { Migration } from './migration.ts'

/** Links: signed URLs that take one upload, or show one private file. */
export const links: Migration = {
  version: 11,
  name: 'links',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const flag = sqlite ? 'integer' : 'smallint'
    const text = sqlite ? 'text' : 'text collate "C"'
    return [
      `create table links (
        id ${text} primary key,
        account_id ${text} not null references accounts (id),
        kind ${text} not null check (kind in ('upload', 'download')),
        network ${flag} not null check (network in (0, 1)),
        method ${text} not null,
        file_id ${text},
        cid ${text},
        path ${text},
        query ${text},
        bounds ${text},
        max_uses ${integer},
        uses ${integer} not null,
        used_at ${integer},
        starts_at ${integer} not null,
        expires_at ${integer} not null,
        forget_at ${integer} not null,
        created_at ${integer} not null,
        created_by_key ${text},
        created_by_user ${text},
        revoked_at ${integer}
      ) ${sqlite ? 'strict' : ''}`,
      'create index links_list on links (account_id, id)',
      'create index links_file on links (account_id, file_id, id) where file_id is not null',
      'create index links_forget on links (forget_at)',
    ]
  },
}
