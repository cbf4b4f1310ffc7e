import { sql } from 'kysely'
import type { Reach } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { statement, type Placeholder } from '../db/statement.ts'
import { fileColumns, type FileRow, type HeldContent } from '../files/queries.ts'
import { withinReach } from '../keys/reach.ts'

/** A file of the account, whatever became of it. */
export async function findAnyFile(
  db: Db,
  { reach, ...key }: { account: string; id: string; reach?: Reach | undefined },
): Promise<FileRow | undefined> {
  if (reach !== undefined)
    return anyFile(db, (name) => key[name])
      .where(withinReach(reach))
      .executeTakeFirst()
  const [row] = await selectAnyFile(db, key)
  return row
}

function anyFile(db: Db, param: Placeholder<{ account: string; id: string }>) {
  return db
    .selectFrom('files')
    .select(fileColumns)
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account'))
}

const selectAnyFile = statement(anyFile)

/** Held files of this content, the oldest first; so many as are looked at to find one of the same name. */
export function listHeldLike(
  db: Db,
  { reach, ...content }: HeldContent & { readonly reach?: Reach | undefined },
): Promise<FileRow[]> {
  if (reach !== undefined)
    return heldLike(db, (name) => content[name])
      .where(withinReach(reach))
      .execute()
  return selectHeldLike(db, content)
}

function heldLike(db: Db, param: Placeholder<HeldContent>) {
  return db
    .selectFrom('files')
    .select(fileColumns)
    .where('account_id', '=', param('account'))
    .where('network', '=', param('network'))
    .where('multihash', '=', param('multihash'))
    .where('codec', '=', param('codec'))
    .where('state', '=', sql.lit('held'))
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', param('now'))]))
    .orderBy('id')
    .limit(sql.lit(1_000))
}

const selectHeldLike = statement(heldLike)
