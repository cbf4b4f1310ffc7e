import { z } from 'zod'
import { route } from '../../route.ts'
import {
  Bulk,
  BulkMove,
  BulkPin,
  BulkPins,
  BulkResultPage,
  BulkResultsQuery,
  BulkStarted,
  BulkUnpin,
  BulkUpdate,
} from '../../schemas/bulk.ts'
import { base, IdParams, own } from './defaults.ts'

const bulk = { ...own, tag: 'Bulk', keepsReach: true } as const
const start = {
  ...bulk,
  method: 'POST',
  rateClass: 'write',
  bodyKind: 'json',
  response: BulkStarted,
} as const
const whoeverStarts = [
  ['files.pinByCid'],
  ['files.delete'],
  ['files.update'],
  ['groups.addFile'],
  ['psa.remove'],
  ['psa.add'],
  ['pinning.unpin'],
  ['pinning.pinByHash'],
] as const

/** POST /pinyon/v1/bulk/pin. */
export const bulkPin = route({
  ...start,
  id: 'bulkPin',
  path: `${base}/bulk/pin`,
  scope: 'files.pinByCid',
  resource: 'org:files:write',
  body: BulkPin,
  summary: 'Pin many CIDs',
  description: 'Up to 100 at once, with what became of each; more by a job (202), which one follows.',
})

/** POST /pinyon/v1/bulk/unpin. */
export const bulkUnpin = route({
  ...start,
  id: 'bulkUnpin',
  path: `${base}/bulk/unpin`,
  scope: 'files.delete',
  resource: 'org:files:write',
  body: BulkUnpin,
  summary: 'Unpin many files',
  description: 'By `ids` or by `filter`. Up to 100 at once; more by a job (202).',
})

/** POST /pinyon/v1/bulk/update: everything but the network, which never changes. */
export const bulkUpdate = route({
  ...start,
  id: 'bulkUpdate',
  path: `${base}/bulk/update`,
  scope: 'files.update',
  resource: 'org:files:write',
  body: BulkUpdate,
  summary: 'Change name, key-values or expiry of many files',
  description: 'By `ids` or by `filter`. Key-values merge; `null` removes one. Up to 100 at once; more by a job (202).',
})

/** POST /pinyon/v1/bulk/move. */
export const bulkMove = route({
  ...start,
  id: 'bulkMove',
  path: `${base}/bulk/move`,
  scope: 'groups.addFile',
  resource: 'org:groups:write',
  body: BulkMove,
  summary: 'Move many files to a group',
  description:
    'By `ids` or by `filter`; into none wants `groups.removeFile` too. Up to 100 at once; more by a job (202).',
})

/** POST /pinyon/v1/bulk/remove-pins. */
export const bulkRemovePins = route({
  ...start,
  id: 'bulkRemovePins',
  path: `${base}/bulk/remove-pins`,
  scope: 'psa.remove',
  others: [['pinning.unpin']],
  resource: 'org:files:write',
  body: BulkPins,
  summary: 'Remove many pins by CID',
  description:
    'By `ids` or by `filter`, whatever their status: what waits or is fetched is cancelled, what is pinned is unpinned. A pin that has left the statuses of the filter before its turn is left alone. Up to 100 at once; more by a job (202).',
})

/** POST /pinyon/v1/bulk/retry-pins. */
export const bulkRetryPins = route({
  ...start,
  id: 'bulkRetryPins',
  path: `${base}/bulk/retry-pins`,
  scope: 'psa.add',
  others: [['pinning.pinByHash']],
  resource: 'org:files:write',
  body: BulkPins,
  summary: 'Try many pins by CID again now',
  description:
    'By `ids` or by `filter`, which leaves out what is pinned. A failed pin begins anew, one that waits is tried at once. Up to 100 at once; more by a job (202).',
})

/** GET /pinyon/v1/bulk. */
export const bulkList = route({
  ...bulk,
  id: 'bulkList',
  method: 'GET',
  path: `${base}/bulk`,
  scope: 'bulk.list',
  others: whoeverStarts,
  resource: 'org:files:read',
  response: z.object({ jobs: z.array(Bulk) }),
  summary: 'List bulk operations',
  description: 'The latest 100, newest first. They are kept for a week after their end.',
})

/** GET /pinyon/v1/bulk/{id}. */
export const bulkGet = route({
  ...bulk,
  id: 'bulkGet',
  method: 'GET',
  path: `${base}/bulk/:id`,
  scope: 'bulk.get',
  others: whoeverStarts,
  resource: 'org:files:read',
  params: IdParams,
  response: Bulk,
  summary: 'Follow a bulk operation',
})

/** GET /pinyon/v1/bulk/{id}/results. */
export const bulkResults = route({
  ...bulk,
  id: 'bulkResults',
  method: 'GET',
  path: `${base}/bulk/:id/results`,
  scope: 'bulk.get',
  others: whoeverStarts,
  resource: 'org:files:read',
  params: IdParams,
  query: BulkResultsQuery,
  response: BulkResultPage,
  summary: 'List what became of each item',
})

/** DELETE /pinyon/v1/bulk/{id}. */
export const bulkCancel = route({
  ...bulk,
  id: 'bulkCancel',
  method: 'DELETE',
  path: `${base}/bulk/:id`,
  scope: 'bulk.cancel',
  others: whoeverStarts,
  resource: 'org:files:write',
  rateClass: 'write',
  params: IdParams,
  response: Bulk,
  summary: 'Cancel a bulk operation',
  description: 'What is done stays done; what waits is left alone.',
})
