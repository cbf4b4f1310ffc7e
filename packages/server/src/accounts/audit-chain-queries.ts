import type { Selectable } from 'kysely'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { AuditTable } from '../db/people-tables.ts'

/** A line of the audit log as it stands in the table. */
export type AuditRow = Selectable<AuditTable>

/** Where the chain ends. */
export interface Head {
  readonly number: number
  readonly hash: string
}

/** A link of the chain with the line it seals, as far as that is there. */
export interface ChainRow {
  readonly number: number
  readonly entryId: string
  readonly accountId: string | null
  readonly hash: string
  /** The hash of the link before; null when that is gone. */
  readonly previous: string | null
  readonly line: AuditRow | undefined
}

/** Where the chain ends; locked until the commit, so that one after another adds to it. */
export function lockHead(tx: Db): Promise<Head> {
  return tx.selectFrom('audit_head').select(['number', 'hash']).$call(forUpdate(tx)).executeTakeFirstOrThrow()
}

/** Where the chain ends. */
export function findHead(db: Db): Promise<Head> {
  return db.selectFrom('audit_head').select(['number', 'hash']).executeTakeFirstOrThrow()
}

/** Some lines that are not sealed yet, oldest first. */
export function listUnsealed(db: Db, limit: number): Promise<AuditRow[]> {
  return db
    .selectFrom('audit_unsealed')
    .innerJoin('audit', 'audit.id', 'audit_unsealed.id')
    .selectAll('audit')
    .orderBy('audit_unsealed.id')
    .limit(limit)
    .execute()
}

/** Whether any line waits for its seal. */
export async function hasUnsealed(db: Db): Promise<boolean> {
  return (await db.selectFrom('audit_unsealed').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Those of some lines that have a link. */
export async function listSealed(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom('audit_chain').select('entry_id').where('entry_id', 'in', ids).execute()
  return new Set(rows.map(({ entry_id: id }) => id))
}

/** Adds links to the chain and moves its head; their lines wait no longer. */
export async function insertLinks(
  tx: Db,
  links: readonly {
    readonly number: number
    readonly entry_id: string
    readonly account_id: string | null
    readonly hash: string
  }[],
): Promise<void> {
  const last = links.at(-1)
  if (last === undefined) return
  await tx.insertInto('audit_chain').values(links).execute()
  await tx.updateTable('audit_head').set({ number: last.number, hash: last.hash }).execute()
  await tx
    .deleteFrom('audit_unsealed')
    .where(
      'id',
      'in',
      links.map(({ entry_id: id }) => id),
    )
    .execute()
}

/** The hash of a link; undefined when it is gone. */
export async function findHash(db: Db, number: number): Promise<string | undefined> {
  return (await db.selectFrom('audit_chain').select('hash').where('number', '=', number).executeTakeFirst())?.hash
}

/** Links of the whole chain after a number, or those of one account after a line, with their lines, in order. */
export async function listChain(
  db: Db,
  which: { readonly after: number } | { readonly accountId: string; readonly afterId: string },
  limit: number,
): Promise<ChainRow[]> {
  let query = db
    .selectFrom('audit_chain as chain')
    .leftJoin('audit', 'audit.id', 'chain.entry_id')
    .leftJoin('audit_chain as before', (join) => join.on((eb) => eb('before.number', '=', eb('chain.number', '-', 1))))
    .selectAll('audit')
    .select([
      'chain.number as chain_number',
      'chain.entry_id as chain_entry',
      'chain.account_id as chain_account',
      'chain.hash as chain_hash',
      'before.hash as previous_hash',
    ])
    .limit(limit)
  query =
    'after' in which
      ? query.where('chain.number', '>', which.after).orderBy('chain.number')
      : query
          .where('chain.account_id', '=', which.accountId)
          .where('chain.entry_id', '>', which.afterId)
          .orderBy('chain.entry_id')
  const rows = await query.execute()
  return rows.map(({ chain_number, chain_entry, chain_account, chain_hash, previous_hash, ...line }) => ({
    number: chain_number,
    entryId: chain_entry,
    accountId: chain_account,
    hash: chain_hash,
    previous: previous_hash,
    // Columns of a line that is there are not null.
    line: line.id === null ? undefined : (line as AuditRow),
  }))
}

/** A line that was never sealed and does not wait for it; undefined when there is none. */
export async function findUnchained(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('audit')
    .select('id')
    .where((eb) =>
      eb.not(
        eb.exists(
          db.selectFrom('audit_chain').select('number').whereRef('audit_chain.entry_id', '=', eb.ref('audit.id')),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          db
            .selectFrom('audit_unsealed')
            .select('audit_unsealed.id')
            .whereRef('audit_unsealed.id', '=', eb.ref('audit.id')),
        ),
      ),
    )
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}

/** The number of the first link whose line is not older than a time; undefined when all are. */
export async function findFirstSince(db: Db, since: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('audit_chain')
    .innerJoin('audit', 'audit.id', 'audit_chain.entry_id')
    .select('number')
    .where('audit.at', '>=', since)
    .orderBy('number')
    .limit(1)
    .executeTakeFirst()
  return row?.number
}
