import { readUploadPath } from '../ipfs/upload-path.ts'
import { AppError } from '../lib/errors.ts'
import { findUploadFile } from './folder-queries.ts'
import { folderEnded, getOpenFolder } from './folder-upload.ts'
import type { UploadHolder, UploadProgress } from './get-upload.ts'
import { deletePartsOf, insertUpload, lockUpload } from './queries.ts'
import { type ResumableServices, Uploading } from './uploading.ts'
import { readChoice, writeChoice } from './upload-state.ts'

/**
 * Begins the resumable upload of a large file of a folder; one that was begun before is given up. Its room is kept by the
 * folder. Throws `invalid_request` for what the manifest does not name, `conflict` for a file that is here.
 */
export async function createPart(
  services: ResumableServices,
  holder: UploadHolder,
  part: { folderId: string; path: string; length: number | undefined; metadata: string | undefined },
): Promise<UploadProgress> {
  const { db, clock, newId, config } = services
  const { folderId, length } = part
  const folder = await getOpenFolder(services, holder, folderId)
  const path = readUploadPath(part.path).join('/')
  const entry = await findUploadFile(db.read, { id: folderId, path })
  if (entry === undefined || entry.size_bytes !== length) {
    throw new AppError('invalid_request', `The manifest names no file ${JSON.stringify(path)} of this length`)
  }
  if (entry.node !== null) throw new AppError('conflict', `${JSON.stringify(path)} is here already`)
  const { number } = entry
  const id = newId()
  const metadata = part.metadata ?? null
  const createdAt = clock.now()
  const expiresAt = createdAt + config.uploads.keepMs
  await db.write(async (tx) => {
    // Two that begin the same file at once would else both stay.
    if ((await lockUpload(tx, folderId))?.state !== 'open') throw folderEnded()
    await deletePartsOf(tx, { folderId, number })
    await insertUpload(tx, {
      id,
      account_id: folder.account_id,
      key_id: holder.key?.id ?? null,
      kind: 'part',
      folder_id: folderId,
      number,
      // Under this path it is looked at when it is whole.
      choice: writeChoice({ ...readChoice(folder.choice), filename: path, contentType: undefined }),
      metadata,
      length_bytes: length,
      reserved_bytes: 0,
      created_at: createdAt,
      expires_at: expiresAt,
    })
  })
  const begun = { id, offset: 0, length, metadata, expiresAt }
  if (length > 0) return { ...begun, cid: null }
  await using uploading = await Uploading.open(services, holder, { id, beganAt: 0, length })
  return { ...begun, cid: await uploading.finish() }
}
