import { route } from '../../route.ts'
import { ContentQuery, FileIdParams, FileWithAnnouncement } from '../../schemas/files.ts'
import { base, own } from './defaults.ts'

/** GET /pinyon/v1/files/{id}: a file on whichever network it is. */
export const filesGetAny = route({
  ...own,
  keepsReach: true,
  id: 'filesGetAny',
  method: 'GET',
  path: `${base}/files/:id`,
  scope: 'files.get',
  resource: 'org:files:read',
  tag: 'Files',
  params: FileIdParams,
  response: FileWithAnnouncement,
  summary: 'Get a file by id alone',
  description: 'Public or private; `network` says which, `announced_at` whether the IPFS network was told of it.',
})

/** GET /pinyon/v1/files/{id}/content: the bytes of any file of the account. */
export const filesContent = route({
  ...own,
  keepsReach: true,
  id: 'filesContent',
  method: 'GET',
  path: `${base}/files/:id/content`,
  scope: 'files.content',
  resource: 'org:files:read',
  tag: 'Files',
  params: FileIdParams,
  query: ContentQuery,
  responseType: 'application/octet-stream',
  summary: 'Read the bytes of a file',
  description:
    'Public or private; ranges; `?format=car` for the whole DAG. Always an attachment. Each request is a use of the key, one for a range too, and one that is answered 304.',
})
