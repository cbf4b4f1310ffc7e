import type { Selectable, Updateable } from 'kysely'
import { networkNumbers } from '../pins/network.ts'
import type { Db } from '../db/database.ts'
import { forUpdate } from '../db/for-update.ts'
import type { GatewayPluginTable, GatewayRestrictionTable, GatewayTable } from '../db/gateway-tables.ts'

/** A gateway as it stands in the table. */
export type GatewayRow = Selectable<GatewayTable>
/** What lets requests in, as it stands in the table. */
export type RestrictionRow = Selectable<GatewayRestrictionTable>

/** Adds a gateway. False when its name is taken, whoever has it. */
export async function insertGateway(tx: Db, row: GatewayRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('gateways')
    .values(row)
    .onConflict((conflict) => conflict.column('domain').doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

/** How many gateways an account has. */
export async function countGateways(db: Db, accountId: string): Promise<number> {
  const row = await db
    .selectFrom('gateways')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Gateways of an account, oldest first. */
export function listGateways(
  db: Db,
  { accountId, limit, offset }: { accountId: string; limit: number; offset: number },
): Promise<GatewayRow[]> {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('id')
    .limit(limit)
    .offset(offset)
    .execute()
}

/** A gateway of the account. */
export function findGateway(
  db: Db,
  { accountId, id }: { accountId: string; id: string },
): Promise<GatewayRow | undefined> {
  return db
    .selectFrom('gateways')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .executeTakeFirst()
}

/** Has others that would change a gateway or what belongs to it wait until the write ends. */
export async function lockGateway(tx: Db, id: string): Promise<void> {
  await tx.selectFrom('gateways').select('id').where('id', '=', id).$call(forUpdate(tx)).execute()
}

/** Whether a name is taken, by whomever: names are the same for everybody. */
export async function isNameTaken(db: Db, domain: string): Promise<boolean> {
  const row = await db.selectFrom('gateways').select('id').where('domain', '=', domain).executeTakeFirst()
  return row !== undefined
}

/** Removes a gateway with all that belongs to it. */
export async function deleteGateway(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('gateways').where('id', '=', id).execute()
}

/** Changes what is given of a gateway. */
export async function updateGateway(
  tx: Db,
  id: string,
  change: Pick<Updateable<GatewayTable>, 'egress_quota_bytes' | 'html'>,
): Promise<void> {
  if (Object.keys(change).length === 0) return
  await tx.updateTable('gateways').set(change).where('id', '=', id).execute()
}

/** Adds what lets requests in. False when the gateway has the same already. */
export async function insertRestriction(tx: Db, row: RestrictionRow): Promise<boolean> {
  const inserted = await tx
    .insertInto('gateway_restrictions')
    .values(row)
    .onConflict((conflict) => conflict.columns(['gateway_id', 'kind', 'value']).doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

/** What lets requests in at these gateways, oldest first. */
export async function listRestrictions(db: Db, gatewayIds: readonly string[]): Promise<RestrictionRow[]> {
  if (gatewayIds.length === 0) return []
  return db.selectFrom('gateway_restrictions').selectAll().where('gateway_id', 'in', gatewayIds).orderBy('id').execute()
}

/** Removes what lets requests in. False when there is none. */
export async function deleteRestriction(
  tx: Db,
  { gatewayId, kind, id }: { gatewayId: string; kind: string; id: string },
): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('gateway_restrictions')
    .where('id', '=', id)
    .where('gateway_id', '=', gatewayId)
    .where('kind', '=', kind)
    .executeTakeFirst()
  return deleted.numDeletedRows === 1n
}

/** Gives a gateway a plugin; nothing when it has it. */
export async function insertPlugin(tx: Db, row: Selectable<GatewayPluginTable>): Promise<void> {
  await tx
    .insertInto('gateway_plugins')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** Plugins of all gateways of an account, or of one of them. */
export function listPlugins(
  db: Db,
  { accountId, gatewayId }: { accountId: string; gatewayId?: string | undefined },
): Promise<{ gateway_id: string; plugin_id: number }[]> {
  let query = db
    .selectFrom('gateway_plugins')
    .innerJoin('gateways', 'gateways.id', 'gateway_plugins.gateway_id')
    .select(['gateway_id', 'plugin_id'])
    .where('account_id', '=', accountId)
    .orderBy('gateway_id')
    .orderBy('plugin_id')
  if (gatewayId !== undefined) query = query.where('gateway_id', '=', gatewayId)
  return query.execute()
}

/** Takes a plugin from a gateway. False when it has none such. */
export async function deletePlugin(tx: Db, key: { gatewayId: string; pluginId: number }): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('gateway_plugins')
    .where('gateway_id', '=', key.gatewayId)
    .where('plugin_id', '=', key.pluginId)
    .executeTakeFirst()
  return deleted.numDeletedRows === 1n
}

/** A gateway by its name or by a proven domain (by the newest proof), and whether its account is disabled. */
export async function findGatewayByHost(
  db: Db,
  host: { readonly name: string } | { readonly domain: string; readonly proofs: readonly string[] },
): Promise<(GatewayRow & { disabled_at: number | null }) | undefined> {
  const query = db
    .selectFrom('gateways')
    .innerJoin('accounts', 'accounts.id', 'gateways.account_id')
    .selectAll('gateways')
    .select('accounts.disabled_at')
  if ('name' in host) return query.where('gateways.domain', '=', host.name).executeTakeFirst()
  return query
    .innerJoin('custom_domains', 'custom_domains.gateway_id', 'gateways.id')
    .where('custom_domains.domain', '=', host.domain)
    .where('custom_domains.proof', 'in', host.proofs)
    .orderBy('custom_domains.proven_at', 'desc')
    .orderBy('custom_domains.id')
    .executeTakeFirst()
}

/** Whether an account holds a content publicly, by this root. */
export async function holdsPublicly(
  db: Db,
  of: { accountId: string; multihash: Uint8Array; codec: number; now: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('pins')
    .innerJoin('files', 'files.pin_id', 'pins.id')
    .select('files.id')
    .where('pins.multihash', '=', of.multihash)
    .where('pins.codec', '=', of.codec)
    .where('pins.network', '=', networkNumbers.public)
    .where('files.account_id', '=', of.accountId)
    .where('files.state', '=', 'held')
    .where((eb) => eb.or([eb('files.expires_at', 'is', null), eb('files.expires_at', '>', of.now)]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
