import { createHash } from 'node:crypto'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { AppError } from '../lib/errors.ts'
import { foldText } from '../lib/fold.ts'
import type { Services } from '../services.ts'
import type { GroupCaller } from './get-group.ts'
import { type GroupFilter, type GroupRow, listGroupRows } from './queries.ts'

interface ListGroups {
  readonly network: NetworkName
  readonly nameContains?: string | undefined
  readonly isPublic?: boolean | undefined
  readonly limit: number
}

/**
 * A page of the account's groups, newest first, going on where `pageToken` ends; the token is null on the last page.
 * Throws `invalid_request` for a token of another list.
 */
export async function pageGroups(
  { db }: Pick<Services, 'db'>,
  caller: GroupCaller,
  { pageToken, limit, ...asked }: ListGroups & { pageToken?: string | undefined },
): Promise<{ groups: GroupRow[]; nextPageToken: string | null }> {
  const filter = filterOf(caller, asked)
  const before = pageToken === undefined ? undefined : readToken(filter, pageToken)
  const rows = await listGroupRows(db.read, filter, { before, limit: limit + 1 })
  const groups = rows.slice(0, limit)
  const last = rows.length > limit ? groups.at(-1) : undefined
  return { groups, nextPageToken: last === undefined ? null : makeToken(filter, last.id) }
}

/** A page of the account's groups by offset, newest first. */
export function listGroupsByOffset(
  { db }: Pick<Services, 'db'>,
  caller: GroupCaller,
  { offset, limit, ...asked }: ListGroups & { offset: number },
): Promise<GroupRow[]> {
  return listGroupRows(db.read, filterOf(caller, asked), { offset, limit })
}

/** The names of these groups of the account, by id; those that are gone are left out. */
export async function findGroupNames(
  { db }: Pick<Services, 'db'>,
  { accountId, reach }: GroupCaller,
  network: NetworkName,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await listGroupRows(db.read, { accountId, reach, network, ids }, { limit: ids.length })
  return new Map(rows.map(({ id, name }) => [id, name]))
}

function filterOf({ accountId, reach }: GroupCaller, asked: Omit<ListGroups, 'limit'>): GroupFilter {
  const { network, nameContains, isPublic } = asked
  return { accountId, reach, network, isPublic, nameContains: nameContains ? foldText(nameContains) : undefined }
}

const digestBytes = 12

/** Bound to the list, and to nothing secret: a made-up one could only begin elsewhere in the caller's own list. */
function makeToken(filter: GroupFilter, last: string): string {
  const { accountId, reach = null, network, nameContains = null, isPublic = null } = filter
  const list = createHash('sha256').update(JSON.stringify([accountId, reach, network, nameContains, isPublic, last]))
  return Buffer.concat([list.digest().subarray(0, digestBytes), Buffer.from(last)]).toString('base64url')
}

function readToken(filter: GroupFilter, token: string): string {
  const last = Buffer.from(token, 'base64url').toString('utf8', digestBytes)
  if (last !== '' && makeToken(filter, last) === token) return last
  throw new AppError(
    'invalid_request',
    'pageToken: not a token of this list. Use next_page_token of the page before, with the same filters.',
  )
}
