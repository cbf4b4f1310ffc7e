import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** How many keys with `own` may stand one below another: so many columns `own_n` there are. */
const levels = [1, 2, 3] as const

/** Child keys, their bounds, and files by the keys that may see them. */
export const keyTrees: Migration = {
  version: 9,
  name: 'key trees',
  statements: (dialect) => [...changeTables(dialect), ...createIndexes(), ...createTriggers(dialect)],
}

function changeTables(dialect: Dialect): string[] {
  const text = dialect === 'sqlite' ? 'text' : 'text collate "C"'
  const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
  const owners = levels.map((level) => `own_${level}`)
  return [
    `alter table keys add column parent_id ${text}`,
    `alter table keys add column ancestors ${text} not null default '[]'`,
    `alter table keys add column bounds ${text}`,
    `alter table keys add column uploaded_bytes ${integer} not null default 0`,
    ...owners.map((owner) => `alter table keys add column ${owner} ${text}`),
    ...owners.map((owner) => `alter table files add column ${owner} ${text}`),
  ]
}

function createIndexes(): string[] {
  return [
    'create index keys_parent on keys (parent_id) where parent_id is not null',
    ...levels.flatMap((level) => {
      const owner = `own_${level}`
      return [
        // What totals add up stands at the end, so that they need not look at the rows.
        `create index files_${owner} on files (account_id, network, state, ${owner}, id, size_bytes, expires_at)
          where ${owner} is not null`,
        `create index files_pin_${owner} on files (account_id, ${owner}, created_at, pin_status)
          where ${owner} is not null and pin_status is not null`,
      ]
    }),
  ]
}

/** A file belongs to the keys with `own` that its key has above it, whichever way it came in. */
function createTriggers(dialect: Dialect): string[] {
  const owners = levels.map((level) => `own_${level}`)
  if (dialect === 'sqlite') {
    return [
      `create trigger files_own after insert on files when new.created_by_key is not null
        and exists (select 1 from keys where keys.id = new.created_by_key and keys.own_1 is not null)
      begin
        update files set ${owners.map((owner) => `${owner} = (select ${owner} from keys where keys.id = new.created_by_key)`).join(', ')}
        where seq = new.seq;
      end`,
    ]
  }
  const taken = owners.map((owner) => `new.${owner}`).join(', ')
  return [
    `create function fill_file_owners() returns trigger language plpgsql as $$ begin
      select ${owners.join(', ')} into ${taken} from keys where keys.id = new.created_by_key;
      return new;
    end $$`,
    'create trigger files_own before insert on files for each row when (new.created_by_key is not null) execute function fill_file_owners()',
  ]
}
