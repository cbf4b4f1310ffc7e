import { createHash } from 'node:crypto'
import { requireKeyvalues } from '../files/keyvalues.ts'
import { requireGroup } from '../groups/get-group.ts'
import { readUploadPath } from '../ipfs/upload-path.ts'
import { placeInGroup } from '../keys/reach.ts'
import { fileTooLarge, mostBytesOf, requireUploadAllowed } from '../keys/upload-bounds.ts'
import { AppError } from '../lib/errors.ts'
import { insertPin } from '../pins/queries.ts'
import { stagingRow } from '../pins/staging.ts'
import { lockWholeAccount } from '../usage/queries.ts'
import { getAccountRoom, quotaReached, requirePublicAllowed } from '../usage/quota.ts'
import { requireFewOpen } from './create-upload.ts'
import { findManifest, insertUploadFiles, setManifest } from './folder-queries.ts'
import type { UploadHolder } from './get-upload.ts'
import { insertUpload, setStagingOfFolder } from './queries.ts'
import type { ResumableServices } from './uploading.ts'
import { type ResumableChoice, writeChoice } from './upload-state.ts'

/** A file of a folder, as it is announced. */
export interface AnnouncedEntry {
  readonly path: string
  readonly size: number
}

/** Rows of one write: so few that others hardly wait for it. */
const sliceRows = 1_024

/**
 * Begins the upload of a folder by what it is to hold, or goes on with the unfinished one of the same manifest. Gives its
 * id. Throws `invalid_path` and `folder_conflict` for paths that make no tree, and what `createUpload` throws.
 */
export async function createFolderUpload(
  services: ResumableServices,
  holder: UploadHolder,
  { choice, files }: { choice: ResumableChoice; files: readonly AnnouncedEntry[] },
): Promise<string> {
  const { db, clock, newId, config, reservations, packs } = services
  const { accountId, key } = holder
  requireTree(files)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const mostBytes = mostBytesOf(holder)
  if (bytes > mostBytes) throw fileTooLarge(mostBytes)
  requireUploadAllowed(holder, { sizeBytes: bytes, mimeType: 'directory' })
  if (bytes > config.limits.uploadBytes)
    throw new AppError(
      'too_large',
      `The folder is larger than ${config.limits.uploadBytes} bytes, the most that is taken.`,
    )
  requireKeyvalues(config.limits, choice.keyvalues)
  const groupId = placeInGroup(holder, choice.groupId ?? null)
  const chosen = writeChoice({ ...choice, groupId })
  const hash = createHash('sha256')
    .update(JSON.stringify([chosen, key?.id ?? null, inOneOrder(files)]))
    .digest('hex')
  const now = clock.now()
  const before = await findManifest(db.read, { account: accountId, hash, now })
  if (before !== undefined) return before.id
  const id = newId()
  const stagingId = newId()
  const promised = reservations.promised(accountId)
  await db.write(async (tx) => {
    const room = (await lockWholeAccount(tx, accountId)) ?? (await getAccountRoom(tx, accountId))
    if (choice.network === 'public') requirePublicAllowed(room)
    await requireGroup(tx, holder, { network: choice.network, id: groupId })
    if (room.quota_bytes !== null && bytes > room.quota_bytes - room.used_bytes - room.reserved_bytes - promised) {
      throw quotaReached(room, bytes)
    }
    await requireFewOpen(tx, accountId, config.uploads.unfinished)
    await insertUpload(tx, {
      id,
      account_id: accountId,
      key_id: key?.id ?? null,
      kind: 'folder',
      choice: chosen,
      length_bytes: bytes,
      reserved_bytes: bytes,
      created_at: now,
      expires_at: now + config.uploads.keepMs,
    })
    // One staging for all its requests, so that they may come at the same time.
    await insertPin(tx, stagingRow({ id: stagingId, at: now, writerId: packs.writerId }))
    await setStagingOfFolder(tx, { id, pinId: stagingId })
  })
  for (let at = 0; at < files.length; at += sliceRows) {
    const slice = files.slice(at, at + sliceRows)
    await db.write((tx) =>
      insertUploadFiles(
        tx,
        slice.map(({ path, size }, i) => ({
          upload_id: id,
          number: at + i,
          path: readUploadPath(path).join('/'),
          size_bytes: size,
          node: null,
        })),
      ),
    )
  }
  // Only now somebody else may go on with it: before, it would not be all.
  await db.write((tx) => setManifest(tx, { id, hash }))
  return id
}

/** Another machine may list the same folder in another order. */
function inOneOrder(files: readonly AnnouncedEntry[]): (readonly [path: string, size: number])[] {
  const entries = files.map(({ path, size }) => [readUploadPath(path).join('/'), size] as const)
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Throws unless the paths make one tree: none twice, none that is both a file and a folder. */
function requireTree(files: readonly AnnouncedEntry[]): void {
  const paths = new Set<string>()
  const folders = new Set<string>()
  for (const { path } of files) {
    const segments = readUploadPath(path)
    const whole = segments.join('/')
    if (paths.has(whole)) throw new AppError('folder_conflict', `${JSON.stringify(whole)} stands twice in this upload`)
    paths.add(whole)
    for (let depth = 1; depth < segments.length; depth++) folders.add(segments.slice(0, depth).join('/'))
  }
  for (const folder of folders) {
    if (!paths.has(folder)) continue
    throw new AppError('folder_conflict', `${JSON.stringify(folder)} is both a file and a folder in this upload`)
  }
}
