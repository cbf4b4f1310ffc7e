import type { Migration } from './migration.ts'

/** When the network was told of the root of a public pin, and when it is to be told next. */
export const announcements: Migration = {
  version: 6,
  name: 'announcements',
  statements: (dialect) => {
    const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
    return [
      `alter table pins add column announced_at ${integer}`,
      `alter table pins add column announce_at ${integer} not null default 0`,
      "create index pins_announce on pins (announce_at) where network = 1 and state = 'pinned'",
    ]
  },
}
