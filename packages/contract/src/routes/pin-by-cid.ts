import { z } from 'zod'
import { route, type Route } from '../route.ts'
import {
  PinByCid,
  PinByCidQuery,
  PinByHash,
  PinJob,
  PinJobPage,
  PinJobParams,
  PinJobs,
  PinJobsQuery,
  PinnedByHash,
} from '../schemas/pin-jobs.ts'
import { defaults } from './defaults.ts'

const common = {
  ...defaults,
  keepsReach: true,
  credentials: ['key', 'session'],
  cors: 'echo',
} as const satisfies Partial<Route>
const legacy = { ...common, dialect: 'legacy', tag: 'Pinning' } as const
const v3 = { ...common, dialect: 'v3', tag: 'Files' } as const

/** POST /pinning/pinByHash. */
export const pinByHash = route({
  ...legacy,
  id: 'pinByHash',
  method: 'POST',
  path: '/pinning/pinByHash',
  // As it was called until 2020; pinatapy still asks there.
  aliases: [{ path: '/pinning/addHashToPinQueue' }],
  scope: 'pinning.pinByHash',
  rateClass: 'write',
  bodyKind: 'json',
  body: PinByHash,
  response: PinnedByHash,
  summary: 'Pin by CID',
  description: 'Answers before anything is fetched. `pinJobs` shows what is being fetched, `pinList` what is here.',
})

/** GET /pinning/pinJobs. */
export const pinJobs = route({
  ...legacy,
  id: 'pinJobs',
  method: 'GET',
  path: '/pinning/pinJobs',
  scope: 'pinning.pinJobs',
  query: PinJobsQuery,
  response: PinJobs,
  summary: 'List pins that are not here yet',
})

/** POST /v3/files/public/pin_by_cid. */
export const pinByCid = route({
  ...v3,
  id: 'pinByCid',
  method: 'POST',
  path: '/v3/files/public/pin_by_cid',
  scope: 'files.pinByCid',
  resource: 'org:files:write',
  rateClass: 'write',
  bodyKind: 'json',
  body: PinByCid,
  response: z.object({ data: PinJob }),
  summary: 'Pin by CID',
  description: 'Answers before anything is fetched.',
})

/** GET /v3/files/public/pin_by_cid. */
export const pinByCidList = route({
  ...v3,
  id: 'pinByCidList',
  method: 'GET',
  path: '/v3/files/public/pin_by_cid',
  scope: 'files.pinByCidList',
  resource: 'org:files:read',
  query: PinByCidQuery,
  response: z.object({ data: PinJobPage }),
  summary: 'List pins that are not here yet',
})

/** DELETE /v3/files/public/pin_by_cid/{id}. */
export const pinByCidDelete = route({
  ...v3,
  id: 'pinByCidDelete',
  method: 'DELETE',
  path: '/v3/files/public/pin_by_cid/:id',
  scope: 'files.pinByCidDelete',
  resource: 'org:files:write',
  rateClass: 'write',
  params: PinJobParams,
  response: z.object({ data: z.null() }),
  summary: 'Cancel a pin by CID',
})
