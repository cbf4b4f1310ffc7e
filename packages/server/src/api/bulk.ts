import { reasonOf } from '@pinyon/contract/errors.ts'
import type { OutcomeCode } from '@pinyon/contract/errors.ts'
import { allows, describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Bulk, BulkFilter, BulkResult } from '@pinyon/contract/schemas/bulk.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import { searchPins, type Searched, statusesOf, withoutPinned } from '../bulk/find-items.ts'
import type { Services } from '../services.ts'
import type { WantedPin } from '../requests/wanted-pin.ts'
import { cancelBulk, findItemNames, getBulk, listBulkOperations, pageResults } from '../bulk/follow-bulk.ts'
import type { BulkItemRow, BulkRow } from '../bulk/queries.ts'
import { type StartBulk, startBulk } from '../bulk/start-bulk.ts'
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
    return start(services, caller, { work, items, signal: request.signal })
  }),
  door(routes.bulkUnpin, async ({ services, caller, body, request }) => {
    const work = { operation: 'unpin', network: body.network } as const
    return start(services, caller, { work, items: body.ids, searched: filesOf(body), signal: request.signal })
  }),
  door(routes.bulkUpdate, async ({ services, caller, body, request }) => {
    const { network, ids: items } = body
    const { name, keyvalues, expires_at: expiresAt } = body.change
    const work = { operation: 'update', network, change: { name, keyvalues, expiresAt } } as const
    return start(services, caller, { work, items, searched: filesOf(body), signal: request.signal })
  }),
  door(routes.bulkMove, async ({ services, caller, body, request }) => {
    const { network, ids: items, group_id: groupId } = body
    if (groupId !== null) await getGroup(services, caller, { network, id: groupId })
    else if (!allows(caller.granted, routes.groupsRemoveFile)) {
      const wanted = describeAsked(routes.groupsRemoveFile)
      throw new AppError('scope_missing', `Taking files out of groups needs ${wanted}, which this key does not have.`)
    }
    const work = { operation: 'move', network, groupId } as const
    return start(services, caller, { work, items, searched: filesOf(body), signal: request.signal })
  }),
  door(routes.bulkRemovePins, async ({ services, caller, body, request }) => {
    const { ids: items, filter } = body
    const work = { operation: 'remove-pins', statuses: filter && statusesOf(filter) } as const
    const searched = filter && (await searchPins(services, caller, filter))
    return start(services, caller, { work, items, searched, signal: request.signal })
  }),
  door(routes.bulkRetryPins, async ({ services, caller, body, request }) => {
    const { ids: items, filter } = body
    const searched = filter && (await searchPins(services, caller, withoutPinned(filter)))
    return start(services, caller, { work: { operation: 'retry-pins' }, items, searched, signal: request.signal })
  }),
  door(routes.bulkList, async ({ services, caller }) => ({
    jobs: (await listBulkOperations(services, caller)).map(presentBulk),
  })),
  door(routes.bulkGet, async ({ services, caller, params }) => presentBulk(await getBulk(services, caller, params.id))),
  door(routes.bulkResults, async ({ services, caller, params, query }) => {
    const { state, limit = usualLimit, pageToken } = query
    const { bulk, rows, nextPageToken } = await pageResults(services, caller, params.id, { state, limit, pageToken })
    return { results: await presentResults(services, caller, bulk.operation, rows), nextPageToken }
  }),
  door(routes.bulkCancel, async ({ services, caller, params }) =>
    presentBulk(await cancelBulk(services, caller, params.id)),
  ),
]

async function start(services: Services, caller: Caller, asked: StartBulk) {
  const started = await startBulk(services, caller, asked)
  if ('bulk' in started) return answer(202, { job: presentBulk(started.bulk), results: [] })
  return { job: null, results: await presentResults(services, caller, asked.work.operation, started.results) }
}

function filesOf({ network, filter }: { network: NetworkName; filter?: BulkFilter | undefined }): Searched | undefined {
  return filter && { of: 'files', network, filter }
}

/** Results with the names of those that failed, where the key may see them. */
async function presentResults(
  services: Services,
  caller: Caller,
  operation: string,
  rows: readonly BulkItemRow[],
): Promise<BulkResult[]> {
  const isPin = operation === 'pin'
  const canSee = allows(caller.granted, routes.filesGet) || allows(caller.granted, routes.pinsGet)
  const failed = isPin || !canSee ? [] : rows.filter(({ state }) => state === 'failed')
  const names = await findItemNames(services, caller, failed)
  return rows.map((row) => presentResult(row, isPin, names.get(row.item) ?? null))
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

function presentResult(
  { item, state, file_id, reason, message }: BulkItemRow,
  isPin: boolean,
  name: string | null,
): BulkResult {
  return {
    item: isPin ? (JSON.parse(item) as WantedPin).cid : item, // written by `bulkPin`
    state: state as BulkResult['state'], // by the constraint of the table
    name,
    fileId: file_id,
    reason: reason === null ? null : reasonOf(reason as OutcomeCode, 'v3'), // written by `failureOf`
    message,
  }
}
