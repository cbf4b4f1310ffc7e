import { type Selectable, sql } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import { insertMany } from '../db/insert-many.ts'
import type { UploadTable } from '../db/file-tables.ts'
import { type Placeholder, statement } from '../db/statement.ts'

/** An upload as it stands in the table. */
export type UploadRow = Selectable<UploadTable>

const insertUploadRow = insertMany('uploads', [
  'id',
  'account_id',
  'key_id',
  'link_id',
  'kind',
  'folder_id',
  'number',
  'manifest_hash',
  'state',
  'choice',
  'metadata',
  'length_bytes',
  'offset_bytes',
  'began_at',
  'reserved_bytes',
  'staging_id',
  'layout_state',
  'tail',
  'writer_id',
  'lease',
  'lease_until',
  'is_dirty',
  'cid',
  'created_at',
  'expires_at',
])

/** What a new upload is told by. */
export type NewUpload = Pick<
  UploadRow,
  'id' | 'account_id' | 'key_id' | 'choice' | 'length_bytes' | 'reserved_bytes' | 'created_at' | 'expires_at'
> &
  Partial<Pick<UploadRow, 'kind' | 'metadata' | 'link_id' | 'folder_id' | 'number' | 'manifest_hash'>>

/** Adds an upload of which nothing is here yet. */
export async function insertUpload(tx: Db, upload: NewUpload): Promise<void> {
  const nothing = { staging_id: null, layout_state: null, tail: null, writer_id: null, cid: null }
  const none = { metadata: null, link_id: null, folder_id: null, number: null, manifest_hash: null }
  // Numbers of an earlier upload with this id, begun by the same link, must not be good for this one.
  const lease = upload.created_at
  const start = { state: 'open', kind: 'file', offset_bytes: 0, began_at: 0, lease, lease_until: 0, is_dirty: 0 }
  await insertUploadRow(tx, [{ ...nothing, ...none, ...start, ...upload }])
}

/** An upload, whoever's it is; undefined when it was ended or has expired. */
export async function findUpload(db: Db, { id, now }: { id: string; now: number }): Promise<UploadRow | undefined> {
  const [row] = await selectUpload(db, { id, now })
  return row
}

const selectUpload = statement((db, param: Placeholder<{ id: string; now: number }>) =>
  db.selectFrom('uploads').selectAll().where('id', '=', param('id')).where('expires_at', '>', param('now')),
)

/** How many uploads of the account are not finished; parts of folders are not counted. */
export async function countOpenUploads(db: Db, accountId: string): Promise<number> {
  const [row] = await selectOpenCount(db, { account: accountId })
  return row?.n ?? 0
}

const selectOpenCount = statement((db, param: Placeholder<{ account: string }>) =>
  db
    .selectFrom('uploads')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('account_id', '=', param('account'))
    .where('state', '=', sql.lit('open'))
    .where('kind', '<>', sql.lit('part')),
)

type Lease = { id: string; lease: number }

/**
 * Begins to take bytes for an upload. Whoever did before and did not end in order may have left blocks that are no part
 * of it; when that one lives, he finds out at his next write. None while another writer has it for himself.
 */
export const leaseUpload = statement(
  (tx, param: Placeholder<{ id: string; now: number; until: number; writer: string; beganAt: number }>, dialect) =>
    tx
      .updateTable('uploads')
      .set((eb) => ({
        lease: eb('lease', '+', 1),
        lease_until: param('until'),
        is_dirty: eb.case().when('writer_id', 'is', null).then(eb.ref('is_dirty')).else(1).end(),
        writer_id: param('writer'),
        began_at: param('beganAt'),
      }))
      .where('id', '=', param('id'))
      .where('state', '=', sql.lit('open'))
      .where((eb) =>
        // With SQLite this process is the only one that writes.
        dialect === 'sqlite'
          ? eb.lit(true)
          : eb.or([
              eb('writer_id', 'is', null),
              eb('writer_id', '=', param('writer')),
              eb('lease_until', '<=', param('now')),
            ]),
      )
      .returningAll(),
)

/** Writes down which staging holds its blocks. */
export const setUploadStaging = statement((tx, param: Placeholder<Lease & { pinId: string }>) =>
  tx
    .updateTable('uploads')
    .set({ staging_id: param('pinId') })
    .where('id', '=', param('id'))
    .where('lease', '=', param('lease')),
)

/** Writes down how far it is. `writer` null: nobody takes bytes for it any more. */
export const saveUpload = statement(
  (
    tx,
    param: Placeholder<
      Lease & {
        offset: number
        length: number | null
        reserved: number
        state: string
        tail: Uint8Array
        until: number
        writer: string | null
        expiresAt: number
      }
    >,
  ) =>
    tx
      .updateTable('uploads')
      .set({
        offset_bytes: param('offset'),
        length_bytes: param('length'),
        reserved_bytes: param('reserved'),
        layout_state: param('state'),
        tail: param('tail'),
        lease_until: param('until'),
        writer_id: param('writer'),
        expires_at: param('expiresAt'),
      })
      .where('id', '=', param('id'))
      .where('lease', '=', param('lease'))
      .where('state', '=', sql.lit('open')),
)

/** Its file is there: what is left is for those who missed the answer. */
export const markUploadDone = statement(
  (tx, param: Placeholder<Lease & { cid: string; length: number; expiresAt: number }>) =>
    tx
      .updateTable('uploads')
      .set({
        state: 'done',
        cid: param('cid'),
        length_bytes: param('length'),
        offset_bytes: param('length'),
        reserved_bytes: 0,
        staging_id: null,
        layout_state: null,
        tail: null,
        writer_id: null,
        expires_at: param('expiresAt'),
      })
      .where('id', '=', param('id'))
      .where('lease', '=', param('lease'))
      .where('state', '=', sql.lit('open')),
)

/** An upload, locked until the write ends. */
export async function lockUpload(tx: Db, id: string): Promise<UploadRow | undefined> {
  return tx.selectFrom('uploads').selectAll().where('id', '=', id).$call(forUpdate(tx)).executeTakeFirst()
}

/** Some uploads whose time is over, parts of folders before the folders. */
export function listExpiredUploads(tx: Db, { now, limit }: { now: number; limit: number }) {
  return tx
    .selectFrom('uploads')
    .select('id')
    .where('expires_at', '<=', now)
    .orderBy(sql`case when kind = 'part' then 0 else 1 end`)
    .orderBy('expires_at')
    .limit(limit)
    .execute()
}

/** Writes down which staging holds the blocks of a folder. */
export async function setStagingOfFolder(tx: Db, { id, pinId }: { id: string; pinId: string }): Promise<void> {
  await tx.updateTable('uploads').set({ staging_id: pinId }).where('id', '=', id).execute()
}

/** The staging that holds the blocks of an upload: for a part of a folder, that of the folder. */
export async function findStagingOf(db: Db, { folder_id, staging_id }: UploadRow): Promise<string | null> {
  if (folder_id === null) return staging_id
  const folder = await db.selectFrom('uploads').select('staging_id').where('id', '=', folder_id).executeTakeFirst()
  return folder?.staging_id ?? null
}

/** Forgets what was begun for a file of a folder. */
export async function deletePartsOf(tx: Db, { folderId, number }: { folderId: string; number: number }): Promise<void> {
  await tx.deleteFrom('uploads').where('folder_id', '=', folderId).where('number', '=', number).execute()
}

/** Forgets an upload, with the parts of a folder. */
export async function deleteUpload(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('uploads').where('folder_id', '=', id).execute()
  await tx.deleteFrom('uploads').where('id', '=', id).execute()
}
