import type { ByteRange } from '../ipfs/file-blocks.ts'
import { AppError } from '../lib/errors.ts'

/** Whether an If-None-Match header names the entity tag that would be sent: a list, weak tags alike, `*` any (RFC 9110 section 13.1.2). */
export function matchesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  const wanted = etag.replace(/^W\//, '')
  if (header.trim() === '*') return true
  return (header.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => tag.replace(/^W\//, '') === wanted)
}

/**
 * The one range of a Range header, clipped to the size; undefined when the whole is to be sent: no header, one that is
 * malformed, several ranges, or an If-Range that names another entity (RFC 9110 section 14). Throws `range_not_satisfiable`.
 */
export function readRange(
  headers: { range?: string | undefined; ifRange?: string | undefined },
  etag: string,
  sizeBytes: number,
): ByteRange | undefined {
  const match = /^bytes=[ \t]*(\d{0,40})-(\d{0,40})[ \t]*$/i.exec(headers.range ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (headers.ifRange !== undefined && (headers.ifRange.startsWith('W/') || headers.ifRange.trim() !== etag))
    return undefined
  const first = match[1] === '' ? Math.max(0, sizeBytes - Number(match[2])) : Number(match[1])
  const last = match[1] === '' || match[2] === '' ? sizeBytes - 1 : Math.min(Number(match[2]), sizeBytes - 1)
  if (match[1] !== '' && match[2] !== '' && Number(match[2]) < first) return undefined
  if (first >= sizeBytes || (match[1] === '' && Number(match[2]) === 0)) {
    throw new AppError('range_not_satisfiable', `The range lies outside the ${sizeBytes} bytes there are.`, {
      facts: { sizeBytes },
    })
  }
  return { start: first, end: last + 1 }
}
