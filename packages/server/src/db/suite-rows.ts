import { createIdSource } from '../lib/ids.ts'
import type { Db } from './runner.ts'

/** Ids of rows in tests. */
export const newId = createIdSource({ now: () => Date.now() })

/** How many accounts `db` sees. */
export async function countAccounts(db: Db): Promise<number> {
  const { n } = await db
    .selectFrom('accounts')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

/** A row that other rows can belong to; its id. */
export async function insertAccount(tx: Db, name = 'name', id = newId()): Promise<string> {
  const row = { id, name, email: 'e', created_at: 1, disabled_at: null, quota_bytes: null, public_content: 'allowed' }
  await tx.insertInto('accounts').values(row).execute()
  return id
}

/** A user with this address; its id. */
export async function insertUser(tx: Db, email_folded: string): Promise<string> {
  const row = {
    id: newId(),
    email: 'e',
    email_folded,
    password_hash: null,
    operator: 0,
    created_at: 1,
    disabled_at: null,
  }
  await tx.insertInto('users').values(row).execute()
  return row.id
}

/** A line of the audit. */
export async function insertAudit(tx: Db): Promise<void> {
  const nothing = { account_id: null, actor_id: null, target: null, address: null, request_id: null, detail: null }
  await tx
    .insertInto('audit')
    .values({ id: newId(), at: 1, actor_kind: 'machine', action: 'test', result: 'ok', ...nothing })
    .execute()
}

/** A pin of nothing in particular; its id. */
export async function insertPin(
  tx: Db,
  values: { multihash?: Uint8Array | null; size_bytes?: number; codec?: number; network?: number },
): Promise<string> {
  const id = newId()
  const row = {
    id,
    multihash: null,
    codec: 85,
    network: 1,
    state: 'pinned',
    size_bytes: 1,
    created_at: 1,
    writer_id: null,
    mime_type: '',
  }
  await tx
    .insertInto('pins')
    .values({ ...row, number_of_blocks: 1, number_of_files: 1, holders: 0, ...values })
    .execute()
  return id
}

/** A live block, with its pack and the pin that names it. */
export async function insertBlock(tx: Db): Promise<{ blockId: number; pinId: string }> {
  const pinId = await insertPin(tx, {})
  const pack = { name: 'p', writer_id: 'w', created_at: 1, emptied_at: null }
  const { id: pack_id } = await tx.insertInto('packs').values(pack).returning('id').executeTakeFirstOrThrow()
  const block = { multihash: Uint8Array.of(1, 2), pack_id, offset: 0, length: 1 }
  const { id: blockId } = await tx.insertInto('blocks').values(block).returning('id').executeTakeFirstOrThrow()
  await tx.insertInto('pin_blocks').values({ block_id: blockId, network: 1, pin_id: pinId }).execute()
  return { blockId, pinId }
}

/** A file that relies on no pin; its id. */
export async function insertFile(
  tx: Db,
  values: { account_id: string; name?: string | null; name_folded?: string | null },
): Promise<string> {
  const id = newId()
  const nothing = {
    pin_id: null,
    group_id: null,
    created_by_key: null,
    expires_at: null,
    released_at: null,
    name: null,
    name_folded: null,
  }
  const content = {
    cid: 'bafy',
    multihash: Uint8Array.of(1),
    codec: 85,
    size_bytes: 1,
    number_of_files: 1,
    mime_type: '',
  }
  const row = {
    id,
    network: 1,
    state: 'held',
    source: 'upload',
    created_at: 1,
    updated_at: 1,
    ...nothing,
    ...content,
    ...values,
  }
  await tx.insertInto('files').values(row).execute()
  return id
}
