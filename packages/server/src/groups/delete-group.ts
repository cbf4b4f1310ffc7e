import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { recordGroupLeft } from '../files/file-events.ts'
import { leaveGroup } from '../files/group-queries.ts'
import { enqueue, type Job } from '../jobs/queue.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { type GroupKey, getGroupLocked, requireNoGroupBound } from './get-group.ts'
import { deleteGroupRow } from './queries.ts'

/** Kind of the job that takes the last files out of a deleted group. */
export const emptyGroupJob = 'empty-group'

/** Files that leave in one write. */
const sliceSize = 500

/**
 * Deletes a group; its files stay, without a group. The first 500 leave with it, the others by a job within seconds.
 * Throws `not_found`, and `outside_bounds` for a key that is bound to groups.
 */
export async function deleteGroup(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  { network, id }: GroupKey,
): Promise<void> {
  const now = clock.now()
  const { accountId } = caller
  await db.write(async (tx) => {
    const group = await getGroupLocked(tx, caller, { network, id })
    requireNoGroupBound(caller)
    await deleteGroupRow(tx, id)
    if ((await takeOut(tx, { accountId, network, group: id, now })) === sliceSize) {
      await enqueue(tx, { kind: emptyGroupJob, subject: id, payload: { accountId, network } }, now)
    }
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId,
      actor: actorOf(caller),
      action: 'group.deleted',
      target: id,
      origin: caller.origin,
      detail: { name: group.name, network },
    })
  })
}

/** Takes what is left out of a group that was deleted. Safe to repeat: nothing enters a group that is not there. */
export async function emptyGroup(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { subject, payload }: Job,
  signal: AbortSignal,
): Promise<void> {
  const { accountId, network } = payload as { accountId: string; network: NetworkName } // written by `deleteGroup`
  for (;;) {
    signal.throwIfAborted()
    const now = clock.now()
    if ((await db.write((tx) => takeOut(tx, { accountId, network, group: subject, now }))) < sliceSize) return
  }
}

/** Takes a slice of files out of a group, and tells of those that are here. How many left. */
async function takeOut(
  tx: Db,
  { accountId, network, group, now }: { accountId: string; network: NetworkName; group: string; now: number },
): Promise<number> {
  const members = { account: accountId, network: networkNumbers[network], group, now, limit: sliceSize }
  const left = await leaveGroup(tx, members)
  const held = left.filter(({ state }) => state === 'held')
  await recordGroupLeft(tx, held, group, now)
  return left.length
}
