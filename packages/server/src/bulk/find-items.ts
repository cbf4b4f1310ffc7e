import type { BulkFilter, BulkPinFilter } from '@pinyon/contract/schemas/bulk.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import { tryParseCid } from '../files/filters/conditions.ts'
import type { FileFilter } from '../files/filters/file-filter.ts'
import { pageFiles } from '../files/list-files.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { AppError } from '../lib/errors.ts'
import { findLastPinTime } from '../requests/created-at.ts'
import { ownPinFilter } from '../requests/own-pin-filter.ts'
import { openPinWalk, takeTimes } from '../requests/pin-walk.ts'
import { listPinsMadeAt } from '../requests/queries.ts'
import type { Services } from '../services.ts'

/**
 * What an operation is done with: files of a network, or pins by CID. What comes after it was asked for is not meant:
 * files are told by the time, pins by the last one there was, because many made at once carry times that lie ahead.
 */
export type Searched =
  | { readonly of: 'files'; readonly network: NetworkName; readonly filter: BulkFilter }
  | { readonly of: 'pins'; readonly filter: BulkPinFilter; readonly lastAt: number }

/** Which of them, and how far. */
interface Page {
  readonly limit: number
  /** Where the page before ended. */
  readonly pageToken?: string | undefined
  readonly signal: AbortSignal
  /** Of files: made until then. */
  readonly createdTo?: number | undefined
  readonly deadlineMs?: number | undefined
}

/** Pins that a filter means, as they are now. Throws `invalid_cid`, `invalid_request` where nothing can match. */
export async function searchPins(
  { db }: Pick<Services, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  filter: BulkPinFilter,
): Promise<Searched> {
  ownPinFilter(filter)
  return { of: 'pins', filter, lastAt: await findLastPinTime(db.read, accountId) }
}

/** The filter of pins to try again: those that are here need no attempt. Throws `invalid_request` when no other is meant. */
export function withoutPinned(filter: BulkPinFilter): BulkPinFilter {
  const { all: _all, status = ['queued', 'pinning', 'failed'], ...rest } = filter
  const left = status.filter((each) => each !== 'pinned')
  if (left.length > 0) return { ...rest, status: left }
  throw new AppError('invalid_request', 'filter.status: what is pinned cannot be tried again')
}

/** A page of ids, oldest first, and where the next one begins; null at the end. Throws `filter_too_wide`. */
export async function findItems(
  services: Pick<Services, 'db' | 'clock' | 'config'>,
  caller: Caller,
  searched: Searched,
  page: Page,
): Promise<{ ids: string[]; nextPageToken: string | null }> {
  if (searched.of === 'pins') return findPins(services, caller, searched, page)
  const { createdTo, ...rest } = page
  const filter = { ...fileFilterOf(searched.filter), createdTo }
  const { files, nextPageToken } = await pageFiles(services, caller, {
    ...rest,
    network: searched.network,
    filter,
    order: 'asc',
  })
  return { ids: files.map(({ file }) => file.id), nextPageToken }
}

/** In the order of their times, no two of which are the same; a slice at a time, as lists of pins go. */
async function findPins(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  { filter, lastAt }: Extract<Searched, { of: 'pins' }>,
  { limit, pageToken, signal }: Page,
): Promise<{ ids: string[]; nextPageToken: string | null }> {
  const walk = await openPinWalk(db.read, caller, ownPinFilter(filter), { signal })
  const range = { low: pageToken === undefined ? 0 : Number(pageToken) + 1, high: lastAt + 1 }
  const times = await takeTimes(db.read, walk, range, { limit: limit + 1, order: 'asc' })
  const some = times.slice(0, limit)
  const pins = await listPinsMadeAt(db.read, caller.accountId, some)
  return {
    ids: pins.map(({ id }) => id).toReversed(),
    nextPageToken: times.length > limit ? String(some.at(-1)) : null,
  }
}

/** Statuses that a filter names, as they stand in the table; undefined where it names none. */
export function statusesOf({ status }: BulkPinFilter): number[] | undefined {
  return status?.map((each) => pinStatuses[each])
}

/** The filter of a list that a bulk filter means. Text that is no CID is one that no file has. */
function fileFilterOf({ name, group, mimeType, cid, keyvalues = {} }: BulkFilter): FileFilter {
  return {
    states: ['held'],
    nameContains: name,
    group,
    mimeType,
    cid: cid === undefined ? undefined : (tryParseCid(cid.trim()) ?? 'none'),
    keyvalues: Object.entries(keyvalues).map(([key, value]) => ({ key, op: 'eq', value })),
  }
}
