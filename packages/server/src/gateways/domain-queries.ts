import type { Selectable, Updateable } from 'kysely'
import type { Db } from '../db/database.ts'
import type { CustomDomainTable } from '../db/gateway-tables.ts'

/** A custom domain as it stands in the table. */
export type DomainRow = Selectable<CustomDomainTable>

/** Adds a custom domain. False when this gateway has it already. */
export async function insertDomain(tx: Db, row: DomainRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('custom_domains')
    .values(row)
    .onConflict((conflict) => conflict.columns(['gateway_id', 'domain']).doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

/** Whether another gateway has this domain with one of these proofs. */
export async function isDomainProven(
  db: Db,
  { domain, proofs, except }: { domain: string; proofs: readonly string[]; except: string },
): Promise<boolean> {
  const row = await db
    .selectFrom('custom_domains')
    .select('id')
    .where('domain', '=', domain)
    .where('proof', 'in', proofs)
    .where('gateway_id', '!=', except)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Custom domains of these gateways, oldest first. */
export async function listDomains(db: Db, gatewayIds: readonly string[]): Promise<DomainRow[]> {
  if (gatewayIds.length === 0) return []
  return db.selectFrom('custom_domains').selectAll().where('gateway_id', 'in', gatewayIds).orderBy('id').execute()
}

/** Domains whose time to be looked at has come, with the account they belong to; those due longest first. */
export function listDueDomains(db: Db, { now, limit }: { now: number; limit: number }) {
  return db
    .selectFrom('custom_domains')
    .innerJoin('gateways', 'gateways.id', 'custom_domains.gateway_id')
    .selectAll('custom_domains')
    .select('gateways.account_id')
    .where('next_check_at', '<=', now)
    .orderBy('next_check_at')
    .limit(limit)
    .execute()
}

/** Notes what was found of a domain. False when it is gone, or was looked at by somebody else meanwhile. */
export async function updateDomain(
  tx: Db,
  { id, checked_at: checkedAt }: Pick<DomainRow, 'id' | 'checked_at'>,
  changed: Updateable<CustomDomainTable>,
): Promise<boolean> {
  const updated = await tx
    .updateTable('custom_domains')
    .set(changed)
    .where('id', '=', id)
    .where((eb) => (checkedAt === null ? eb('checked_at', 'is', null) : eb('checked_at', '=', checkedAt)))
    .executeTakeFirst()
  return updated.numUpdatedRows === 1n
}

/** Removes a custom domain of a gateway. False when there is none. */
export async function deleteDomain(tx: Db, { gatewayId, id }: { gatewayId: string; id: string }): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('custom_domains')
    .where('id', '=', id)
    .where('gateway_id', '=', gatewayId)
    .executeTakeFirst()
  return deleted.numDeletedRows === 1n
}
