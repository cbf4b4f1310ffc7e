import { routes } from '@pinyon/contract/routes.ts'
import type { FolderUpload } from '@pinyon/contract/schemas/folder-uploads.ts'
import type { z } from 'zod'
import { getFileById } from '../files/get-file.ts'
import { type Door, door } from '../http/door.ts'
import { readMultipart } from '../http/multipart.ts'
import { layoutV0, layoutV1 } from '../ipfs/layout.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { createFolderUpload } from '../uploads/create-folder.ts'
import { endUpload } from '../uploads/end-upload.ts'
import { countUploadFiles, listMissing } from '../uploads/folder-queries.ts'
import { finishFolderUpload, receiveFolderFiles } from '../uploads/folder-upload.ts'
import { getUpload, type UploadHolder } from '../uploads/get-upload.ts'
import { readChoice } from '../uploads/upload-state.ts'
import { presentUploaded } from './present-files.ts'
import { presentTime } from './present-time.ts'
import { parseMetadata } from './read-tus.ts'

/** Files that are shown missing at a time. */
const pageFiles = 1_000

/** Folders that come in many requests: the manifest first, then what is missing of it. */
export const folderUploadDoors: readonly Door[] = [
  door(routes.folderUploadsCreate, async ({ services, caller, body }) => {
    const { name, network, keyvalues = {}, group_id: groupId, cid_version: version, files } = body
    const layout = version?.endsWith('0') === true ? layoutV0 : layoutV1
    const nothing = { isWrapped: false, isCar: false, expiresAt: null, filename: undefined, contentType: undefined }
    const choice = { ...nothing, name, network, keyvalues, groupId: groupId ?? null, layout }
    return present(services, caller, { id: await createFolderUpload(services, caller, { choice, files }), after: -1 })
  }),

  door(routes.folderUploadsGet, ({ services, caller, params, query }) =>
    present(services, caller, { id: params.id, after: query.after ?? -1 }),
  ),

  door(routes.folderUploadsFiles, async ({ services, caller, params, request }) => ({
    received: await receiveFolderFiles(services, caller, {
      id: params.id,
      read: (open) =>
        readMultipart(
          request,
          { bodyBytes: services.config.limits.uploadBytes },
          {
            onFile: ({ filename, contentType }) => open(filename, contentType),
            onField(field) {
              throw new AppError('invalid_request', `Files are sent here, not the field ${JSON.stringify(field)}`)
            },
          },
        ),
    }),
  })),

  door(routes.folderUploadsFinish, async ({ services, caller, params: { id } }) => {
    const { state } = await getUpload(services, caller, id, 'folder')
    // It was made, and the answer lost.
    if (state === 'done') return presentUploaded({ ...(await getFileById(services, caller, id)), isDuplicate: false })
    return presentUploaded(await finishFolderUpload(services, caller, id))
  }),

  door(routes.folderUploadsEnd, async ({ services, caller, params }) => {
    await endUpload(services, caller, params.id, 'folder')
    return {}
  }),
]

/** What `Upload-Metadata` says of the whole file; it was readable when the upload began. */
function digestIn(metadata: string): string | null {
  const digest = parseMetadata(metadata).get('sha256') ?? ''
  return /^[0-9a-f]{64}$/.test(digest) ? digest : null
}

async function present(
  services: Services,
  holder: UploadHolder,
  { id, after }: { id: string; after: number },
): Promise<z.infer<typeof FolderUpload>> {
  const row = await getUpload(services, holder, id, 'folder')
  const { read } = services.db
  const { files, bytes, receivedFiles, receivedBytes } = await countUploadFiles(read, id)
  const missing = await listMissing(read, { id, after, limit: pageFiles + 1 })
  const page = missing.slice(0, pageFiles)
  const { name, network } = readChoice(row.choice)
  return {
    id,
    name: name ?? '',
    network,
    files,
    bytes,
    received_files: receivedFiles,
    received_bytes: receivedBytes,
    missing: page.map(({ path, size_bytes: size, part_id: partId, part_offset: offset, part_metadata: metadata }) => ({
      path,
      size,
      ...(partId === null ? {} : { upload: { id: partId, offset: offset ?? 0, sha256: digestIn(metadata ?? '') } }),
    })),
    next: missing.length > pageFiles ? (page.at(-1)?.number ?? null) : null,
    cid: row.cid,
    expires_at: presentTime(row.expires_at),
  }
}
