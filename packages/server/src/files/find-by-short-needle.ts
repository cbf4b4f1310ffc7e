import type { Candidate } from './list-queries.ts'
import { findTrigram, listCandidatesBySeq, listSeqsByTrigrams } from './name-queries.ts'
import type { Scan } from './scan.ts'

/** A needle that more names have is not looked for this way. */
const fewNames = 2_000
/** Ways for a trigram to begin that are tried at most: with more (scripts of many characters) it takes too long. */
const mostBeginnings = 4_000
/** How long one step may take, in milliseconds. */
const stepMs = 5

/** Behind every trigram that begins with what stands before it. */
const lastCharacter = '\u{10ffff}'

/**
 * Candidates for a needle of one or two characters, by the trigrams of names (SQLite): those that begin with it, and,
 * since a name may end with it, those that have it behind any other character. Yields undefined between steps of a few
 * milliseconds, then all candidates in no order; ends without them when too many names have the needle.
 */
export async function* findByShortNeedle(
  { db, scope, conditions }: Pick<Scan, 'db' | 'scope' | 'conditions'>,
  needle: string,
): AsyncGenerator<readonly Candidate[] | undefined> {
  const seqs = new Set<number>()
  let started = performance.now()
  for (let before = 0; before + lengthOf(needle) <= 3; before++) {
    let beginnings = 0
    for (let start: string | undefined = ''; ;) {
      start = await findBeginning(db, before, start)
      if (start === undefined) break
      if (++beginnings > mostBeginnings) return
      const from = start + needle
      for (const seq of await listSeqsByTrigrams(db, { from, to: from + lastCharacter, limit: fewNames })) seqs.add(seq)
      if (seqs.size >= fewNames) return
      if (performance.now() - started > stepMs) {
        yield undefined
        started = performance.now()
      }
      if (before === 0) break
    }
  }
  const candidates = await listCandidatesBySeq(db, scope, conditions, { seqs: [...seqs], limit: fewNames })
  if (candidates !== undefined) yield candidates
}

/** The first `length` characters with which a trigram behind all those that begin with `behind` begins. */
async function findBeginning(db: Scan['db'], length: number, behind: string): Promise<string | undefined> {
  if (length === 0) return ''
  const trigram = await findTrigram(db, behind === '' ? '' : behind + lastCharacter)
  return trigram === undefined ? undefined : Array.from(trigram).slice(0, length).join('')
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
