import type { Migration } from './migration.ts'

/** Uploads that come in more than one request: files, folders, and the large files of folders. */
export const uploads: Migration = {
  version: 13,
  name: 'uploads',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const flag = sqlite ? 'integer' : 'smallint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const bytes = sqlite ? 'blob' : 'bytea'
    const strict = sqlite ? 'strict' : ''
    return [
      `create table uploads (
        id ${text} primary key,
        account_id ${text} not null references accounts (id),
        key_id ${text},
        link_id ${text},
        kind ${text} not null check (kind in ('file', 'folder', 'part')),
        folder_id ${text} references uploads (id),
        number ${integer},
        manifest_hash ${text},
        state ${text} not null check (state in ('open', 'done')),
        choice ${text} not null,
        metadata ${text},
        length_bytes ${integer},
        offset_bytes ${integer} not null,
        began_at ${integer} not null,
        reserved_bytes ${integer} not null,
        staging_id ${text} references pins (id),
        layout_state ${text},
        tail ${bytes},
        writer_id ${text},
        lease ${integer} not null,
        lease_until ${integer} not null,
        is_dirty ${flag} not null,
        cid ${text},
        created_at ${integer} not null,
        expires_at ${integer} not null
      ) ${strict}`,
      // What an account has reserved is summed up for each of its uploads.
      "create index uploads_open on uploads (account_id, reserved_bytes) where state = 'open'",
      'create index uploads_expiry on uploads (expires_at)',
      'create index uploads_staging on uploads (staging_id) where staging_id is not null',
      'create index uploads_folder on uploads (folder_id, number) where folder_id is not null',
      'create index uploads_manifest on uploads (account_id, manifest_hash) where manifest_hash is not null',
      `create table upload_files (
        upload_id ${text} not null references uploads (id) on delete cascade,
        number ${integer} not null,
        path ${text} not null,
        size_bytes ${integer} not null,
        node ${text},
        primary key (upload_id, number)
      ) ${sqlite ? 'strict, without rowid' : ''}`,
      'create index upload_files_missing on upload_files (upload_id, number) where node is null',
    ]
  },
}
