import { pinStatuses } from '../files/pin-counts.ts'
import type { FetchRow } from './fetch-queries.ts'

/** What of a fetch is told in words. */
type Told = Pick<FetchRow, 'number_of_blocks' | 'size_bytes' | 'attempts' | 'next_attempt_at' | 'detail'>

/**
 * How far a pin by CID is, or why it failed and what to do, for its owner. Names no address and no place of this
 * installation; `percent` is never said, because nobody knows how large a DAG is before it is here.
 */
export function describeFetch(
  status: number | null,
  fetch: Told | undefined,
  { now, position }: { now: number; position?: number | undefined },
): string {
  switch (status) {
    case pinStatuses.pinned:
      return 'Every block is here and verified.'
    case pinStatuses.failed:
      return fetch?.detail ?? 'The content could not be fetched.'
    case pinStatuses.pinning:
      return fetch === undefined ? 'Is looked for.' : describeAttempt(fetch, now)
    default:
      if (position === undefined || position === 0) return 'Waits for its turn.'
      return `Waits for its turn behind ${position}${position >= mostCounted ? ' or more' : ''} other pins of this account.`
  }
}

/** Pins before one in the queue are counted up to so many. */
export const mostCounted = 1_000

function describeAttempt(fetch: Told, now: number): string {
  const { number_of_blocks: blocks, size_bytes: bytes, attempts, next_attempt_at: nextAt, detail } = fetch
  const here = blocks === 0 ? '' : ` ${blocks} ${blocks === 1 ? 'block' : 'blocks'} (${bytes} bytes) so far.`
  if (nextAt === null) {
    if (blocks > 0) return `Is being fetched, attempt ${attempts}.${here}`
    return `Looks for somebody who has the content, attempt ${attempts}.`
  }
  return `Attempt ${attempts + 1} ${inTime(nextAt - now)}.${here} ${detail ?? ''}`.trimEnd()
}

function inTime(ms: number): string {
  if (ms <= 0) return 'as soon as it is its turn'
  if (ms < 90_000) return `in ${Math.ceil(ms / 1_000)} s`
  return `in ${Math.round(ms / 60_000)} min`
}
