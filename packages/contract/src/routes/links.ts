import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { IdParams, base, own } from './own/defaults.ts'
import { UploadedFile, UploadForm } from '../schemas/files.ts'
import { LinkPage, LinkPageQuery, LinkUploadQuery, SignedLink, SignLink } from '../schemas/links.ts'
import { defaults, uploadLimitBytes } from './defaults.ts'
import { tusHeaders } from './tus-headers.ts'

const links = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  tag: 'Links',
} as const satisfies Partial<Route>

const signing = {
  ...links,
  method: 'POST',
  scope: 'links.sign',
  resource: 'org:files:write',
  rateClass: 'write',
  bodyKind: 'json',
  body: SignLink,
  response: SignedLink,
  keepsReach: true,
} as const

/** POST /v3/files/sign: of uploads, and of downloads when the body names a `url`. */
export const filesSign = route({
  ...signing,
  id: 'filesSign',
  showsSecret: true,
  path: '/v3/files/sign',
  summary: 'Sign a link',
  description:
    'Without `url`: a link that takes one upload. With `url`: a link that shows a private file. A link can do no more than its maker, and ends with the key that signed it.',
})

/** POST /v3/files/private/download_link. */
export const downloadLink = route({
  ...signing,
  id: 'downloadLink',
  showsSecret: true,
  path: '/v3/files/private/download_link',
  aliases: [{ path: '/v3/files/download_link' }],
  summary: 'Sign a link to a private file',
  description:
    'The link is good for the address that is signed and what lies below it, until it expires, its uses are over, it or its key is revoked, or its file is deleted.',
})

/** POST /v3/files/{id}?X-Signature=...: the address that an upload link is. */
export const filesUploadByLink = route({
  ...links,
  id: 'filesUploadByLink',
  method: 'POST',
  path: '/v3/files/:id',
  credentials: [],
  scope: null,
  rateClass: 'free',
  params: IdParams,
  query: LinkUploadQuery,
  answerHeaders: tusHeaders,
  bodyKind: 'multipart',
  bodyLimitBytes: uploadLimitBytes,
  body: UploadForm,
  response: z.object({ data: UploadedFile }),
  summary: 'Upload by link',
  description:
    'A link makes one file at most. It may be tried until it succeeds or expires; after that it answers 409. Credentials are not looked at; what was fixed at signing wins over the form.',
})

/** GET /pinyon/v1/links. */
export const linksPage = route({
  ...own,
  id: 'linksPage',
  method: 'GET',
  path: `${base}/links`,
  tag: 'Links',
  scope: 'links.list',
  resource: 'org:files:read',
  keepsReach: true,
  query: LinkPageQuery,
  response: LinkPage,
  summary: 'List links',
  description:
    'Newest first; a key that is bound to its own files or to groups sees those that it and the keys below it made. Those that ended are forgotten after as long as they lived, 30 days at most.',
})

/** DELETE /pinyon/v1/links/{id}. */
export const linksRevoke = route({
  ...own,
  id: 'linksRevoke',
  method: 'DELETE',
  path: `${base}/links/:id`,
  tag: 'Links',
  scope: 'links.revoke',
  resource: 'org:files:write',
  keepsReach: true,
  rateClass: 'write',
  params: IdParams,
  summary: 'Revoke a link',
  description: 'It is refused from the next request on. An upload that has begun finishes.',
})
