import { route } from '../../route.ts'
import { Imported, ImportForm } from '../../schemas/imports.ts'
import { uploadLimitBytes } from '../defaults.ts'
import { base, own } from './defaults.ts'

/** POST /pinyon/v1/imports: a file that comes from elsewhere. */
export const filesImport = route({
  ...own,
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
