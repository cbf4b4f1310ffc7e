import { canonicalLine } from './audit-chain.ts'
import { type AuditRow, type ChainRow, findFirstSince, listChain } from './audit-chain-queries.ts'
import type { Services } from '../services.ts'

/** Lines that are read at once. */
const sliceLines = 500

/** A sealed line as it is exported: what is needed to check the chain without this server stands in it. */
export interface ExportedLine {
  readonly line: AuditRow
  /** Its place in the whole chain; only operators are told. */
  readonly number?: number
  readonly previous: string
  readonly hash: string
  /** What was hashed behind `previous`. */
  readonly text: string
}

/**
 * All sealed lines from a place on, oldest first: of the whole installation after a number, or of one account after a
 * line. What was deleted is left out (verifying tells of it). Goes on where an earlier export ended.
 */
export async function* exportAudit(
  { db }: { readonly db: Pick<Services['db'], 'read'> },
  from: ({ readonly after: number } | { readonly accountId: string; readonly after: string }) & {
    readonly since?: number | undefined
  },
): AsyncGenerator<ExportedLine> {
  let place: Parameters<typeof listChain>[1] =
    'accountId' in from ? { accountId: from.accountId, afterId: from.after } : { after: from.after }
  if ('after' in place && from.since !== undefined) {
    const first = await findFirstSince(db.read, from.since)
    if (first === undefined) return
    place = { after: Math.max(place.after, first - 1) }
  }
  for (;;) {
    const rows = await listChain(db.read, place, sliceLines)
    for (const row of rows) {
      const { line } = row
      if (line !== undefined && line.at >= (from.since ?? 0)) yield exported(row, line, !('accountId' in from))
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < sliceLines) return
    place = 'after' in place ? { after: last.number } : { accountId: place.accountId, afterId: last.entryId }
  }
}

function exported({ number, previous, hash }: ChainRow, line: AuditRow, showsNumber: boolean): ExportedLine {
  return { line, ...(showsNumber ? { number } : {}), previous: previous ?? '', hash, text: canonicalLine(line) }
}
