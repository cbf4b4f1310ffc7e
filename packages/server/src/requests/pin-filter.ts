import { type RawBuilder, sql, type SqlBool } from 'kysely'
import { textContains } from '../db/name-search.ts'
import type { Db } from '../db/database.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { foldText } from '../lib/fold.ts'
import type { PinJobStatus } from './failure-reasons.ts'
import { failureReasons } from './failure-reasons.ts'

/** How a name is matched; all but `exact` and `partial` without regard to case. */
type NameMatch = 'exact' | 'iexact' | 'partial' | 'ipartial'

/** Which pins a list shows, the same in every dialect. What is left out does not narrow; everything given must hold. */
export interface PinFilter {
  /** `files.pin_status`. */
  readonly statuses: readonly number[]
  /** Any of these contents, whatever the spelling of their CIDs; none of them: nothing matches. */
  readonly contents?: readonly { readonly multihash: Uint8Array; readonly codec: number }[] | undefined
  readonly name?: { readonly match: NameMatch; readonly text: string } | undefined
  /** Pairs that must all be there and equal, as text. */
  readonly meta?: readonly (readonly [key: string, value: string])[] | undefined
  /** As the hosted service calls what becomes of a fetch. */
  readonly job?: PinJobStatus | undefined
}

/** A condition on rows of `files`, with the name that its filter has for people. */
export interface PinCondition {
  readonly name: string
  readonly sql: RawBuilder<SqlBool>
}

/** What of a filter is looked at row by row: all of it but statuses, contents and an exact name. */
export function conditionsOf(db: Db, { name, meta = [], job }: PinFilter): PinCondition[] {
  const conditions: PinCondition[] = []
  if (name !== undefined && name.match !== 'exact') conditions.push({ name: 'name', sql: nameMatches(db, name) })
  for (const [key, value] of meta) {
    const held = sql<SqlBool>`exists (select 1 from file_keyvalues kv
      where kv.file_id = files.id and kv.key = ${key} and kv.value = ${value})`
    conditions.push({ name: `meta ${JSON.stringify(key)}`, sql: held })
  }
  if (job !== undefined) conditions.push({ name: 'status', sql: isJob(job) })
  return conditions
}

/** The condition of an exact name. */
export function hasName(text: string): RawBuilder<SqlBool> {
  return sql`files.name = ${text}`
}

function nameMatches(
  db: Db,
  { match, text }: { match: Exclude<NameMatch, 'exact'> | NameMatch; text: string },
): RawBuilder<SqlBool> {
  switch (match) {
    case 'exact':
      return hasName(text)
    case 'iexact':
      return sql`files.name_folded = ${foldText(text)}`
    case 'partial':
      return textContains(db, sql.ref('files.name'), text)
    case 'ipartial':
      return textContains(db, sql.ref('files.name_folded'), foldText(text))
  }
}

function isJob(job: PinJobStatus): RawBuilder<SqlBool> {
  const ofFetch = (condition: RawBuilder<SqlBool>) => sql<SqlBool>`exists (select 1 from requests
    join fetches on fetches.id = requests.fetch_id where requests.file_id = files.id and ${condition})`
  switch (job) {
    case 'prechecking':
      return sql`files.pin_status = ${pinStatuses.queued}`
    case 'searching':
      return sql`files.pin_status = ${pinStatuses.pinning} and ${ofFetch(sql`fetches.number_of_blocks = 0`)}`
    case 'retrieving':
      return sql`files.pin_status = ${pinStatuses.pinning} and ${ofFetch(sql`fetches.number_of_blocks > 0`)}`
    case 'backfilled':
      return sql`1 = 0`
    default:
      return sql`files.pin_status = ${pinStatuses.failed} and ${ofFetch(hasReasonOf(job))}`
  }
}

/** Reasons that this program does not know count as `expired`, as `reasonFor` has it. */
function hasReasonOf(job: PinJobStatus): RawBuilder<SqlBool> {
  const isOf = (codes: readonly string[]) =>
    codes.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`fetches.reason in (${sql.join(codes)})`
  const reasons = Object.entries(failureReasons)
  if (job !== 'expired') return isOf(reasons.flatMap(([code, reason]) => (reason.job === job ? [code] : [])))
  const others = reasons.flatMap(([code, reason]) => (reason.job === 'expired' ? [] : [code]))
  return sql`(fetches.reason is null or not ${isOf(others)})`
}
