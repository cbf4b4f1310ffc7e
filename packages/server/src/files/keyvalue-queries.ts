import type { Insertable, Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import { insertMany } from '../db/insert-many.ts'
import type { FileKeyvalueTable } from '../db/file-tables.ts'
import { listStatement } from '../db/list-statement.ts'

/** A key-value as it stands in the table. */
export type KeyvalueRow = Selectable<FileKeyvalueTable>

/** Adds key-values of files. */
export async function insertKeyvalues(tx: Db, rows: readonly Insertable<FileKeyvalueTable>[]): Promise<void> {
  if (rows.length > 0) await insertKeyvalueRows(tx, rows)
}

const insertKeyvalueRows = insertMany('file_keyvalues', [
  'file_id',
  'account_id',
  'network',
  'key',
  'kind',
  'value',
  'number',
])

/** Key-values of these files, by file, in the order of their keys. */
export async function findKeyvalues(db: Db, fileIds: readonly string[]): Promise<Map<string, KeyvalueRow[]>> {
  const found = new Map<string, KeyvalueRow[]>()
  if (fileIds.length === 0) return found
  const rows = await selectKeyvalues(db, fileIds)
  for (const row of rows) {
    const list = found.get(row.file_id)
    if (list === undefined) found.set(row.file_id, [row])
    else list.push(row)
  }
  return found
}

const selectKeyvalues = listStatement((db, fileIds: string[]) =>
  db.selectFrom('file_keyvalues').selectAll().where('file_id', 'in', fileIds).orderBy('file_id').orderBy('key'),
)

/** Sets one key-value of a file. */
export async function upsertKeyvalue(tx: Db, row: Insertable<FileKeyvalueTable>): Promise<void> {
  await tx
    .insertInto('file_keyvalues')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['file_id', 'key']).doUpdateSet((eb) => ({
        kind: eb.ref('excluded.kind'),
        value: eb.ref('excluded.value'),
        number: eb.ref('excluded.number'),
      })),
    )
    .execute()
}

/** Removes one key-value of a file. */
export async function deleteKeyvalue(tx: Db, { file_id, key }: { file_id: string; key: string }): Promise<void> {
  await tx.deleteFrom('file_keyvalues').where('file_id', '=', file_id).where('key', '=', key).execute()
}
