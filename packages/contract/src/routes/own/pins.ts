import { route } from '../../route.ts'
import { PinDetail, PinPage, PinPageQuery } from '../../schemas/pins.ts'
import { base, IdParams, own } from './defaults.ts'

const pins = { ...own, keepsReach: true, tag: 'Pinning service' } as const

/** GET /pinyon/v1/pins. */
export const pinsPage = route({
  ...pins,
  id: 'pinsPage',
  method: 'GET',
  path: `${base}/pins`,
  scope: 'psa.list',
  others: [['data.pinList']],
  resource: 'org:files:read',
  query: PinPageQuery,
  response: PinPage,
  summary: 'List pins by CID with all details',
  description: 'Newest first, page by page whatever comes and goes meanwhile. The same pins as those of `/psa`.',
})

/** GET /pinyon/v1/pins/{id}. */
export const pinsGet = route({
  ...pins,
  id: 'pinsGet',
  method: 'GET',
  path: `${base}/pins/:id`,
  scope: 'psa.get',
  others: [['data.pinList']],
  resource: 'org:files:read',
  params: IdParams,
  response: PinDetail,
  summary: 'Get a pin by CID with all details',
  description: 'Blocks and bytes so far, attempts, the next one, who was asked, and why it failed.',
})

/** POST /pinyon/v1/pins/{id}/retry. */
export const pinsRetry = route({
  ...pins,
  id: 'pinsRetry',
  method: 'POST',
  path: `${base}/pins/:id/retry`,
  scope: 'psa.add',
  others: [['pinning.pinByHash']],
  resource: 'org:files:write',
  rateClass: 'write',
  params: IdParams,
  response: PinDetail,
  summary: 'Try a pin again now',
  description: 'Begins a failed pin anew, or has one that waits tried at once. One that is pinned stays as it is.',
})
