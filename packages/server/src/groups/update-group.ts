import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { foldText } from '../lib/fold.ts'
import type { Services } from '../services.ts'
import { type GroupKey, getGroupLocked } from './get-group.ts'
import { type GroupRow, updateGroupRow } from './queries.ts'

/** Changes name or visibility of a group; what is left out stays. Throws `not_found`. */
export async function updateGroup(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  { network, id }: GroupKey,
  { name, isPublic }: { name?: string | undefined; isPublic?: boolean | undefined },
): Promise<GroupRow> {
  const now = clock.now()
  const change = {
    updated_at: now,
    ...(name === undefined ? {} : { name, name_folded: foldText(name) }),
    ...(isPublic === undefined ? {} : { is_public: isPublic ? 1 : 0 }),
  }
  return db.write(async (tx) => {
    const before = await getGroupLocked(tx, caller, { network, id })
    await updateGroupRow(tx, id, change)
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'group.changed',
      target: id,
      origin: caller.origin,
      detail: {
        network,
        ...(name === undefined || name === before.name ? {} : { from: before.name, to: name }),
        ...(isPublic === undefined ? {} : { isPublic }),
      },
    })
    return { ...before, ...change }
  })
}
