import type { Dialect } from '../runner.ts'
import type { Migration } from './migration.ts'

/** Lists of files show what is held or was: entries of files that wait to be fetched stand in the way of all others. */
const isListed = "(state = 'held' or state = 'released')"

/** What is asked for by CID is written to the indexes of waiting pins alone, and to those of files once it is here. */
export const fewerEntries: Migration = {
  version: 17,
  name: 'fewer entries',
  statements: (dialect) => [
    ...makeListsPartial(dialect),
    ...(dialect === 'sqlite' ? makeNameSearchPartial() : []),
    // Jobs with an owner are taken by the indexes of their lanes.
    'drop index jobs_due',
    'create index jobs_due on jobs (kind, run_at) where owner is null',
  ],
}

function makeListsPartial(dialect: Dialect): string[] {
  const lists = {
    files_list: 'id',
    files_cid: 'multihash, codec, state, id',
    files_mime_type: 'mime_type, id',
    files_group: 'group_id, id',
    files_size: 'size_bytes, id',
    files_created: 'created_at, id',
  }
  const files = Object.entries(lists).flatMap(([name, columns]) => {
    const first = name === 'files_cid' ? 'account_id, network' : 'account_id, network, state'
    return [`drop index ${name}`, `create index ${name} on files (${first}, ${columns}) where ${isListed}`]
  })
  return [
    ...files,
    "create index files_waiting on files (account_id, network, id) where state = 'waiting'",
    `create index files_waiting_group on files (account_id, network, group_id)
      where group_id is not null and (state = 'waiting' or state = 'failed')`,
    ...(dialect === 'postgres'
      ? [
          'drop index files_no_group',
          `create index files_no_group on files (account_id, network, state, id) where group_id is null and ${isListed}`,
          'drop index files_name',
          `create index files_name on files using gin (name_folded gin_trgm_ops) where ${isListed}`,
        ]
      : []),
  ]
}

/** SQLite's index of names is fed by triggers. */
function makeNameSearchPartial(): string[] {
  const isNamed = (row: 'old' | 'new') =>
    `${row}.name_folded is not null and (${row}.state = 'held' or ${row}.state = 'released')`
  const remove = `insert into file_names (file_names, rowid, name_folded) select 'delete', old.seq, old.name_folded`
  const add = 'insert into file_names (rowid, name_folded) select new.seq, new.name_folded'
  const wasHeld = `(old.state = 'held' or old.state = 'released')`
  const isHeld = `(new.state = 'held' or new.state = 'released')`
  return [
    `insert into file_names (file_names, rowid, name_folded)
      select 'delete', seq, name_folded from files where name_folded is not null and not ${isListed}`,
    ...['insert', 'delete', 'update'].map((change) => `drop trigger file_names_${change}`),
    `create trigger file_names_insert after insert on files when ${isNamed('new')} begin ${add}; end`,
    `create trigger file_names_delete after delete on files when ${isNamed('old')} begin ${remove}; end`,
    // One trigger, so that the old name leaves before the new one comes.
    `create trigger file_names_update after update of name_folded, state on files
      when old.name_folded is not new.name_folded or ${wasHeld} <> ${isHeld} begin
      ${remove} where ${isNamed('old')};
      ${add} where ${isNamed('new')};
    end`,
  ]
}
