import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** What processes of one installation have to know of each other. */
export const severalProcesses: Migration = {
  version: 4,
  name: 'several processes',
  statements: (dialect) => [...changeTables(dialect), ...createTables(dialect)],
}

function changeTables(dialect: Dialect): string[] {
  const sqlite = dialect === 'sqlite'
  return [
    `alter table packs add column dead_bytes ${sqlite ? 'integer' : 'bigint'} not null default 0`,
    `alter table installation add column node ${sqlite ? 'text' : 'text collate "C"'}`,
  ]
}

function createTables(dialect: Dialect): string[] {
  const sqlite = dialect === 'sqlite'
  const integer = sqlite ? 'integer' : 'bigint'
  return [
    `create table sign_in_failures (
      name ${sqlite ? 'text' : 'text collate "C"'} primary key,
      failures ${integer} not null,
      until ${integer} not null
    ) ${sqlite ? 'strict, without rowid' : ''}`,
    'create index sign_in_failures_until on sign_in_failures (until)',
  ]
}
