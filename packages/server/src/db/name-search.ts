import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { dialectOf } from './runner.ts'
import type { Db } from './runner.ts'

/** A trigram index has no entry for less. */
const MIN_INDEXED = 3
/** Further trigrams of a long needle would cost more than they exclude. */
const MAX_TRIGRAMS = 24

/**
 * The condition that `files.name_folded` contains `needle` (folded as names are), by the trigram index when the needle
 * has three characters or more. What the index costs grows with the number of names that share the needle's trigrams.
 */
export function nameContains(db: Db, needle: string): RawBuilder<SqlBool> {
  if (dialectOf(db) === 'postgres') {
    return sql<SqlBool>`files.name_folded like ${`%${needle.replaceAll(/[\\%_]/g, '\\$&')}%`}`
  }
  const contained = sql<SqlBool>`instr(files.name_folded, ${needle}) > 0`
  const trigrams = trigramsOf(needle)
  if (trigrams.length === 0) return contained
  return sql<SqlBool>`(files.seq in (select rowid from file_names where file_names match ${trigramMatch(trigrams)}) and ${contained})`
}

/** The same condition without the index: for looking through a bounded slice of rows. */
export function nameContainsByScan(db: Db, needle: string): RawBuilder<SqlBool> {
  return textContains(db, sql.ref('files.name_folded'), needle)
}

/** The condition that a text contains `part`, letter for letter. */
export function textContains(db: Db, text: RawBuilder<unknown>, part: string): RawBuilder<SqlBool> {
  return dialectOf(db) === 'postgres' ? sql`position(${part} in ${text}) > 0` : sql`instr(${text}, ${part}) > 0`
}

/** Trigrams that every name with `needle` in it has, from all over the needle; none when it is too short to have one. */
export function trigramsOf(needle: string): string[] {
  const characters = Array.from(needle)
  const count = characters.length - MIN_INDEXED + 1
  const step = Math.max(1, count / MAX_TRIGRAMS)
  const trigrams = new Set<string>()
  for (let at = 0; at < count; at += step) {
    const from = Math.floor(at)
    trigrams.add(characters.slice(from, from + MIN_INDEXED).join(''))
  }
  return [...trigrams]
}

/** All names with these trigrams, as FTS5 asks for them (`file_names match`). */
export function trigramMatch(trigrams: readonly string[]): string {
  return trigrams.map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ')
}
