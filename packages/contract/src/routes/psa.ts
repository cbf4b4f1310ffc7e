import { route, type Route } from '../route.ts'
import { Pin, PinResults, PinStatus, PsaListQuery, PsaParams } from '../schemas/psa.ts'
import { defaults } from './defaults.ts'

/** The IPFS Pinning Services API 1.0.0, below /psa. */
const psa = {
  ...defaults,
  dialect: 'psa',
  credentials: ['key', 'session'],
  keepsReach: true,
  cors: 'echo',
  tag: 'Pinning service',
} as const satisfies Partial<Route>

/** More than a thousand pairs of `meta` and a thousand origins take. */
const pinLimitBytes = 4 * 1024 * 1024

/** POST /psa/pins. */
export const psaAdd = route({
  ...psa,
  id: 'psaAdd',
  method: 'POST',
  path: '/psa/pins',
  scope: 'psa.add',
  others: [['pinning.pinByHash']],
  resource: 'org:files:write',
  rateClass: 'write',
  bodyKind: 'json',
  bodyLimitBytes: pinLimitBytes,
  body: Pin,
  response: PinStatus,
  summary: 'Add a pin',
  description: 'Answers 202 before anything is fetched. Every request is a pin of its own, also of the same CID.',
})

/** GET /psa/pins. */
export const psaList = route({
  ...psa,
  id: 'psaList',
  method: 'GET',
  path: '/psa/pins',
  scope: 'psa.list',
  others: [['data.pinList']],
  resource: 'org:files:read',
  query: PsaListQuery,
  response: PinResults,
  summary: 'List pins',
  description:
    'Newest first. The next page is asked for with `before`, the `created` of the last pin. Filters are ANDed; `count` tells how many match, `limit` aside.',
})

/** GET /psa/pins/{requestid}. */
export const psaGet = route({
  ...psa,
  id: 'psaGet',
  method: 'GET',
  path: '/psa/pins/:requestid',
  scope: 'psa.get',
  others: [['data.pinList']],
  resource: 'org:files:read',
  params: PsaParams,
  response: PinStatus,
  summary: 'Get a pin',
})

/** POST /psa/pins/{requestid}. */
export const psaReplace = route({
  ...psa,
  id: 'psaReplace',
  method: 'POST',
  path: '/psa/pins/:requestid',
  scope: 'psa.replace',
  others: [
    ['psa.add', 'pinning.unpin'],
    ['psa.add', 'psa.remove'],
    ['pinning.pinByHash', 'pinning.unpin'],
    ['pinning.pinByHash', 'psa.remove'],
  ],
  resource: 'org:files:write',
  rateClass: 'write',
  params: PsaParams,
  bodyKind: 'json',
  bodyLimitBytes: pinLimitBytes,
  body: Pin,
  response: PinStatus,
  summary: 'Replace a pin',
  description:
    'Answers 202 with a new `requestid`; the old one is gone at once. Nothing is taken over from the old pin. The same CID may be given again.',
})

/** DELETE /psa/pins/{requestid}. */
export const psaRemove = route({
  ...psa,
  id: 'psaRemove',
  method: 'DELETE',
  path: '/psa/pins/:requestid',
  scope: 'psa.remove',
  others: [['pinning.unpin']],
  resource: 'org:files:write',
  rateClass: 'write',
  params: PsaParams,
  summary: 'Remove a pin',
  description: 'Answers 202 without a body, whatever the status of the pin; what is being fetched is cancelled.',
})
