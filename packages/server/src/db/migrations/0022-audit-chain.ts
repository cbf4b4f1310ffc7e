import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** The chain over the audit log (docs/decisions/audit-chain.md), which lines of before are put in as well. */
export const auditChain: Migration = {
  version: 22,
  name: 'audit chain',
  statements: (dialect) => [
    ...createTables(dialect),
    ...createTriggers(dialect),
    'create index audit_target on audit (target) where target is not null',
    'insert into audit_unsealed select id from audit',
    `insert into audit_head (one, number, hash) values (1, 0, '')`,
  ],
}

function createTables(dialect: Dialect): string[] {
  const sqlite = dialect === 'sqlite'
  const integer = sqlite ? 'integer' : 'bigint'
  const text = sqlite ? 'text' : 'text collate "C"'
  const strict = sqlite ? 'strict' : ''
  return [
    `create table audit_unsealed (id ${text} primary key) ${strict}`,
    `create table audit_chain (
      number ${integer} primary key,
      entry_id ${text} not null unique,
      account_id ${text},
      hash ${text} not null
    ) ${strict}`,
    'create index audit_chain_account on audit_chain (account_id, entry_id)',
    `create table audit_head (
      one ${integer} primary key check (one = 1),
      number ${integer} not null,
      hash ${text} not null
    ) ${strict}`,
  ]
}

/** A trigger, so that a program of the release before has its lines sealed too. */
function createTriggers(dialect: Dialect): string[] {
  if (dialect === 'sqlite') {
    return [
      'create trigger audit_to_seal after insert on audit begin insert into audit_unsealed (id) values (new.id); end',
      ...['update', 'delete'].map(
        (change) =>
          `create trigger audit_chain_${change} before ${change} on audit_chain begin select raise(abort, 'the audit is append-only'); end`,
      ),
    ]
  }
  return [
    'create function note_unsealed_audit() returns trigger language plpgsql as $$ begin insert into audit_unsealed (id) values (new.id); return null; end $$',
    'create trigger audit_to_seal after insert on audit for each row execute function note_unsealed_audit()',
    'create trigger audit_chain_append_only before update or delete or truncate on audit_chain for each statement execute function refuse_audit_change()',
  ]
}
