import { z } from 'zod'
import { route, type Route } from '../route.ts'
import {
  CidParams,
  HashMetadata,
  PinFileForm,
  PinJson,
  PinList,
  PinListQuery,
  Pinned,
  PinnedDataTotal,
} from '../schemas/files.ts'
import { CreatedKey, CreateKey, KeyList, KeyListQuery, RevokeApiKey } from '../schemas/keys.ts'
import { defaults, largestJsonBytes, uploadLimitBytes } from './defaults.ts'

const legacy = {
  ...defaults,
  dialect: 'legacy',
  credentials: ['key', 'session'],
  keepsReach: true,
  cors: 'echo',
} as const satisfies Partial<Route>

/** `OK`, as text: what several legacy routes answer. */
const Ok = z.literal('OK')

/** GET /data/testAuthentication: does this credential work? */
export const testAuthentication = route({
  ...legacy,
  id: 'testAuthentication',
  method: 'GET',
  path: '/data/testAuthentication',
  aliases: [{ path: '/v3/data/testAuthentication' }],
  scope: 'data.testAuthentication',
  tag: 'Authentication',
  rateClass: 'data',
  summary: 'Test authentication',
  description: 'Answers 200 for an admin key. For any other valid key, `GET /pinyon/v1/whoami` says what it may do.',
  response: z.object({ message: z.string() }),
})

/** POST /pinning/pinFileToIPFS: a file or a folder, public. */
export const pinFileToIPFS = route({
  ...legacy,
  id: 'pinFileToIPFS',
  method: 'POST',
  path: '/pinning/pinFileToIPFS',
  scope: 'pinning.pinFileToIPFS',
  tag: 'Pinning',
  rateClass: 'write',
  bodyKind: 'multipart',
  bodyLimitBytes: uploadLimitBytes,
  body: PinFileForm,
  response: Pinned,
  summary: 'Upload a file or a folder',
  description:
    'Public. CIDv0 unless `pinataOptions.cidVersion` is 1. A folder is many `file` parts whose file names share the first path segment.',
})

/** POST /pinning/pinJSONToIPFS: JSON, public. */
export const pinJSONToIPFS = route({
  ...legacy,
  id: 'pinJSONToIPFS',
  method: 'POST',
  path: '/pinning/pinJSONToIPFS',
  scope: 'pinning.pinJSONToIPFS',
  tag: 'Pinning',
  rateClass: 'write',
  bodyKind: 'json',
  bodyLimitBytes: largestJsonBytes,
  contentField: 'pinataContent',
  body: PinJson,
  response: Pinned,
  summary: 'Upload JSON',
  description: 'Stores `pinataContent` (or the whole body, where there is none) as compact JSON in the order received.',
})

/** DELETE /pinning/unpin/{cid}: ends the account's public files of that CID. */
export const unpin = route({
  ...legacy,
  id: 'unpin',
  method: 'DELETE',
  path: '/pinning/unpin/:cid',
  scope: 'pinning.unpin',
  tag: 'Pinning',
  rateClass: 'write',
  params: CidParams,
  response: Ok,
  responseType: 'text/plain; charset=utf-8',
  summary: 'Unpin',
})

/** PUT /pinning/hashMetadata: name and key-values of all public files of a CID. */
export const hashMetadata = route({
  ...legacy,
  id: 'hashMetadata',
  method: 'PUT',
  path: '/pinning/hashMetadata',
  scope: 'pinning.hashMetadata',
  tag: 'Pinning',
  rateClass: 'write',
  bodyKind: 'json',
  body: HashMetadata,
  response: Ok,
  responseType: 'text/plain; charset=utf-8',
  summary: 'Change name and key-values',
  description: 'Key-values merge; `null` removes one.',
})

/** GET /data/pinList: the account's public files, newest first. */
export const pinList = route({
  ...legacy,
  id: 'pinList',
  method: 'GET',
  path: '/data/pinList',
  scope: 'data.pinList',
  tag: 'Data',
  rateClass: 'data',
  query: PinListQuery,
  response: PinList,
  summary: 'List files',
  description:
    'Filters are ANDed. `metadata[keyvalues]={"k":{"value":V,"op":"eq"}}` with eq, ne, gt, gte, lt, lte, between, notBetween, like, notLike, iLike, notILike, regexp, iRegexp.',
})

/** GET /data/userPinnedDataTotal: how much is pinned. */
export const userPinnedDataTotal = route({
  ...legacy,
  id: 'userPinnedDataTotal',
  method: 'GET',
  path: '/data/userPinnedDataTotal',
  aliases: [{ path: '/v3/data/userPinnedDataTotal' }],
  scope: 'data.userPinnedDataTotal',
  tag: 'Data',
  rateClass: 'data',
  response: PinnedDataTotal,
  summary: 'Totals of pinned files',
})

/** POST /users/generateApiKey. */
export const generateApiKey = route({
  ...legacy,
  id: 'generateApiKey',
  showsSecret: true,
  method: 'POST',
  path: '/users/generateApiKey',
  scope: 'users.generateApiKey',
  tag: 'API keys (legacy)',
  rateClass: 'write',
  bodyKind: 'json',
  body: CreateKey,
  response: CreatedKey,
  summary: 'Make an API key',
})

/** GET /users/apiKeys. */
export const apiKeys = route({
  ...legacy,
  id: 'apiKeys',
  method: 'GET',
  path: '/users/apiKeys',
  scope: 'users.apiKeys',
  tag: 'API keys (legacy)',
  rateClass: 'read',
  query: KeyListQuery,
  response: KeyList,
  summary: 'List API keys',
})

/** PUT /users/revokeApiKey. */
export const revokeApiKey = route({
  ...legacy,
  id: 'revokeApiKey',
  method: 'PUT',
  path: '/users/revokeApiKey',
  scope: 'users.revokeApiKey',
  tag: 'API keys (legacy)',
  rateClass: 'write',
  bodyKind: 'json',
  body: RevokeApiKey,
  response: z.literal('Revoked'),
  summary: 'Revoke an API key',
})
