import type { Migration } from './migration.ts'

/** Second steps of signing in: authenticator apps (RFC 6238), and codes for when the app is gone. */
export const totp: Migration = {
  version: 23,
  name: 'totp',
  statements(dialect) {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const strict = sqlite ? 'strict' : ''
    return [
      `create table totps (
        user_id ${text} primary key references users (id),
        id ${text} not null,
        created_at ${integer} not null,
        enabled_at ${integer},
        last_step ${integer} not null
      ) ${strict}`,
      `create table recovery_codes (
        user_id ${text} not null references users (id),
        code_hash ${text} not null,
        used_at ${integer},
        primary key (user_id, code_hash)
      ) ${strict}`,
    ]
  },
}
