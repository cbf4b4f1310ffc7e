import { route } from '../../route.ts'
import { FileListQuery, NetworkParams } from '../../schemas/files.ts'
import { Imported, ImportForm, Manifest } from '../../schemas/imports.ts'
import { uploadLimitBytes } from '../defaults.ts'
import { base, own } from './defaults.ts'

/** POST /pinyon/v1/imports: a file that comes from elsewhere. */
export const filesImport = route({
  ...own,
  keepsReach: true,
  id: 'filesImport',
  method: 'POST',
  path: `${base}/imports`,
  // No set of operations holds it: it says when files were made, which nobody who may upload needs to.
  scope: 'files.import',
  tag: 'Files',
  rateClass: 'write',
  bodyKind: 'multipart',
  bodyLimitBytes: uploadLimitBytes,
  body: ImportForm,
  response: Imported,
  summary: 'Import a file from elsewhere',
  description:
    'Keeps date, name, key-values, network and the spelling of the CID. Sent again, it changes nothing. The audit log says when it really happened, and by whom.',
})

/** GET /pinyon/v1/manifest/{network}: all that is known of files, to take them elsewhere. */
export const filesManifest = route({
  ...own,
  keepsReach: true,
  id: 'filesManifest',
  method: 'GET',
  path: `${base}/manifest/:network`,
  scope: 'files.list',
  resource: 'org:files:read',
  tag: 'Files',
  params: NetworkParams,
  query: FileListQuery,
  response: Manifest,
  summary: 'List files with all that is known of them',
  description:
    'As `GET /v3/files/{network}`, oldest first, with key-values as they were sent and whether a file was uploaded or pinned by CID: what an import elsewhere needs.',
})
