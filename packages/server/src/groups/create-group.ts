import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { lockAccounts } from '../usage/queries.ts'
import { requireNoGroupBound } from './get-group.ts'
import { countGroups, type GroupRow, insertGroup } from './queries.ts'

/**
 * Makes a group. Names need not differ: clients of the hosted service rely on ids alone. Throws `conflict` when the
 * account has as many groups as the installation allows, `outside_bounds` for a key that is bound to groups.
 */
export async function createGroup(
  { db, clock, newId, config }: Pick<Services, 'db' | 'clock' | 'newId' | 'config'>,
  caller: Caller,
  { network, name, isPublic }: { network: NetworkName; name: string; isPublic: boolean },
): Promise<GroupRow> {
  requireNoGroupBound(caller)
  const now = clock.now()
  const row: GroupRow = {
    id: newId(),
    account_id: caller.accountId,
    network: networkNumbers[network],
    name,
    name_folded: foldText(name),
    is_public: isPublic ? 1 : 0,
    created_by_key: caller.key?.id ?? null,
    created_at: now,
    updated_at: now,
  }
  const { groups: limit } = config.limits
  await db.write(async (tx) => {
    // Or those that count at the same time would each find room for one more.
    await lockAccounts(tx, [caller.accountId])
    if ((await countGroups(tx, caller.accountId, limit)) >= limit) {
      throw new AppError('conflict', `An account has at most ${limit} groups here (PINYON_MAX_GROUPS)`)
    }
    await insertGroup(tx, row)
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'group.created',
      target: row.id,
      origin: caller.origin,
      detail: { name, network },
    })
  })
  return row
}
