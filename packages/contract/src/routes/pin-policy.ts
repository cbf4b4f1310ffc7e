import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { HashPinPolicy, UserPinPolicy } from '../schemas/pin-policy.ts'
import { defaults } from './defaults.ts'

const policy = {
  ...defaults,
  dialect: 'legacy',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Pinning',
  rateClass: 'write',
  bodyKind: 'json',
  response: z.literal('OK'),
  responseType: 'text/plain; charset=utf-8',
} as const satisfies Partial<Route>

/** PUT /pinning/hashPinPolicy: the regions of all public files of a CID. */
export const hashPinPolicy = route({
  ...policy,
  id: 'hashPinPolicy',
  method: 'PUT',
  path: '/pinning/hashPinPolicy',
  scope: 'pinning.hashPinPolicy',
  keepsReach: true,
  body: HashPinPolicy,
  summary: 'Change the pin policy of a CID',
  description: 'Kept and shown in `pinList`; it moves nothing, since the installation is one region.',
})

/** PUT /pinning/userPinPolicy: the regions that new public files carry. */
export const userPinPolicy = route({
  ...policy,
  id: 'userPinPolicy',
  method: 'PUT',
  path: '/pinning/userPinPolicy',
  scope: 'pinning.userPinPolicy',
  body: UserPinPolicy,
  summary: 'Change the pin policy of new files',
  description: 'Files that are here keep theirs. Kept and shown in `pinList` and `pinJobs`; it moves nothing.',
})
