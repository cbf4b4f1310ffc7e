import { z } from 'zod'
import { route } from '../../route.ts'
import { FileIdParams } from '../../schemas/files.ts'
import { SignedReceipt, StorageHealth, Usage } from '../../schemas/storage.ts'
import { base, own } from './defaults.ts'

/** GET /pinyon/v1/files/{id}/receipt. */
export const filesReceipt = route({
  ...own,
  keepsReach: true,
  id: 'filesReceipt',
  method: 'GET',
  path: `${base}/files/:id/receipt`,
  scope: 'files.receipt',
  resource: 'org:files:read',
  tag: 'Files',
  params: FileIdParams,
  response: SignedReceipt,
  summary: 'Get a signed receipt of a file',
  description:
    'Says when your copy became durable, of how many blocks it is made, since when they are known to match their hashes, and where copies lie. Anybody can verify it with the keys at `/.well-known/jwks.json`.',
})

/** GET /pinyon/v1/usage. */
export const usageGet = route({
  ...own,
  id: 'usageGet',
  method: 'GET',
  path: `${base}/usage`,
  scope: 'account.usage',
  resource: 'org:read',
  tag: 'Account',
  response: Usage,
  summary: 'See how many bytes your files take',
  description:
    'Charged, distinct, shared and reclaimable bytes, within your account alone. Distinct bytes are counted by a job after changes; `countedAt` and `isExact` say how old they are.',
})

const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const

/** GET /pinyon/v1/operator/storage. */
export const storageHealth = route({
  ...operator,
  id: 'storageHealth',
  method: 'GET',
  path: `${base}/operator/storage`,
  response: StorageHealth,
  summary: 'See the health of what is stored',
  description: 'How far the scrub is, which blocks are damaged and whose they are, and what was repaired.',
})

/** POST /pinyon/v1/operator/storage/scrub. */
export const storageScrub = route({
  ...operator,
  id: 'storageScrub',
  method: 'POST',
  path: `${base}/operator/storage/scrub`,
  response: z.object({ packs: z.number().int() }),
  rateClass: 'write',
  summary: 'Have everything read through now',
  description: 'Answers 202 with the number of packs; they are read at the share of the time that is set.',
})
