import { isTested, keepMatches } from './find-all-matches.ts'
import { countRows, findNthMatch, listByIds, listCandidates, listRows, type Stretch } from './list-queries.ts'
import type { FileRow } from './queries.ts'
import type { Scan } from './scan.ts'
import { entriesOf, slicesOf } from './scan-files.ts'

/** The first `limit` files behind `after`, in order. */
export async function takeRows(scan: Scan, after: string | null, limit: number): Promise<FileRow[]> {
  if (scan.isExact) {
    return listRows(scan.db, entriesOf(scan, { order: scan.order, after, until: null }), [], limit)
  }
  const rows: FileRow[] = []
  for await (const slice of slicesOf(scan, after)) {
    if ('rest' in slice) rows.push(...(await loadRows(scan, slice.rest, limit - rows.length)))
    else if (!isTested(scan.open)) {
      rows.push(...(await listRows(scan.db, entriesOf(scan, slice.stretch), scan.open, limit - rows.length)))
    } else rows.push(...(await loadRows(scan, await testStretch(scan, slice.stretch), limit - rows.length)))
    if (rows.length >= limit) break
  }
  return rows
}

/** The place behind the first `count` files: the id of the last of them; undefined when there are not so many. */
export async function skipRows(scan: Scan, count: number): Promise<string | undefined> {
  let left = count
  for await (const slice of slicesOf(scan, null, () => (scan.isExact ? left : Infinity))) {
    if ('rest' in slice) return slice.rest[left - 1]
    if (scan.isExact) {
      left -= slice.count
      if (left === 0) return slice.stretch.until ?? undefined
    } else if (isTested(scan.open)) {
      const ids = await testStretch(scan, slice.stretch)
      if (ids.length >= left) return ids[left - 1]
      left -= ids.length
    } else {
      const entries = entriesOf(scan, slice.stretch)
      const here = await countRows(scan.db, entries, scan.open)
      if (here >= left) return findNthMatch(scan.db, entries, scan.open, left - 1)
      left -= here
    }
  }
  return undefined
}

/** How many files there are. */
export async function countMatches(scan: Scan): Promise<number> {
  let total = 0
  for await (const slice of slicesOf(scan, null)) {
    if ('rest' in slice) total += slice.rest.length
    else if (scan.isExact) total += slice.count
    else if (isTested(scan.open)) total += (await testStretch(scan, slice.stretch)).length
    else total += await countRows(scan.db, entriesOf(scan, slice.stretch), scan.open)
  }
  return total
}

async function testStretch(scan: Scan, stretch: Stretch): Promise<string[]> {
  const candidates = await listCandidates(scan.db, entriesOf(scan, stretch), scan.open)
  return keepMatches({ conditions: scan.open, budget: scan.budget }, candidates)
}

/** Rows of matches in the order given; one that has changed meanwhile is left out, and the next takes its place. */
async function loadRows(scan: Scan, ids: readonly string[], limit: number): Promise<FileRow[]> {
  const rows: FileRow[] = []
  for (let at = 0; at < ids.length && rows.length < limit;) {
    const some = ids.slice(at, at + limit - rows.length)
    const found = new Map((await listByIds(scan.db, scan.scope, scan.conditions, some)).map((row) => [row.id, row]))
    for (const id of some) {
      const row = found.get(id)
      if (row !== undefined) rows.push(row)
    }
    at += some.length
  }
  return rows
}
