import { requireKeyvalues } from '../files/keyvalues.ts'
import { requireGroup } from '../groups/get-group.ts'
import { placeInGroup } from '../keys/reach.ts'
import { fileTooLarge, mostBytesOf } from '../keys/upload-bounds.ts'
import type { Db } from '../db/database.ts'
import { AppError } from '../lib/errors.ts'
import { lockWholeAccount } from '../usage/queries.ts'
import { getAccountRoom, quotaReached, requirePublicAllowed } from '../usage/quota.ts'
import { forgetUpload } from './end-upload.ts'
import type { UploadHolder, UploadProgress } from './get-upload.ts'
import { countOpenUploads, insertUpload } from './queries.ts'
import { type ResumableServices, Uploading } from './uploading.ts'
import { type ResumableChoice, writeChoice } from './upload-state.ts'

/** A resumable upload as it is begun. */
export interface NewResumable {
  readonly choice: ResumableChoice
  /** Bytes of the file; undefined: said later. */
  readonly length: number | undefined
  /** As the client sent it, to be shown again. */
  readonly metadata: string | undefined
}

/**
 * Begins a resumable upload: fixes the id of its file and keeps room for it in the quota. An empty file is whole at once.
 * Throws `quota_reached`, `public_content_refused`, `rate_limited` when the account has too many unfinished ones.
 */
export async function createUpload(
  services: ResumableServices,
  holder: UploadHolder,
  { choice, length, metadata }: NewResumable,
): Promise<UploadProgress> {
  const { db, clock, newId, config, reservations } = services
  const { accountId, key, link } = holder
  const mostBytes = mostBytesOf(holder)
  if (length !== undefined && length > mostBytes) throw fileTooLarge(mostBytes)
  const { uploadBytes } = config.limits
  if (length !== undefined && length > uploadBytes) throw largerThanTaken(uploadBytes)
  requireKeyvalues(config.limits, choice.keyvalues)
  const groupId = placeInGroup(holder, choice.groupId ?? null)
  // A link promised the id of its file.
  const id = link?.id ?? newId()
  const createdAt = clock.now()
  const expiresAt = createdAt + config.uploads.keepMs
  const promised = reservations.promised(accountId)
  await db.write(async (tx) => {
    const room = (await lockWholeAccount(tx, accountId)) ?? (await getAccountRoom(tx, accountId))
    if (choice.network === 'public') requirePublicAllowed(room)
    await requireGroup(tx, holder, { network: choice.network, id: groupId })
    if (room.quota_bytes !== null) {
      const freeBytes = room.quota_bytes - room.used_bytes - room.reserved_bytes - promised
      // One without a length is refused later, when its bytes do not fit.
      if ((length ?? 0) > freeBytes) throw quotaReached(room, length ?? 0)
    }
    await requireFewOpen(tx, accountId, config.uploads.unfinished)
    // The link was tried before: what came then is given up.
    if (link !== undefined) await forgetUpload(tx, id)
    await insertUpload(tx, {
      id,
      account_id: accountId,
      key_id: key?.id ?? null,
      link_id: link?.id ?? null,
      choice: writeChoice({ ...choice, groupId }),
      metadata: metadata ?? null,
      length_bytes: length ?? null,
      reserved_bytes: length ?? 0,
      created_at: createdAt,
      expires_at: expiresAt,
    })
  })
  const begun = { id, offset: 0, length: length ?? null, metadata: metadata ?? null, expiresAt }
  return { ...begun, cid: length === 0 ? await finishEmpty(services, holder, id) : null }
}

/** The refusal of a file that is larger than this installation takes. */
export function largerThanTaken(uploadBytes: number): AppError {
  return new AppError('too_large', `The file is larger than ${uploadBytes} bytes, the most that is taken.`)
}

/** No byte follows, so nobody would ask for it to be finished. */
async function finishEmpty(services: ResumableServices, holder: UploadHolder, id: string): Promise<string> {
  await using uploading = await Uploading.open(services, holder, { id, beganAt: 0, length: 0 })
  return await uploading.finish()
}

/** Throws `rate_limited` when the account has so many unfinished uploads already; parts of folders are not counted. */
export async function requireFewOpen(tx: Db, accountId: string, most: number): Promise<void> {
  if ((await countOpenUploads(tx, accountId)) < most) return
  throw new AppError(
    'rate_limited',
    `This account has ${most} unfinished uploads, the most there may be. Finish some, give some up (DELETE their address), or wait until they expire.`,
    { retryAfterSeconds: 60 },
  )
}
