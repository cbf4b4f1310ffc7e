import { createHash } from 'node:crypto'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { type FileFilter, type FileScope, filterKey } from './filters/file-filter.ts'
import type { FileWithKeyvalues } from './get-file.ts'
import { readKeyvalues } from './keyvalues.ts'
import { bookmarksOf } from './list-bookmarks.ts'
import type { Order } from './list-queries.ts'
import { makePageToken, readPageToken } from './page-token.ts'
import type { FileRow } from './queries.ts'
import { findKeyvalues } from './keyvalue-queries.ts'
import { openScan, type ScanOptions } from './scan-files.ts'
import { countMatches, skipRows, takeRows } from './scan-steps.ts'
import { getTotals } from './totals.ts'

type Needs = Pick<Services, 'db' | 'clock'>
type Who = Pick<Caller, 'accountId' | 'reach'>

/** What every list takes beside its place. */
interface ListInput extends ScanOptions {
  readonly network: NetworkName
  readonly filter: FileFilter
  readonly limit: number
}

/**
 * A page of the account's files, going on where `pageToken` ends. While files come and go, following the tokens shows
 * each file that stays exactly once. The token is null on the last page, and never beside an empty one. Throws
 * `invalid_request` for a token of another list or a bad pattern, `filter_too_wide` when five seconds are not enough.
 */
export async function pageFiles(
  services: Needs,
  caller: Who,
  { order, pageToken, ...input }: ListInput & { order: Order; pageToken?: string | undefined },
): Promise<{ files: FileWithKeyvalues[]; nextPageToken: string | null }> {
  const scope = scopeOf(caller, input)
  const after = pageToken === undefined ? null : readPageToken(scope, order, pageToken)
  if (matchesNothing(scope)) return { files: [], nextPageToken: null }
  const scan = await openScan(services.db.read, scope, { ...input, order, now: services.clock.now() })
  const rows = await takeRows(scan, after, input.limit + 1)
  const shown = rows.slice(0, input.limit)
  const last = rows.length > shown.length ? shown.at(-1) : undefined
  return {
    files: await withKeyvalues(services, shown),
    nextPageToken: last === undefined ? null : makePageToken(scope, order, last.id),
  }
}

/**
 * A page of the account's files by offset, newest first, and how many there are when `isCounted`. Reading page after
 * page goes on where the last one ended, whatever came or went meanwhile; any other offset is counted from the top.
 * Throws as `pageFiles`.
 */
export async function listFilesByOffset(
  services: Needs,
  caller: Who,
  { offset, isCounted, ...input }: ListInput & { offset: number; isCounted: boolean },
): Promise<{ files: FileWithKeyvalues[]; count: number | undefined }> {
  const scope = scopeOf(caller, input)
  if (matchesNothing(scope)) return { files: [], count: isCounted ? 0 : undefined }
  const { db, clock } = services
  const bookmarks = bookmarksOf(db.read)
  const list = createHash('sha256').update(filterKey(scope)).digest('base64url')
  const scan = await openScan(db.read, scope, { ...input, order: 'desc', now: clock.now() })
  const after = offset === 0 ? null : (bookmarks.take(list, offset) ?? (await skipRows(scan, offset)))
  const rows = after === undefined ? [] : await takeRows(scan, after, input.limit)
  const last = rows.at(-1)?.id ?? after
  if (typeof last === 'string') bookmarks.put(list, offset + input.limit, last)
  const count = isCounted ? await countFiles(services, caller, input) : undefined
  return { files: await withKeyvalues(services, rows), count }
}

/** How many files of the account fit a filter. Throws as `pageFiles`. */
export async function countFiles(services: Needs, caller: Who, input: Omit<ListInput, 'limit'>): Promise<number> {
  const scope = scopeOf(caller, input)
  if (matchesNothing(scope)) return 0
  if (isWhole(scope)) return (await getTotals(services, caller, input.network)).files
  return countMatches(await openScan(services.db.read, scope, { ...input, order: 'desc', now: services.clock.now() }))
}

function scopeOf({ accountId, reach }: Who, { network, filter }: Pick<ListInput, 'network' | 'filter'>): FileScope {
  return { ...filter, accountId, network: networkNumbers[network], ...(reach === undefined ? {} : { reach }) }
}

function matchesNothing({ cid, states, ...filter }: FileScope): boolean {
  return (
    cid === 'none' ||
    states.length === 0 ||
    isEmpty(filter.createdFrom, filter.createdTo) ||
    isEmpty(filter.releasedFrom, filter.releasedTo) ||
    isEmpty(filter.sizeMin, filter.sizeMax)
  )
}

function isEmpty(low: number | undefined, high: number | undefined): boolean {
  return low !== undefined && high !== undefined && low > high
}

/** Held files and nothing else is asked: what the counters know. */
function isWhole({ accountId: _account, network: _network, states, keyvalues = [], ...rest }: FileScope): boolean {
  const isNarrowed = keyvalues.length > 0 || Object.values(rest).some((value) => value !== undefined)
  return !isNarrowed && states.length === 1 && states[0] === 'held'
}

async function withKeyvalues({ db }: Pick<Services, 'db'>, rows: readonly FileRow[]): Promise<FileWithKeyvalues[]> {
  const files: FileWithKeyvalues[] = []
  // In slices, since each file may have a hundred of them.
  for (let at = 0; at < rows.length; at += 50) {
    const slice = rows.slice(at, at + 50)
    const ids = slice.map(({ id }) => id)
    const keyvalues = await findKeyvalues(db.read, ids)
    for (const file of slice) files.push({ file, keyvalues: readKeyvalues(keyvalues.get(file.id) ?? []) })
  }
  return files
}
