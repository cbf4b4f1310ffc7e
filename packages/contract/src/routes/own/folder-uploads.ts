import { z } from 'zod'
import { route } from '../../route.ts'
import { UploadedFile } from '../../schemas/files.ts'
import {
  CreateFolderUpload,
  FolderUpload,
  FolderUploadForm,
  FolderUploadParams,
  FolderUploadQuery,
} from '../../schemas/folder-uploads.ts'
import { uploadLimitBytes } from '../defaults.ts'
import { base, own } from './defaults.ts'

const folder = {
  ...own,
  keepsReach: true,
  tag: 'Files',
  scope: 'files.upload',
  resource: 'org:files:write',
  rateClass: 'write',
} as const

const begun = { ...folder, countsUse: false, params: FolderUploadParams } as const

/** POST /pinyon/v1/folder-uploads: the manifest first. */
export const folderUploadsCreate = route({
  ...folder,
  id: 'folderUploadsCreate',
  method: 'POST',
  path: `${base}/folder-uploads`,
  bodyKind: 'json',
  body: CreateFolderUpload,
  response: FolderUpload,
  summary: 'Begin to upload a folder',
  description:
    'Says which files are missing. The same manifest again goes on with the upload that is unfinished, from whichever machine. Small files are sent as a form, many in one; large ones as resumable uploads with `folder_upload` and `path` in their metadata.',
})

/** GET /pinyon/v1/folder-uploads/{id}. */
export const folderUploadsGet = route({
  ...begun,
  id: 'folderUploadsGet',
  method: 'GET',
  path: `${base}/folder-uploads/:id`,
  rateClass: 'read',
  query: FolderUploadQuery,
  response: FolderUpload,
  summary: 'See what a folder still misses',
})

/** POST /pinyon/v1/folder-uploads/{id}/files. */
export const folderUploadsFiles = route({
  ...begun,
  id: 'folderUploadsFiles',
  method: 'POST',
  path: `${base}/folder-uploads/:id/files`,
  bodyKind: 'multipart',
  bodyLimitBytes: uploadLimitBytes,
  body: FolderUploadForm,
  response: z.object({ received: z.number() }),
  summary: 'Send files of a folder',
  description: 'All files of one request are kept, or none. One that is here already may come again.',
})

/** POST /pinyon/v1/folder-uploads/{id}/finish. */
export const folderUploadsFinish = route({
  ...begun,
  id: 'folderUploadsFinish',
  method: 'POST',
  path: `${base}/folder-uploads/:id/finish`,
  response: UploadedFile,
  summary: 'Make the folder of what was sent',
  description: 'Answers 409 while files are missing. Asked again, it answers the same.',
})

/** DELETE /pinyon/v1/folder-uploads/{id}. */
export const folderUploadsEnd = route({
  ...begun,
  id: 'folderUploadsEnd',
  method: 'DELETE',
  path: `${base}/folder-uploads/:id`,
  summary: 'Give up the upload of a folder',
  description: 'A folder that is whole stays.',
})
