import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import type { Reach } from '../caller.ts'
import { hasAnyStatus } from '../files/pin-counts.ts'
import { fileColumns, type FileRow } from '../files/queries.ts'
import { listStatement } from '../db/list-statement.ts'
import { withinReach } from '../keys/reach.ts'

/** How far a fetch is, as far as its owner is told. */
export interface FetchProgress {
  readonly file_id: string
  readonly state: string
  readonly number_of_blocks: number
  readonly size_bytes: number
  readonly attempts: number
  readonly next_attempt_at: number | null
  readonly reason: string | null
  /** The addresses named with this request. */
  readonly origins: readonly string[]
}

/** A pin by CID of the account, in whatever status. */
export async function findPin(
  db: Db,
  { reach, ...key }: { account: string; id: string; reach?: Reach | undefined },
): Promise<FileRow | undefined> {
  if (reach !== undefined)
    return pinOf(db, (name) => key[name])
      .where(withinReach(reach))
      .executeTakeFirst()
  const [row] = await selectPin(db, key)
  return row
}

function pinOf(db: Db, param: Placeholder<{ account: string; id: string }>) {
  return db
    .selectFrom('files')
    .select(fileColumns)
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account'))
    .where('pin_status', 'is not', null)
}

const selectPin = statement(pinOf)

/** The pins of the account that were made at these times, latest first; those that are none any more are left out. */
export async function listPinsMadeAt(db: Db, accountId: string, createdAt: readonly number[]): Promise<FileRow[]> {
  if (createdAt.length === 0) return []
  const { rows } = await sql`
    select ${sql.join(fileColumns.map((column) => sql.ref(column)))} from files
    where account_id = ${accountId} and ${hasAnyStatus} and created_at in (${sql.join(createdAt)})
    order by created_at desc`.execute(db)
  return rows as FileRow[] // these columns
}

/** Of a pin whose fetch nobody has begun; undefined for all others. */
export function queuedProgress({ id, queued_origins }: FileRow): FetchProgress | undefined {
  if (queued_origins === null) return undefined
  return {
    file_id: id,
    state: 'queued',
    number_of_blocks: 0,
    size_bytes: 0,
    attempts: 0,
    next_attempt_at: null,
    reason: null,
    origins: readOrigins(queued_origins),
  }
}

/** As `addWaitingPins` wrote them. */
export function readOrigins(text: string): string[] {
  return JSON.parse(text) as string[]
}

/** The fetches that these files wait for, by file. */
export async function findFetches(db: Db, fileIds: readonly string[]): Promise<Map<string, FetchProgress>> {
  if (fileIds.length === 0) return new Map()
  const rows = await selectFetches(db, fileIds)
  return new Map(rows.map((row) => [row.file_id, { ...row, origins: readOrigins(row.origins) }]))
}

const selectFetches = listStatement((db, fileIds: string[]) =>
  db
    .selectFrom('requests')
    .innerJoin('fetches', 'fetches.id', 'requests.fetch_id')
    .select(['file_id', 'state', 'number_of_blocks', 'size_bytes', 'attempts', 'next_attempt_at', 'reason', 'origins'])
    .where('file_id', 'in', fileIds),
)
