import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** When packs were read through, which blocks were found damaged, and when an account's copy became durable. */
export const scrubAndReceipts: Migration = {
  version: 18,
  name: 'scrub and receipts',
  statements: (dialect) => [...changeTables(dialect), createDamage(dialect), ...createIndexes(), ...fillHeldAt()],
}

function changeTables(dialect: Dialect): string[] {
  const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
  return [
    `alter table packs add column scrubbed_at ${integer}`,
    `alter table packs add column scrub_began_at ${integer}`,
    `alter table packs add column scrub_offset ${integer} not null default 0`,
    `alter table files add column held_at ${integer}`,
  ]
}

/** Without a foreign key: rows of `blocks` are deleted by the million, and each would look here. */
function createDamage(dialect: Dialect): string {
  const sqlite = dialect === 'sqlite'
  const integer = sqlite ? 'integer' : 'bigint'
  const text = sqlite ? 'text' : 'text collate "C"'
  return `create table damage (
    block_id ${integer} primary key,
    cid ${text} not null,
    reason ${text} not null check (reason in ('missing', 'damaged')),
    found_by ${text} not null,
    found_at ${integer} not null,
    attempts ${integer} not null,
    tried_at ${integer},
    outcome ${text},
    repaired_at ${integer},
    repaired_from ${text}
  ) ${sqlite ? 'strict' : ''}`
}

function createIndexes(): string[] {
  return [
    'create index damage_open on damage (found_at, block_id) where repaired_at is null',
    'create index damage_repaired on damage (repaired_at) where repaired_at is not null',
  ]
}

/** Of files that came before, what can be told: pins by CID changed last when they were pinned, imports are in the audit. */
function fillHeldAt(): string[] {
  return [
    `update files set held_at = updated_at where source = 'cid' and state = 'held'`,
    `update files set held_at = (select max(at) from audit where action = 'file.imported' and target = files.id)
      where id in (select target from audit where action = 'file.imported')`,
  ]
}
