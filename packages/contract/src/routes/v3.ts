import { z } from 'zod'
import { route, type Route } from '../route.ts'
import {
  File,
  FileList,
  CountedFileListQuery,
  FileParams,
  NetworkParams,
  UpdateFile,
  UploadedFile,
  UploadForm,
  UploadQuery,
} from '../schemas/files.ts'
import { CreatedKey, CreateKey, KeyList, KeyListQuery, KeyParams } from '../schemas/keys.ts'
import { NameWarning } from '../schemas/names.ts'
import { defaults, uploadLimitBytes } from './defaults.ts'
import { tusHeaders } from './tus-headers.ts'

const v3 = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
} as const satisfies Partial<Route>
const files = { ...v3, keepsReach: true, tag: 'Files' } as const
const keys = { ...v3, keepsReach: true, tag: 'API keys', resource: 'org:write' } as const

/** POST /v3/files: a file, a folder or a CAR. */
export const filesUpload = route({
  ...files,
  id: 'filesUpload',
  method: 'POST',
  path: '/v3/files',
  scope: 'files.upload',
  resource: 'org:files:write',
  rateClass: 'write',
  bodyKind: 'multipart',
  bodyLimitBytes: uploadLimitBytes,
  answerHeaders: tusHeaders,
  query: UploadQuery,
  body: UploadForm,
  response: z.object({ data: UploadedFile }),
  summary: 'Upload a file, a folder or a CAR',
  description:
    'Private unless `network` is `public`. CIDv1 unless `cid_version` says otherwise.\n\nWith the header `Upload-Length` and no form it begins a resumable upload (https://tus.io/protocols/resumable-upload): the answer is 201 with its address in `Location`, to which the bytes are sent by PATCH.',
})

/** GET /v3/files/{network}. */
export const filesList = route({
  ...files,
  id: 'filesList',
  method: 'GET',
  path: '/v3/files/:network',
  aliases: [{ path: '/v3/files', params: { network: 'private' } }],
  scope: 'files.list',
  resource: 'org:files:read',
  params: NetworkParams,
  query: CountedFileListQuery,
  response: z.object({ data: FileList }),
  summary: 'List files',
  description: 'Filter by key-values with `keyvalues[key]=value`. With `includeCount=true` it says how many fit.',
})

/** GET /v3/files/{network}/{id}. */
export const filesGet = route({
  ...files,
  id: 'filesGet',
  method: 'GET',
  path: '/v3/files/:network/:id',
  aliases: [{ path: '/v3/files/:id', params: { network: 'private' } }],
  scope: 'files.get',
  resource: 'org:files:read',
  params: FileParams,
  response: z.object({ data: File }),
  summary: 'Get a file',
})

/** PUT /v3/files/{network}/{id}. */
export const filesUpdate = route({
  ...files,
  id: 'filesUpdate',
  method: 'PUT',
  path: '/v3/files/:network/:id',
  aliases: [{ path: '/v3/files/:id', params: { network: 'private' } }],
  scope: 'files.update',
  resource: 'org:files:write',
  rateClass: 'write',
  params: FileParams,
  bodyKind: 'json',
  body: UpdateFile,
  response: z.object({ data: File }),
  summary: 'Change a file',
  description: 'Key-values merge; `null` removes one.',
})

/** DELETE /v3/files/{network}/{id}. */
export const filesDelete = route({
  ...files,
  id: 'filesDelete',
  method: 'DELETE',
  path: '/v3/files/:network/:id',
  aliases: [{ path: '/v3/files/:id', params: { network: 'private' } }],
  scope: 'files.delete',
  resource: 'org:files:write',
  rateClass: 'write',
  params: FileParams,
  response: z.object({ data: z.null(), warnings: z.array(NameWarning).optional() }),
  summary: 'Delete a file',
  description:
    '`warnings` is there when IPNS names of the account led to it, and lead to nothing that is kept here now.',
})

/** POST /v3/pinata/keys. */
export const keysCreate = route({
  ...keys,
  id: 'keysCreate',
  showsSecret: true,
  method: 'POST',
  path: '/v3/pinata/keys',
  aliases: [{ path: '/v3/api_keys' }],
  scope: 'keys.create',
  rateClass: 'write',
  bodyKind: 'json',
  body: CreateKey,
  response: CreatedKey,
  summary: 'Make an API key',
  description: 'Key, secret and JWT are in this answer and never again.',
})

/** GET /v3/pinata/keys. */
export const keysList = route({
  ...keys,
  id: 'keysList',
  method: 'GET',
  path: '/v3/pinata/keys',
  aliases: [{ path: '/v3/api_keys' }],
  scope: 'keys.list',
  query: KeyListQuery,
  response: KeyList,
  summary: 'List API keys',
})

/** PUT /v3/pinata/keys/{key}. */
export const keysRevoke = route({
  ...keys,
  id: 'keysRevoke',
  method: 'PUT',
  path: '/v3/pinata/keys/:key',
  scope: 'keys.revoke',
  rateClass: 'write',
  params: KeyParams,
  response: z.literal('Revoked'),
  summary: 'Revoke an API key',
})

/** DELETE /v3/api_keys/{key}: the documented spelling of the same. */
export const keysDelete = route({
  ...keys,
  id: 'keysDelete',
  method: 'DELETE',
  path: '/v3/api_keys/:key',
  scope: 'keys.revoke',
  rateClass: 'write',
  params: KeyParams,
  response: z.literal('Revoked'),
  summary: 'Revoke an API key',
})
