import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import type { Sample } from './detect-type.ts'
import { findUpload, type UploadRow } from './queries.ts'

/** Who goes on with an upload: a caller of its account, or whoever shows the link that it was begun by. */
export interface UploadHolder extends Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'> {
  readonly link?: HolderLink
}

/** What an upload link wants of the upload that it takes. */
export interface HolderLink {
  readonly id: string
  /** Part of the write that makes the file. Throws when the link made one already, or was revoked. */
  readonly claim: (tx: Db) => Promise<void>
  /** Looks at what came, before it is kept. Throws when the link does not take it. */
  readonly judge: (arrived: { name: string; isCar: boolean; sample: Sample }) => Promise<void>
}

/** How far an upload is, as its client is told. */
export interface UploadProgress {
  readonly id: string
  readonly offset: number
  readonly length: number | null
  readonly metadata: string | null
  /** Of the file, once it is there. */
  readonly cid: string | null
  readonly expiresAt: number
}

/** The upload of this holder: of a file, alone or in a folder, or of a folder. Throws `not_found` when it was ended, has expired, or is another's. */
export async function getUpload(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  holder: UploadHolder,
  id: string,
  kind: 'file' | 'folder' = 'file',
): Promise<UploadRow> {
  const row = await findUpload(db.read, { id, now: clock.now() })
  if (row === undefined || (row.kind === 'folder') !== (kind === 'folder') || !isHeldBy(row, holder)) {
    throw new AppError('not_found', 'There is no such upload. It was ended, or it waited too long for its next bytes.')
  }
  return row
}

/** How far an upload is, once no request brings bytes for it. Throws `locked` while one does, `not_found`. */
export async function getUploadProgress(
  services: Pick<Services, 'db' | 'clock' | 'activeUploads'>,
  holder: UploadHolder,
  id: string,
): Promise<UploadProgress> {
  await getUpload(services, holder, id)
  await services.activeUploads.settled(id)
  return presentProgress(await getUpload(services, holder, id))
}

/** The row as its client is told of it. */
export function presentProgress(row: UploadRow): UploadProgress {
  const { id, offset_bytes: offset, length_bytes: length, metadata, cid, expires_at: expiresAt } = row
  return { id, offset, length, metadata, cid, expiresAt }
}

function isHeldBy(row: UploadRow, { accountId, key, reach, link }: UploadHolder): boolean {
  if (row.account_id !== accountId || row.link_id !== (link?.id ?? null)) return false
  // A key that sees only some of the files of its account goes on with what it began itself.
  return link !== undefined || reach === undefined || (key !== undefined && row.key_id === key.id)
}
