import { z } from 'zod'
import { Id, Name, Network, Time, wholeNumber } from './common.ts'
import { Keyvalues } from './files.ts'

/** A file of the folder, as it is announced. */
const ManifestFile = z.object({
  path: z.string().min(1).max(4_096).meta({ description: 'Inside the folder: `a.txt`, `sub/b.txt`.' }),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

/** What a folder is to hold, said before any of it is sent. */
export const CreateFolderUpload = z
  .object({
    name: Name.min(1),
    network: Network.default('private'),
    keyvalues: Keyvalues.optional(),
    group_id: z.string().max(200).nullish(),
    cid_version: z.enum(['v0', 'v1', '0', '1']).optional(),
    files: z.array(ManifestFile).min(1).max(100_000),
  })
  .meta({ id: 'CreateFolderUpload' })

/** How far a folder is: what is missing, a page at a time. */
export const FolderUpload = z
  .object({
    id: z.string().meta({ description: 'The id that the folder has, or will have.' }),
    name: z.string(),
    network: Network,
    files: z.number(),
    bytes: z.number(),
    received_files: z.number(),
    received_bytes: z.number(),
    missing: z.array(
      z.object({
        path: z.string(),
        size: z.number(),
        upload: z
          .object({ id: z.string(), offset: z.number(), sha256: z.string().nullable() })
          .optional()
          .meta({
            description:
              'A resumable upload of this file that was begun and did not end: whoever has the same bytes may go on with it, from another machine too. ' +
              '`sha256` is what its `Upload-Metadata` said of the whole file, in hex.',
          }),
      }),
    ),
    next: z.number().nullable().meta({ description: '`after` of the next page of what is missing.' }),
    cid: z.string().nullable().meta({ description: 'Of the folder, once it is whole.' }),
    expires_at: Time,
  })
  .meta({ id: 'FolderUpload' })

/** `:id` of a path. */
export const FolderUploadParams = z.object({ id: Id })

/** Query of what is missing. */
export const FolderUploadQuery = z.object({ after: wholeNumber(0, 1_000_000).optional() })

/** Files of the folder, as a form. */
export const FolderUploadForm = z.object({
  file: z.unknown().meta({
    description: 'Files of the manifest; the path inside the folder is the file name of the part.',
    format: 'binary',
  }),
})
