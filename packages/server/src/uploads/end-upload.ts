import type { Db } from '../db/database.ts'
import { markReleasing } from '../pins/queries.ts'
import type { Services } from '../services.ts'
import { getUpload, type UploadHolder } from './get-upload.ts'
import { deleteUpload, lockUpload } from './queries.ts'

/** Gives an upload up: its address is unknown from then on, and its blocks are collected. A file that it became stays. */
export async function endUpload(
  services: Pick<Services, 'db' | 'clock'>,
  holder: UploadHolder,
  id: string,
  kind: 'file' | 'folder' = 'file',
): Promise<void> {
  await getUpload(services, holder, id, kind)
  await services.db.write((tx) => forgetUpload(tx, id))
}

/** Forgets an upload and what it staged. Whoever takes bytes for it finds out at his next write. */
export async function forgetUpload(tx: Db, id: string): Promise<void> {
  const row = await lockUpload(tx, id)
  if (row === undefined) return
  await deleteUpload(tx, id)
  if (row.staging_id !== null) await markReleasing(tx, row.staging_id)
}
