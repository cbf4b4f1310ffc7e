import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { nameContains, trigramMatch } from '../db/name-search.ts'
import type { Condition } from './filters/conditions.ts'
import type { FileScope } from './filters/file-filter.ts'
import { allOf, type Candidate, candidateColumns, inScope } from './list-queries.ts'

// What the indexes of names are asked for: FTS5's trigrams in SQLite, those of pg_trgm in PostgreSQL.

/** As `listCandidates`, of names that have all the trigrams, whatever their order (SQLite). */
export async function listCandidatesByTrigrams(
  db: Db,
  scope: FileScope,
  conditions: readonly Condition[],
  trigrams: readonly string[],
): Promise<Candidate[]> {
  const { rows } = await sql<Candidate>`
    select ${candidateColumns(conditions)} from file_names cross join files
    where file_names match ${trigramMatch(trigrams)} and files.seq = file_names.rowid
      and ${inScope(scope)} and ${allOf(conditions)}`.execute(db)
  return rows
}

/**
 * How many names, in all accounts, have all the trigrams, counted to `limit` at most, and over how many numbers of rows
 * these are spread (SQLite). FTS5 goes over every name of the most common one, and cannot begin in the middle.
 */
export async function countTrigrams(
  db: Db,
  trigrams: readonly string[],
  limit: number,
): Promise<{ names: number; spread: number }> {
  const { rows } = await sql<{ names: number; spread: number | null }>`
    select count(*) as names, max(seq) - min(seq) + 1 as spread from (
      select rowid as seq from file_names where file_names match ${trigramMatch(trigrams)} limit ${limit})`.execute(db)
  return { names: rows[0]?.names ?? 0, spread: rows[0]?.spread ?? 0 }
}

/**
 * As `listCandidates`, of the files with these numbers, and of those whose names are too short for a trigram; undefined
 * when these are `limit` or more (SQLite).
 */
export async function listCandidatesBySeq(
  db: Db,
  scope: FileScope,
  conditions: readonly Condition[],
  { seqs, limit }: { readonly seqs: readonly number[]; readonly limit: number },
): Promise<Candidate[] | undefined> {
  const columns = candidateColumns(conditions)
  // The length is spelled out as in the index, or that would not be used.
  const short = sql`from files indexed by files_short_name where ${inScope(scope)} and length(name_folded) < 3`
  const counted = await sql<{ n: number }>`select count(*) as n from (select 1 ${short} limit ${limit})`.execute(db)
  if (counted.rows[0]!.n >= limit) return undefined // a count gives a row
  const { rows } = await sql<Candidate>`
    select ${columns} from files where files.seq in (select value from json_each(${JSON.stringify(seqs)}))
      and ${inScope(scope)} and ${allOf(conditions)}
    union all select ${columns} ${short} and ${allOf(conditions)}`.execute(db)
  return rows
}

/** Numbers of files, in all accounts, whose names have a trigram between `from` and `to` inclusive, `limit` at most (SQLite). */
export async function listSeqsByTrigrams(
  db: Db,
  { from, to, limit }: { readonly from: string; readonly to: string; readonly limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ doc: number }>`
    select doc from file_name_terms where term >= ${from} and term <= ${to} limit ${limit}`.execute(db)
  return rows.map(({ doc }) => doc)
}

/** The first trigram of any name behind `after` (SQLite). */
export async function findTrigram(db: Db, after: string): Promise<string | undefined> {
  const { rows } = await sql<{ term: string }>`
    select term from file_name_terms where term > ${after} limit 1`.execute(db)
  return rows[0]?.term
}

/** As `listCandidates`, of names that contain all `parts`, by PostgreSQL's trigram index; at most `limit`, in no order. */
export async function listCandidatesByNameParts(
  db: Db,
  scope: FileScope,
  conditions: readonly Condition[],
  parts: readonly string[],
  limit: number,
): Promise<Candidate[]> {
  const contained = parts.map((part) => nameContains(db, part))
  const { rows } = await sql<Candidate>`
    select ${candidateColumns(conditions)} from files
    where ${sql.join(contained, sql` and `)} and ${inScope(scope)} and ${allOf(conditions)}
    limit ${limit}`.execute(db)
  return rows
}
