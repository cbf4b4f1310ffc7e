import { reasonOf } from '@pinyon/contract/errors.ts'
import type { OutcomeCode } from '@pinyon/contract/errors.ts'
import { allows, describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Bulk, BulkResult } from '@pinyon/contract/schemas/bulk.ts'
import type { WantedPin } from '../requests/wanted-pin.ts'
import { cancelBulk, getBulk, listBulkOperations, pageResults } from '../bulk/follow-bulk.ts'
import type { BulkItemRow, BulkRow } from '../bulk/queries.ts'
import { type StartedBulk, startBulk } from '../bulk/start-bulk.ts'
import { requireKeyvalues } from '../files/keyvalues.ts'
import { getGroup } from '../groups/get-group.ts'
import { answer, type Door, door } from '../http/door.ts'
import { AppError } from '../lib/errors.ts'
import { presentTime } from './present-time.ts'

const usualLimit = 100

/** Operations on many files, or for many pins, and how they go on. */
export const bulkDoors: readonly Door[] = [
  door(routes.bulkPin, async ({ services, caller, body, request }) => {
    const items = body.pins.map(({ cid, name, keyvalues, group_id, host_nodes }) => {
      requireKeyvalues(services.config.limits, keyvalues ?? {})
      const wanted: WantedPin = {
        cid,
        name: name || cid,
        keyvalues: keyvalues ?? {},
        groupId: group_id || null,
        origins: host_nodes || [],
      }
      return JSON.stringify(wanted)
    })
    const work = { operation: 'pin' } as const
    return presentStarted(await startBulk(services, caller, { work, items, signal: request.signal }))
  }),
  door(routes.bulkUnpin, async ({ services, caller, body, request }) => {
    const work = { operation: 'unpin', network: body.network } as const
    const { ids: items, filter } = body
    return presentStarted(await startBulk(services, caller, { work, items, filter, signal: request.signal }))
  }),
  door(routes.bulkUpdate, async ({ services, caller, body, request }) => {
    const { network, ids: items, filter } = body
    const { name, keyvalues, expires_at: expiresAt } = body.change
    const work = { operation: 'update', network, change: { name, keyvalues, expiresAt } } as const
    return presentStarted(await startBulk(services, caller, { work, items, filter, signal: request.signal }))
  }),
  door(routes.bulkMove, async ({ services, caller, body, request }) => {
    const { network, ids: items, filter, group_id: groupId } = body
    if (groupId !== null) await getGroup(services, caller, { network, id: groupId })
    else if (!allows(caller.granted, routes.groupsRemoveFile)) {
      const wanted = describeAsked(routes.groupsRemoveFile)
      throw new AppError('scope_missing', `Taking files out of groups needs ${wanted}, which this key does not have.`)
    }
    const work = { operation: 'move', network, groupId } as const
    return presentStarted(await startBulk(services, caller, { work, items, filter, signal: request.signal }))
  }),
  door(routes.bulkList, async ({ services, caller }) => ({
    jobs: (await listBulkOperations(services, caller)).map(presentBulk),
  })),
  door(routes.bulkGet, async ({ services, caller, params }) => presentBulk(await getBulk(services, caller, params.id))),
  door(routes.bulkResults, async ({ services, caller, params, query }) => {
    const { state, limit = usualLimit, pageToken } = query
    const { bulk, rows, nextPageToken } = await pageResults(services, caller, params.id, { state, limit, pageToken })
    return { results: rows.map((row) => presentResult(row, bulk.operation === 'pin')), nextPageToken }
  }),
  door(routes.bulkCancel, async ({ services, caller, params }) =>
    presentBulk(await cancelBulk(services, caller, params.id)),
  ),
]

function presentStarted(started: StartedBulk) {
  if ('bulk' in started) return answer(202, { job: presentBulk(started.bulk), results: [] })
  return { job: null, results: started.results.map((row) => presentResult(row, row.item.startsWith('{'))) }
}

function presentBulk(bulk: BulkRow): Bulk {
  const { id, total, done, failed, message } = bulk
  return {
    id,
    // By the constraints of the table; what is staging is shown to nobody.
    operation: bulk.operation as Bulk['operation'],
    state: bulk.state as Bulk['state'],
    total,
    done,
    failed,
    createdAt: presentTime(bulk.created_at),
    finishedAt: presentTime(bulk.finished_at),
    message,
  }
}

function presentResult({ item, state, file_id, reason, message }: BulkItemRow, isPin: boolean): BulkResult {
  return {
    item: isPin ? (JSON.parse(item) as WantedPin).cid : item, // written by `bulkPin`
    state: state as BulkResult['state'], // by the constraint of the table
    fileId: file_id,
    reason: reason === null ? null : reasonOf(reason as OutcomeCode, 'v3'), // written by `failureOf`
    message,
  }
}
