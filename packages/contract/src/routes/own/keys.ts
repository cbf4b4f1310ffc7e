import { route } from '../../route.ts'
import { WhoAmI } from '../../schemas/accounts.ts'
import {
  CreatedChild,
  CreatedKey,
  CreateKey,
  KeyAdvice,
  KeyDetail,
  KeyIdParams,
  KeyPage,
  KeyPageQuery,
  KeyRefusals,
  KeyUses,
  KeyUsesQuery,
  RegenerateKey,
} from '../../schemas/keys.ts'
import { base, own } from './defaults.ts'

const ownKeys = { ...own, keepsReach: true, tag: 'API keys', resource: 'org:write' } as const

/** GET /pinyon/v1/whoami: any valid key, no use. */
export const whoami = route({
  ...own,
  keepsReach: true,
  id: 'whoami',
  method: 'GET',
  path: `${base}/whoami`,
  scope: null,
  countsUse: false,
  tag: 'Authentication',
  response: WhoAmI,
  summary: 'What is this key?',
  description: 'Any valid key: name, scopes, uses left, expiry, account, quota left, base URLs. Not a use.',
})

/** GET /pinyon/v1/keys. */
export const keysPage = route({
  ...ownKeys,
  id: 'keysPage',
  method: 'GET',
  path: `${base}/keys`,
  scope: 'keys.list',
  query: KeyPageQuery,
  response: KeyPage,
  summary: 'List API keys with all details',
})

/** GET /pinyon/v1/keys/{id}. */
export const keysGet = route({
  ...ownKeys,
  id: 'keysGet',
  method: 'GET',
  path: `${base}/keys/:id`,
  scope: 'keys.get',
  params: KeyIdParams,
  response: KeyDetail,
  summary: 'Get an API key',
})

/** GET /pinyon/v1/keys/{id}/refusals. */
export const keysRefusals = route({
  ...ownKeys,
  id: 'keysRefusals',
  method: 'GET',
  path: `${base}/keys/:id/refusals`,
  scope: 'keys.get',
  params: KeyIdParams,
  response: KeyRefusals,
  summary: 'What an API key was refused',
  description:
    'The latest fifty that differ: why, on which route, how often, and the smallest scope that would allow it.',
})

/** GET /pinyon/v1/keys/{id}/advice. */
export const keysAdvice = route({
  ...ownKeys,
  id: 'keysAdvice',
  method: 'GET',
  path: `${base}/keys/:id/advice`,
  scope: 'keys.get',
  params: KeyIdParams,
  response: KeyAdvice,
  summary: 'What an API key is granted and does not use',
  description: 'Of the last ninety days.',
})

/** GET /pinyon/v1/keys/{id}/uses. */
export const keysUses = route({
  ...ownKeys,
  id: 'keysUses',
  method: 'GET',
  path: `${base}/keys/:id/uses`,
  scope: 'keys.get',
  params: KeyIdParams,
  query: KeyUsesQuery,
  response: KeyUses,
  summary: 'Uses of an API key by day',
  description: 'The last 30 days unless told, in UTC, and how often each operation was used in them.',
})

/** POST /pinyon/v1/keys/{id}/children: a key that is at most what its parent is. */
export const keysCreateChild = route({
  ...ownKeys,
  id: 'keysCreateChild',
  showsSecret: true,
  method: 'POST',
  path: `${base}/keys/:id/children`,
  scope: 'keys.createChild',
  others: [['keys.create']],
  params: KeyIdParams,
  bodyKind: 'json',
  body: CreateKey,
  response: CreatedChild,
  summary: 'Make a child of an API key',
  description:
    'At most the operations, uses, life and bounds of its parent, and it ends with it. Uses of a child count as uses of the keys above it that have max uses.',
  rateClass: 'write',
})

/** POST /pinyon/v1/keys/{id}/regenerate. */
export const keysRegenerate = route({
  ...ownKeys,
  id: 'keysRegenerate',
  showsSecret: true,
  method: 'POST',
  path: `${base}/keys/:id/regenerate`,
  scope: 'keys.regenerate',
  params: KeyIdParams,
  bodyKind: 'json',
  body: RegenerateKey,
  response: CreatedKey,
  summary: 'Regenerate secret and JWT',
  description:
    'Same public part, name, scopes and uses. The old secret and JWT stop at once or after `overlapSeconds`.',
  rateClass: 'write',
})
