import { routes } from '@pinyon/contract/routes.ts'
import { getReceipt } from '../files/get-receipt.ts'
import { answer, door, type Door } from '../http/door.ts'
import type { DamageRow } from '../pins/damage-queries.ts'
import { scrubAll } from '../pins/plan-scrub.ts'
import { getStorageHealth } from '../pins/storage-health.ts'
import { getAccountUsage, getInstallationUsage, type ShownCount } from '../usage/get-usage.ts'
import { getEgress } from '../egress/get-egress.ts'
import { presentEgress } from './present-egress.ts'
import { presentTime } from './present-time.ts'

/** What is kept of files, and how it fares: receipts, bytes, damage. */
export const storageDoors: readonly Door[] = [
  door(routes.filesReceipt, async ({ services, caller, params }) =>
    answer(200, await getReceipt(services, caller, params.id), { 'cache-control': 'no-store' }),
  ),
  door(routes.usageGet, async ({ services, caller }) => {
    const account = await getAccountUsage(services, caller)
    const egress = await getEgress(services, { accountId: caller.accountId, gatewayId: '' })
    const all = caller.granted.operator ? await getInstallationUsage(services) : undefined
    return {
      account: { ...account, counted: presentCount(account.counted), egress: presentEgress(egress) },
      installation: all === undefined ? null : { ...all, counted: presentCount(all.counted) },
    }
  }),
  door(routes.storageHealth, async ({ services }) => {
    const { periodMs, share } = services.config.scrub
    const health = await getStorageHealth(services)
    const { packs, packsBeingRead, packsWaiting, packsLate, verifiedSince } = health
    return {
      state: health.damagedBlocks === 0 ? 'whole' : 'damaged',
      scrub: {
        periodDays: periodMs === undefined ? null : periodMs / 86_400_000,
        share,
        packs,
        packsBeingRead,
        packsWaiting,
        packsLate,
        verifiedSince: presentTime(verifiedSince),
      },
      notWritable: services.writeFaults
        .list()
        .map(({ part, reason, since, message }) => ({ part, reason, since: presentTime(since), message })),
      damagedBlocks: health.damagedBlocks,
      damaged: health.damaged.map(({ damage, owners }) => ({ ...presentDamage(damage), owners })),
      repaired: health.repaired.map(({ cid, found_at, repaired_at, repaired_from }) => ({
        cid,
        foundAt: presentTime(found_at),
        repairedAt: presentTime(repaired_at),
        from: repaired_from,
      })),
    }
  }),
  door(routes.storageScrub, async ({ services, caller }) => answer(202, { packs: await scrubAll(services, caller) })),
]

function presentDamage(damage: DamageRow) {
  return {
    cid: damage.cid,
    reason: damage.reason,
    foundBy: damage.found_by,
    foundAt: presentTime(damage.found_at),
    attempts: damage.attempts,
    triedAt: presentTime(damage.tried_at),
    outcome: damage.outcome,
  }
}

function presentCount(count: ShownCount | undefined) {
  if (count === undefined) return null
  return {
    files: count.files,
    blocks: count.blocks,
    logicalBytes: count.logical_bytes,
    uniqueBytes: count.unique_bytes,
    sharedBytes: count.shared_bytes,
    reclaimableBytes: count.unique_bytes - count.shared_bytes,
    countedAt: presentTime(count.counted_at),
    isExact: count.isExact,
  }
}
