import type { Db } from '../db/database.ts'
import { trigramsOf } from '../db/name-search.ts'
import { dialectOf } from '../db/runner.ts'
import type { Condition } from './filters/conditions.ts'
import { findByShortNeedle } from './find-by-short-needle.ts'
import { type Candidate, countEntries, listCandidates, listNewestNames } from './list-queries.ts'
import { countTrigrams, listCandidatesByNameParts, listCandidatesByTrigrams } from './name-queries.ts'
import type { Scan } from './scan.ts'

/** A range or trigram with more entries than this is not looked through as a whole. */
const few = 2_000
/** Of names with the same trigrams; more are quicker found by walking the list. */
const fewNames = 4_000
/** A trigram with more names than this is never gone over as a whole: up to there it takes some 6 ms. */
const notCommon = 50_000
/** Names that are looked at to tell rare trigrams from common ones. */
const sampleSize = 300
/** How long PostgreSQL is waited for before the scan goes on beside it, which would slow it down. */
const alonePatienceMs = 40

/**
 * Looks for all matches of a scan by indexes that are not in the order of the list: a few steps, each short, between
 * which the scan goes on, so that whichever ends first answers. Yields undefined while it is not done, then the ids of
 * all matches in no order; ends without them when there is no such way.
 */
export async function* findAllMatches(scan: Scan): AsyncGenerator<readonly string[] | undefined> {
  for (const { range } of scan.conditions) {
    if (range === undefined || range === scan.range) continue
    if ((await countEntries(scan.db, scan.scope, range, few)) < few) {
      const stretch = { order: scan.order, after: null, until: null }
      const candidates = await listCandidates(scan.db, { scope: scan.scope, range, stretch }, scan.conditions)
      yield await keepMatches(scan, candidates)
      return
    }
    yield undefined
  }
  const needle = scan.conditions.find((condition) => condition.needle !== undefined)?.needle
  if (needle === undefined) return
  const trigrams = trigramsOf(needle)
  if (dialectOf(scan.db) === 'postgres') {
    if (trigrams.length > 0) yield* byName(scan, needle)
  } else yield* trigrams.length > 0 ? byTrigrams(scan, trigrams) : byShortNeedle(scan, needle)
}

/** Ids of the candidates that meet what is tested here. */
export async function keepMatches(
  { conditions, budget }: Pick<Scan, 'conditions' | 'budget'>,
  candidates: readonly Candidate[],
): Promise<string[]> {
  const tests = conditions.flatMap(({ test }, n) => (test === undefined ? [] : [{ column: `t${n}` as const, ...test }]))
  const matches = (candidate: Candidate) =>
    tests.every(({ column, matches: test }) => {
      const stored = candidate[column]
      return typeof stored === 'string' && test(stored)
    })
  const kept = tests.length === 0 ? candidates : await budget.filter(candidates, matches)
  return kept.map(({ id }) => id)
}

/** By FTS5. One statement over a common trigram would hold the event loop for as long as it is common. */
async function* byTrigrams(scan: Scan, trigrams: readonly string[]): AsyncGenerator<readonly string[] | undefined> {
  const rare = await findRareTrigrams(scan.db, trigrams)
  if (rare.length === 0) return
  if ((await countTrigrams(scan.db, rare, fewNames)).names >= fewNames) return
  yield await keepMatches(scan, await listCandidatesByTrigrams(scan.db, scan.scope, scan.conditions, rare))
}

/** By the trigrams that a needle of one or two characters is part of. */
async function* byShortNeedle(scan: Scan, needle: string): AsyncGenerator<readonly string[] | undefined> {
  for await (const candidates of findByShortNeedle(scan, needle)) {
    yield candidates === undefined ? undefined : await keepMatches(scan, candidates)
  }
}

/** Trigrams that few names have, at most three: together they leave little to look at. None when all are common. */
async function findRareTrigrams(db: Db, trigrams: readonly string[]): Promise<string[]> {
  const sampled: { trigram: string; share: number }[] = []
  for (const trigram of trigrams) {
    const { names, spread } = await countTrigrams(db, [trigram], few)
    if (names < few) return [trigram]
    sampled.push({ trigram, share: names / spread })
  }
  sampled.sort((a, b) => a.share - b.share)
  const rare: string[] = []
  for (const { trigram } of sampled.slice(0, 3)) {
    if ((await countTrigrams(db, [trigram], notCommon)).names < notCommon) rare.push(trigram)
  }
  return rare
}

/** By PostgreSQL: how long its index takes is not known before, so the scan goes on when it takes long. */
async function* byName(scan: Scan, needle: string): AsyncGenerator<readonly string[] | undefined> {
  const { db, scope, conditions } = scan
  const search: { ended?: { readonly candidates: readonly Candidate[] } | 'failed' } = {}
  const parts = findRareParts(needle, await listNewestNames(db, scope, sampleSize))
  const end = listCandidatesByNameParts(db, scope, conditions, parts, few).then(
    (candidates) => (search.ended = { candidates }),
    // Slower than a statement may be, or not possible at all: the scan, which goes on, says which.
    () => (search.ended = 'failed'),
  )
  await Promise.race([end, new Promise((resolve) => setTimeout(resolve, alonePatienceMs))])
  while (search.ended === undefined) yield undefined
  if (search.ended === 'failed' || search.ended.candidates.length >= few) return
  yield await keepMatches(scan, search.ended.candidates)
}

/**
 * Two parts of the needle, of three characters each, that are rare together, as far as a sample of names tells. The
 * index goes over all names with each part that it is asked for, so asking for more costs more than they exclude.
 */
export function findRareParts(needle: string, sample: readonly string[]): string[] {
  const characters = Array.from(needle)
  const parts = characters
    .slice(2)
    .map((_, at) => characters.slice(at, at + 3))
    // PostgreSQL's trigrams end where words do: nothing is left of `a b` but how the second word begins.
    .filter(([, middle = '']) => /[\p{L}\p{N}]/u.test(middle))
    .map((part) => part.join(''))
  const names = sample.map(asIndexed)
  const first = rarest(parts, names)
  if (first === undefined) return [needle]
  const others = parts.filter((part) => part !== first)
  const together = names.filter((name) => name.includes(asIndexed(first).slice(1, -1)))
  const second = rarest(others, together, names)
  return second === undefined ? [first] : [first, second]
}

/** The part that the fewest names have; among equal ones the one that the fewest of `all` have. */
function rarest(parts: readonly string[], names: readonly string[], all: readonly string[] = []): string | undefined {
  const counted = parts.map((part) => {
    const indexed = asIndexed(part).slice(1, -1)
    const count = (of: readonly string[]) => of.filter((name) => name.includes(indexed)).length
    return { part, here: count(names), anywhere: count(all) }
  })
  return counted.sort((a, b) => a.here - b.here || a.anywhere - b.anywhere)[0]?.part
}

/** As PostgreSQL's trigrams see a text: words with spaces around them. */
function asIndexed(text: string): string {
  return ` ${text.replace(/[^\p{L}\p{N}]/gu, ' ')} `
}

/** What of `conditions` is tested here and not by the database. */
export function isTested(conditions: readonly Condition[]): boolean {
  return conditions.some(({ test }) => test !== undefined)
}
