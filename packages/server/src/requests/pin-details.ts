import { sql } from 'kysely'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { type KeyvalueValue, readKeyvalues } from '../files/keyvalues.ts'
import type { FileRow } from '../files/queries.ts'
import { findKeyvalues } from '../files/keyvalue-queries.ts'
import type { Services } from '../services.ts'
import { countEachStatus } from './count-pins.ts'
import { mostCounted } from './describe-fetch.ts'
import type { FetchRow } from './fetch-queries.ts'
import { allTimes, countPins } from './list-pins.ts'
import type { PinFilter } from './pin-filter.ts'
import { openPinWalk, takeTimes } from './pin-walk.ts'
import { listPinsMadeAt, readOrigins } from './queries.ts'
import { getPinRow } from './remove-pin.ts'

/** A pin by CID with all that its owner may know of how it is fetched. */
export interface PinDetails {
  readonly file: FileRow
  readonly keyvalues: Readonly<Record<string, KeyvalueValue>>
  /** Undefined once it is pinned, and before its fetch has begun. */
  readonly fetch: FetchRow | undefined
  /** When it fails unless it is here; undefined once it is pinned. */
  readonly deadlineAt: number | undefined
  /** The addresses named with this request. */
  readonly origins: readonly string[]
  /** Queued pins of the account that were made before it, `mostCounted` at most; undefined unless it is queued. */
  readonly position: number | undefined
}

/** A pin of the account. Throws `not_found`. */
export async function getPinDetails(
  { db, config }: Pick<Services, 'db' | 'config'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<PinDetails> {
  const [found] = await withDetails(db.read, config, [await getPinRow(db.read, caller, id)])
  if (found === undefined) throw new Error('A pin that was read is not there')
  if (found.file.pin_status !== pinStatuses.queued) return found
  // How much others have queued is nothing for a key that sees only its own.
  if (caller.reach !== undefined) return found
  return { ...found, position: await countBefore(db.read, found.file) }
}

/**
 * A page of the account's pins that match, newest first, going on behind `before` (a time of `created_at`). Throws
 * `filter_too_wide`.
 */
export async function listPinDetails(
  { db, config }: Pick<Services, 'db' | 'config'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  page: { filter: PinFilter; limit: number; before: number | undefined; signal: AbortSignal },
): Promise<{ pins: PinDetails[]; next: number | undefined }> {
  const { filter, limit, before, signal } = page
  const walk = await openPinWalk(db.read, caller, filter, { signal })
  const range = before === undefined ? allTimes : { ...allTimes, high: before }
  const times = await takeTimes(db.read, walk, range, { limit: limit + 1 })
  const shown = times.slice(0, limit)
  const pins = await withDetails(db.read, config, await listPinsMadeAt(db.read, caller.accountId, shown))
  return { pins, next: times.length > limit ? shown.at(-1) : undefined }
}

/** How many pins of each status the account has, of those that match where a filter is given. Throws `filter_too_wide`. */
export async function countPinStatuses(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  { filter: asked, signal }: { filter?: PinFilter; signal?: AbortSignal } = {},
): Promise<Record<keyof typeof pinStatuses, number>> {
  if (asked === undefined && caller.reach === undefined) {
    const counts = await countEachStatus(db.read, caller.accountId)
    const countOf = (status: keyof typeof pinStatuses) => counts.get(pinStatuses[status]) ?? 0
    return {
      queued: countOf('queued'),
      pinning: countOf('pinning'),
      pinned: countOf('pinned'),
      failed: countOf('failed'),
    }
  }
  const count = async (status: keyof typeof pinStatuses) => {
    if (asked !== undefined && !asked.statuses.includes(pinStatuses[status])) return 0
    const filter = { ...asked, statuses: [pinStatuses[status]] }
    return countPins(db.read, await openPinWalk(db.read, caller, filter, { signal }), filter, allTimes)
  }
  const [queued, pinning, pinned, failed] = await Promise.all([
    count('queued'),
    count('pinning'),
    count('pinned'),
    count('failed'),
  ])
  return { queued, pinning, pinned, failed }
}

async function withDetails(db: Db, { pinning }: Services['config'], files: readonly FileRow[]): Promise<PinDetails[]> {
  if (files.length === 0) return []
  const rows = await db
    .selectFrom('requests')
    .innerJoin('fetches', 'fetches.id', 'requests.fetch_id')
    .selectAll('fetches')
    .select(['requests.file_id', 'requests.origins'])
    .where(
      'requests.file_id',
      'in',
      files.map(({ id }) => id),
    )
    .execute()
  const found = new Map(rows.map(({ file_id, origins, ...fetch }) => [file_id, { fetch, origins }]))
  const keyvalues = await findKeyvalues(db, files.map(({ id }) => id)) // prettier-ignore
  return files.map((file) => {
    const request = found.get(file.id)
    const { queued_origins: queued } = file
    const origins = queued ?? request?.origins
    return {
      file,
      keyvalues: readKeyvalues(keyvalues.get(file.id) ?? []),
      fetch: request?.fetch,
      deadlineAt: queued === null ? request?.fetch.deadline_at : file.created_at + pinning.deadlineMs,
      origins: origins === undefined ? [] : readOrigins(origins),
      position: undefined,
    }
  })
}

/** Those of others are nobody's business. */
async function countBefore(db: Db, { account_id, created_at }: FileRow): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from (
      select 1 from files
      where account_id = ${account_id} and pin_status = ${sql.lit(pinStatuses.queued)} and created_at < ${created_at}
      limit ${mostCounted}) counted`.execute(db)
  return rows[0]?.n ?? 0
}
