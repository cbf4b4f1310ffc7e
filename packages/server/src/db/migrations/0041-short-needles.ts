import type { Migration } from './migration.ts'

/**
 * SQLite's index of names tells its trigrams, so that a needle of one or two characters is found by those that begin or
 * end with it, and names that are shorter than a trigram have an index of their own.
 */
export const shortNeedles: Migration = {
  version: 41,
  name: 'needles shorter than a trigram',
  statements: (dialect) =>
    dialect === 'postgres'
      ? []
      : [
          `create virtual table file_name_terms using fts5vocab ('file_names', 'instance')`,
          'create index files_short_name on files (account_id, network, id) where length(name_folded) < 3',
        ],
}
