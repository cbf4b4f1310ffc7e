import { z } from 'zod'
import { route } from '../../route.ts'
import { OwnPin, OwnPinParams, OwnPinsQuery } from '../../schemas/own-pins.ts'
import { base, own } from './defaults.ts'

const pins = { ...own, tag: 'Pinning service' } as const

/** GET /pinyon/v1/pins. */
export const pinsList = route({
  ...pins,
  id: 'pinsList',
  method: 'GET',
  path: `${base}/pins`,
  scope: 'psa.list',
  others: [['data.pinList']],
  resource: 'org:files:read',
  query: OwnPinsQuery,
  response: z.object({ pins: z.array(OwnPin), nextPageToken: z.string().nullable() }),
  summary: 'List pins by CID, with how they are fetched',
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
  params: OwnPinParams,
  response: OwnPin,
  summary: 'Get a pin by CID, with how it is fetched',
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
  params: OwnPinParams,
  response: OwnPin,
  summary: 'Try a pin again now',
  description: 'One that failed is queued anew under the same id; one that waits for its next attempt has it now.',
})
