import type { ByteRange } from '../ipfs/file-blocks.ts'
import { AppError } from '../lib/errors.ts'

/** Whether an If-None-Match header names the entity tag that would be sent: a list, weak tags alike, `*` any (RFC 9110 section 13.1.2). */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const wanted = etag.replace(/^W\//, '')
  if (header.trim() === '*') return true
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, '') === wanted)
}

/** More ranges in one request are not worth the work: the whole is sent. */
const maxRanges = 16

/**
 * The one range of a Range header, clipped to the size; undefined when the whole is to be sent: no header, one that is
 * malformed, several ranges, or an If-Range that names another entity (RFC 9110 section 14). Throws `range_not_satisfiable`.
 */
export function readRange(
  headers: { range?: string | undefined; ifRange?: string | undefined },
  etag: string,
  sizeBytes: number,
): ByteRange | undefined {
  return headers.range?.includes(',') === true ? undefined : readRanges(headers, etag, sizeBytes)?.[0]
}

/**
 * As `readRange`, for answers that may be in several parts: ranges in the order asked for, those outside left out.
 * Undefined also when there are more than sixteen, or when some overlap.
 */
export function readRanges(
  headers: { range?: string | undefined; ifRange?: string | undefined },
  etag: string,
  sizeBytes: number,
): readonly ByteRange[] | undefined {
  if (headers.range === undefined || headers.range.length > 1_000) return undefined
  // Empty elements of a list say nothing (RFC 9110 section 5.6.1.2).
  const list = /^bytes=(.*)$/i
    .exec(headers.range)?.[1]
    ?.split(',')
    .filter((text) => text.trim() !== '')
  if (list === undefined || list.length === 0 || list.length > maxRanges) return undefined
  if (headers.ifRange !== undefined && (headers.ifRange.startsWith('W/') || headers.ifRange.trim() !== etag))
    return undefined
  const ranges: ByteRange[] = []
  for (const text of list) {
    const range = clip(text, sizeBytes)
    if (range === 'malformed') return undefined
    if (range !== 'outside') ranges.push(range)
  }
  if (ranges.length === 0) {
    throw new AppError('range_not_satisfiable', `The range lies outside the ${sizeBytes} bytes there are.`, {
      facts: { sizeBytes },
    })
  }
  const inOrder = ranges.toSorted((a, b) => a.start - b.start)
  const overlaps = inOrder.some(({ start }, i) => start < (inOrder[i - 1]?.end ?? 0))
  return overlaps ? undefined : ranges
}

function clip(text: string, sizeBytes: number): ByteRange | 'malformed' | 'outside' {
  const [, from = '', to = ''] = /^[ \t]*(\d{0,40})-(\d{0,40})[ \t]*$/.exec(text) ?? []
  if (from === '' && to === '') return 'malformed'
  const first = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from)
  if (from !== '' && to !== '' && Number(to) < first) return 'malformed'
  if (first >= sizeBytes || (from === '' && Number(to) === 0)) return 'outside'
  const last = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1)
  return { start: first, end: last + 1 }
}
