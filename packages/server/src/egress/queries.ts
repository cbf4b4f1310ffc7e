import { sql } from 'kysely'
import type { Db } from '../db/database.ts'
import type { Cid } from '../ipfs/cid.ts'
import { networkNumbers } from '../pins/network.ts'

/** Whose bytes: an account's in all, or those of one of its gateways. */
export interface EgressOwner {
  readonly accountId: string
  /** Empty text: the account in all. */
  readonly gatewayId: string
}

/** Adds to what was served in a month; how much it is then. */
export async function addEgress(
  tx: Db,
  { accountId, gatewayId, month, bytes }: EgressOwner & { month: number; bytes: number },
): Promise<number> {
  const row = await tx
    .insertInto('egress')
    .values({ account_id: accountId, gateway_id: gatewayId, month, bytes })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'gateway_id', 'month'])
        .doUpdateSet((eb) => ({ bytes: eb('egress.bytes', '+', eb.ref('excluded.bytes')) })),
    )
    .returning('bytes')
    .executeTakeFirstOrThrow()
  return row.bytes
}

/** How much an owner may serve in a month, and has. Undefined when there is no such owner any more. */
export async function findEgress(
  db: Db,
  { accountId, gatewayId, month }: EgressOwner & { month: number },
): Promise<{ quota_bytes: number | null; used_bytes: number } | undefined> {
  const used = db
    .selectFrom('egress')
    .select('bytes')
    .where('account_id', '=', accountId)
    .where('gateway_id', '=', gatewayId)
    .where('month', '=', month)
  const row =
    gatewayId === ''
      ? await db
          .selectFrom('accounts')
          .select(['egress_quota_bytes as quota_bytes', used.as('used_bytes')])
          .where('id', '=', accountId)
          .executeTakeFirst()
      : await db
          .selectFrom('gateways')
          .select(['egress_quota_bytes as quota_bytes', used.as('used_bytes')])
          .where('id', '=', gatewayId)
          .where('account_id', '=', accountId)
          .executeTakeFirst()
  return row && { quota_bytes: row.quota_bytes, used_bytes: row.used_bytes ?? 0 }
}

/** How often who has served all that they may may have become others. */
export async function findEgressChanges(db: Db): Promise<number> {
  return (await db.selectFrom('installation').select('egress_changes').executeTakeFirst())?.egress_changes ?? 0
}

/** How much accounts and gateways with a quota may serve yet in a month, by their ids. Nothing or less: no more. */
export async function listLeft(db: Db, month: number): Promise<{ id: string; left: number }[]> {
  const left = sql<number>`egress_quota_bytes - coalesce(egress.bytes, 0)`.as('left')
  const accounts = await db
    .selectFrom('accounts')
    .leftJoin('egress', (join) =>
      join
        .onRef('egress.account_id', '=', 'accounts.id')
        .on('egress.gateway_id', '=', '')
        .on('egress.month', '=', month),
    )
    .select(['accounts.id', left])
    .where('egress_quota_bytes', 'is not', null)
    .execute()
  const gateways = await db
    .selectFrom('gateways')
    .leftJoin('egress', (join) =>
      join
        .onRef('egress.account_id', '=', 'gateways.account_id')
        .onRef('egress.gateway_id', '=', 'gateways.id')
        .on('egress.month', '=', month),
    )
    .select(['gateways.id', left])
    .where('egress_quota_bytes', 'is not', null)
    .execute()
  return [...accounts, ...gateways]
}

/** Of more accounts than this that share a content some are not asked. */
const maxSharers = 20

/**
 * Accounts that hold a content publicly: by this root or, when none does, by a root that leads to it. Some of them when
 * there are very many.
 */
export async function listSharers(db: Db, { multihash, codec }: Pick<Cid, 'multihash' | 'codec'>): Promise<string[]> {
  const byRoot = await db
    .selectFrom('pins')
    .innerJoin('files', 'files.pin_id', 'pins.id')
    .select('files.account_id')
    .distinct()
    .where('pins.multihash', '=', multihash)
    .where('pins.codec', '=', codec)
    .where('pins.network', '=', networkNumbers.public)
    .limit(maxSharers)
    .execute()
  if (byRoot.length > 0) return byRoot.map(({ account_id }) => account_id)
  // A block may be in very many pins: the first of them say enough.
  const pins = db
    .selectFrom('pin_blocks')
    .select('pin_id')
    .where('network', '=', networkNumbers.public)
    .where('block_id', '=', db.selectFrom('blocks').select('id').where('multihash', '=', multihash))
    .limit(5 * maxSharers)
  const byBlock = await db
    .selectFrom('files')
    .select('account_id')
    .distinct()
    .where('pin_id', 'in', pins)
    .limit(maxSharers)
    .execute()
  return byBlock.map(({ account_id }) => account_id)
}
