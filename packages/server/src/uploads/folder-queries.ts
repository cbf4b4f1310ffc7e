import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** Adds files of a manifest. */
export const insertUploadFiles = insertMany('upload_files', ['upload_id', 'number', 'path', 'size_bytes', 'node'])

/** The unfinished folder upload with this manifest. */
export async function findManifest(
  db: Db,
  { account, hash, now }: { account: string; hash: string; now: number },
): Promise<{ id: string } | undefined> {
  return db
    .selectFrom('uploads')
    .select('id')
    .where('account_id', '=', account)
    .where('manifest_hash', '=', hash)
    .where('state', '=', 'open')
    .where('expires_at', '>', now)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
}

/** All files of the manifest are written down. */
export async function setManifest(tx: Db, { id, hash }: { id: string; hash: string }): Promise<void> {
  await tx.updateTable('uploads').set({ manifest_hash: hash }).where('id', '=', id).execute()
}

/** Files that are not here yet, in the order of the manifest, each with the resumable upload that was begun for it. */
export function listMissing(db: Db, { id, after, limit }: { id: string; after: number; limit: number }) {
  return db
    .selectFrom('upload_files')
    .leftJoin('uploads as part', (join) =>
      join
        .onRef('part.folder_id', '=', 'upload_files.upload_id')
        .onRef('part.number', '=', 'upload_files.number')
        .on('part.state', '=', 'open'),
    )
    .select(['upload_files.number', 'path', 'size_bytes'])
    .select(['part.id as part_id', 'part.offset_bytes as part_offset', 'part.metadata as part_metadata'])
    .where('upload_id', '=', id)
    .where('node', 'is', null)
    .where('upload_files.number', '>', after)
    .orderBy('upload_files.number')
    .limit(limit)
    .execute()
}

/** Files with what they became, in the order of the manifest. */
export function listUploadFiles(db: Db, { id, after, limit }: { id: string; after: number; limit: number }) {
  return db
    .selectFrom('upload_files')
    .select(['number', 'path', 'size_bytes', 'node'])
    .where('upload_id', '=', id)
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit)
    .execute()
}

/** How many files and bytes of a folder there are, and how many are here. */
export async function countUploadFiles(db: Db, id: string) {
  return db
    .selectFrom('upload_files')
    .select((eb) => [
      eb.fn.countAll<number>().as('files'),
      sql<number>`coalesce(sum(size_bytes), 0)`.as('bytes'),
      sql<number>`coalesce(sum(case when node is null then 0 else 1 end), 0)`.as('receivedFiles'),
      sql<number>`coalesce(sum(case when node is null then 0 else size_bytes end), 0)`.as('receivedBytes'),
    ])
    .where('upload_id', '=', id)
    .executeTakeFirstOrThrow()
}

/** The file of the manifest with this path. */
export async function findUploadFile(db: Db, file: { id: string; path: string }) {
  const [row] = await selectUploadFile(db, file)
  return row
}

const selectUploadFile = statement((db, param: Placeholder<{ id: string; path: string }>) =>
  db
    .selectFrom('upload_files')
    .select(['number', 'path', 'size_bytes', 'node'])
    .where('upload_id', '=', param('id'))
    .where('path', '=', param('path')),
)

/** A file of the manifest is here. */
export const setUploadFileNode = statement((tx, param: Placeholder<{ id: string; number: number; node: string }>) =>
  tx
    .updateTable('upload_files')
    .set({ node: param('node') })
    .where('upload_id', '=', param('id'))
    .where('number', '=', param('number')),
)

/** Bytes came for an open folder, so it waits again. 0 changes: it was ended. */
export const touchFolder = statement((tx, param: Placeholder<{ id: string; expiresAt: number }>) =>
  tx
    .updateTable('uploads')
    .set({ expires_at: param('expiresAt') })
    .where('id', '=', param('id'))
    .where('kind', '=', sql.lit('folder'))
    .where('state', '=', sql.lit('open')),
)
