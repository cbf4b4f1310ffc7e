import type { Migration } from './migration.ts'

/** Links by which people join, and requests of people who would like to. */
export const signUp: Migration = {
  version: 24,
  name: 'sign-up',
  statements(dialect) {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const strict = sqlite ? 'strict' : ''
    return [
      `create table sign_up_links (
        id ${text} primary key,
        token_hash ${text} not null unique,
        note ${text} not null,
        max_uses ${integer} not null,
        uses ${integer} not null check (uses <= max_uses),
        quota_bytes ${integer},
        created_at ${integer} not null,
        expires_at ${integer} not null,
        revoked_at ${integer}
      ) ${strict}`,
      `create table sign_up_requests (
        id ${text} primary key,
        email ${text} not null,
        email_folded ${text} not null unique,
        name ${text} not null,
        note ${text} not null,
        created_at ${integer} not null
      ) ${strict}`,
    ]
  },
}
