import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { getName } from './manage-names.ts'
import { type IpnsRecordRow, listRecords } from './queries.ts'

/** A page of what was published under a name, newest first. Throws `not_found`, and `invalid_request` for a wrong token. */
export async function pageHistory(
  services: Pick<Services, 'db' | 'clock'>,
  caller: Pick<Caller, 'accountId'>,
  id: string,
  { limit = 100, pageToken }: { limit?: number | undefined; pageToken?: string | undefined },
): Promise<{ records: IpnsRecordRow[]; nextPageToken: string | null }> {
  const before = pageToken === undefined ? Number.MAX_SAFE_INTEGER : Number(pageToken)
  if (pageToken !== undefined && !/^\d{1,16}$/.test(pageToken))
    throw new AppError('invalid_request', 'pageToken: not a token of this list. Use nextPageToken of the page before.')
  await getName(services, caller, id)
  const rows = await listRecords(services.db.read, { nameId: id, before, limit: limit + 1 })
  const records = rows.slice(0, limit)
  const last = records.at(-1)
  return { records, nextPageToken: rows.length > limit && last !== undefined ? String(last.sequence) : null }
}
