import { route, type Route } from '../route.ts'
import { FileIdParams, ResumableUpload } from '../schemas/files.ts'
import { LinkUploadQuery } from '../schemas/links.ts'
import { defaults, uploadLimitBytes } from './defaults.ts'
import { tusHeaders } from './tus-headers.ts'

/** An upload that goes on: its use was counted when it began. */
const resumable = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Files',
  path: '/v3/files/:id/upload',
  scope: 'files.upload',
  resource: 'org:files:write',
  keepsReach: true,
  countsUse: false,
  rateClass: 'write',
  answerHeaders: tusHeaders,
  params: FileIdParams,
} as const satisfies Partial<Route>

/** GET and HEAD /v3/files/{id}/upload. */
export const uploadsGet = route({
  ...resumable,
  id: 'uploadsGet',
  method: 'GET',
  rateClass: 'read',
  response: ResumableUpload,
  summary: 'See how far a resumable upload is',
  description: 'The headers say the same: `Upload-Offset`, `Upload-Length`, and `upload-cid` when the file is there.',
})

/** PATCH /v3/files/{id}/upload. */
export const uploadsAppend = route({
  ...resumable,
  id: 'uploadsAppend',
  method: 'PATCH',
  bodyKind: 'bytes',
  bodyLimitBytes: uploadLimitBytes,
  summary: 'Send bytes of a resumable upload',
  description:
    'Answers 204 when they are on stable storage. `Upload-Offset` says where they begin; a chunk whose answer was lost may be sent again. The last answer has the CID in `upload-cid`.',
})

/** DELETE /v3/files/{id}/upload. */
export const uploadsEnd = route({
  ...resumable,
  id: 'uploadsEnd',
  method: 'DELETE',
  summary: 'Give up a resumable upload',
  description: 'Answers 204. A file that is whole stays.',
})

/** The same for those who began by an upload link: what was signed is their credential. */
const byLink = {
  path: '/v3/files/:id/link-upload',
  credentials: [],
  scope: null,
  rateClass: 'free',
  query: LinkUploadQuery,
} as const

/** GET and HEAD /v3/files/{id}/link-upload?X-Signature=... */
export const linkUploadsGet = route({ ...uploadsGet, ...byLink, id: 'linkUploadsGet' })

/** PATCH /v3/files/{id}/link-upload?X-Signature=... */
export const linkUploadsAppend = route({ ...uploadsAppend, ...byLink, id: 'linkUploadsAppend' })

/** DELETE /v3/files/{id}/link-upload?X-Signature=... */
export const linkUploadsEnd = route({ ...uploadsEnd, ...byLink, id: 'linkUploadsEnd' })
