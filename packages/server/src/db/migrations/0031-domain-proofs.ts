import type { Migration } from './migration.ts'

/**
 * Custom domains with the proof of whose they are. Several gateways may ask for the same domain, one of them may prove
 * it. Those that were there before nobody has proven: they are asked for anew.
 */
export const domainProofs: Migration = {
  version: 31,
  name: 'domain proofs',
  statements: (dialect) => {
    const sqlite = dialect === 'sqlite'
    const integer = sqlite ? 'integer' : 'bigint'
    const text = sqlite ? 'text' : 'text collate "C"'
    const tail = sqlite ? 'strict, without rowid' : ''
    return [
      `create table custom_domains (
        id ${text} primary key,
        gateway_id ${text} not null references gateways (id) on delete cascade,
        domain ${text} not null,
        created_at ${integer} not null,
        proof ${text},
        proven_at ${integer},
        checked_at ${integer},
        next_check_at ${integer} not null,
        failing_since ${integer},
        problem ${text},
        unique (gateway_id, domain)
      ) ${tail}`,
      'create index custom_domains_domain on custom_domains (domain)',
      'create index custom_domains_due on custom_domains (next_check_at)',
      `insert into custom_domains (id, gateway_id, domain, created_at, next_check_at)
        select id, gateway_id, domain, created_at, 0 from gateway_domains`,
      'delete from gateway_domains',
    ]
  },
}
