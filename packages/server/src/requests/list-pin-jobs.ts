import { createHash } from 'node:crypto'
import type { Caller } from '../caller.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { withFetches } from './get-pin.ts'
import { allTimes, countPins } from './list-pins.ts'
import type { PinFilter } from './pin-filter.ts'
import type { PinRequest } from './pin-request.ts'
import { openPinWalk, takeTimes, type WalkOptions } from './pin-walk.ts'
import { listPinsMadeAt } from './queries.ts'

/** Which pins that are not here yet a list shows. */
export interface JobFilter extends Pick<PinFilter, 'contents' | 'job'> {
  readonly order: 'asc' | 'desc'
}

interface ListJobs extends WalkOptions {
  readonly filter: JobFilter
  readonly limit: number
}

/** What has been pinned is no job any more. */
const jobStatuses = [pinStatuses.queued, pinStatuses.pinning, pinStatuses.failed]

/** Pins of the account that are not here yet, by offset, and how many there are. Throws `filter_too_wide`. */
export async function listPinJobs(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  { filter: { order, ...rest }, limit, offset, ...options }: ListJobs & { offset: number },
): Promise<{ jobs: PinRequest[]; count: number }> {
  const filter: PinFilter = { ...rest, statuses: jobStatuses }
  const walk = await openPinWalk(db.read, caller, filter, options)
  const times = await takeTimes(db.read, walk, allTimes, { limit, offset, order })
  const jobs = await pinsInOrder(db.read, caller.accountId, times)
  return { jobs, count: await countPins(db.read, walk, filter, allTimes) }
}

/**
 * A page of the account's pins that are not here yet, going on where `pageToken` ends. Throws `filter_too_wide`, and
 * `invalid_request` for a token of another list.
 */
export async function pagePinJobs(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  { filter: { order, ...rest }, limit, pageToken, ...options }: ListJobs & { pageToken?: string | undefined },
): Promise<{ jobs: PinRequest[]; nextPageToken: string | null }> {
  const filter: PinFilter = { ...rest, statuses: jobStatuses }
  const list = listKey(caller, filter, order)
  const after = pageToken === undefined ? undefined : readToken(list, pageToken)
  const range =
    after === undefined ? allTimes : order === 'desc' ? { ...allTimes, high: after } : { ...allTimes, low: after + 1 }
  const walk = await openPinWalk(db.read, caller, filter, options)
  const times = await takeTimes(db.read, walk, range, { limit: limit + 1, order })
  const shown = times.slice(0, limit)
  const last = times.length > limit ? shown.at(-1) : undefined
  const jobs = await pinsInOrder(db.read, caller.accountId, shown)
  return { jobs, nextPageToken: last === undefined ? null : makeToken(list, last) }
}

async function pinsInOrder(
  db: Services['db']['read'],
  accountId: string,
  times: readonly number[],
): Promise<PinRequest[]> {
  const files = await listPinsMadeAt(db, accountId, times)
  if ((times[0] ?? 0) < (times.at(-1) ?? 0)) files.reverse()
  return withFetches(db, files)
}

const digestBytes = 12

function listKey(
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  { contents = [], job }: PinFilter,
  order: string,
): Buffer {
  const cids = contents.map(({ multihash, codec }) => [Buffer.from(multihash).toString('hex'), codec])
  return createHash('sha256')
    .update(JSON.stringify([accountId, reach ?? null, cids, job ?? null, order]))
    .digest()
    .subarray(0, digestBytes)
}

/** Bound to the list, and to nothing secret: a made-up one could only begin elsewhere in the caller's own list. */
function makeToken(list: Buffer, last: number): string {
  return Buffer.concat([list, Buffer.from(String(last))]).toString('base64url')
}

function readToken(list: Buffer, token: string): number {
  const last = Number(Buffer.from(token, 'base64url').toString('latin1', digestBytes))
  if (Number.isSafeInteger(last) && makeToken(list, last) === token) return last
  throw new AppError(
    'invalid_request',
    'pageToken: not a token of this list. Use next_page_token of the page before, with the same filters and order.',
  )
}
