import { routes } from '@pinyon/contract/routes.ts'
import { answer, type Answer, door, type Door, type DoorRequest } from '../http/door.ts'
import { goOn } from '../http/expect.ts'
import { one } from '../http/headers.ts'
import { contentLength } from '../http/multipart.ts'
import { readPieces, refuseCompressed } from '../http/read-pieces.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { appendToUpload } from '../uploads/append-upload.ts'
import { createPart } from '../uploads/create-part.ts'
import { createUpload } from '../uploads/create-upload.ts'
import { endUpload } from '../uploads/end-upload.ts'
import { getUploadProgress, type UploadHolder, type UploadProgress } from '../uploads/get-upload.ts'
import type { UploadChoice } from '../uploads/upload-choice.ts'
import { presentTime } from './present-time.ts'
import {
  chunkType,
  readChecksum,
  readDescription,
  readLength,
  readMetadata,
  readWhole,
  requireTusVersion,
} from './read-tus.ts'

/** Resumable uploads after they have begun (https://tus.io/protocols/resumable-upload). */
export const resumableDoors: readonly Door[] = [
  door(routes.uploadsGet, async ({ services, caller, params, request }) => {
    requireTusVersion(request)
    return answerProgress(await getUploadProgress(services, caller, params.id))
  }),

  door(routes.uploadsAppend, ({ services, caller, params, request }) =>
    appendChunk(services, caller, { id: params.id, request }),
  ),

  door(routes.uploadsEnd, async ({ services, caller, params, request }) => {
    requireTusVersion(request)
    await endUpload(services, caller, params.id)
    return answer(204)
  }),
]

interface Begin {
  readonly request: DoorRequest
  /** `X-Upload-Option-Cid-Version` of the address, which the SDK adds. */
  readonly cidVersion: string | undefined
  /** Reads what was chosen, from fields as they stand in the form of an upload. */
  readonly readChoice: (fields: ReadonlyMap<string, string>) => UploadChoice | Promise<UploadChoice>
  /** Bytes that are taken at most. */
  readonly mostBytes?: number | undefined
  /** The path of the upload, where it is another than that of callers. */
  readonly addressOf?: ((id: string) => string) | undefined
}

/** POST without a form: begins a resumable upload, and takes its first bytes when it brings some. */
export async function beginResumable(
  services: Services,
  holder: UploadHolder,
  { request, cidVersion, mostBytes, readChoice, addressOf }: Begin,
): Promise<Answer> {
  requireTusVersion(request)
  if (request.headers['upload-concat'] !== undefined) {
    throw new AppError('invalid_request', 'Upload-Concat: uploads in parts are not taken; send one upload')
  }
  const length = readLength(request, services.config.limits.uploadBytes)
  const metadata = readMetadata(request)
  const folderId = metadata.get('folder_upload')
  if (folderId !== undefined && holder.link === undefined) {
    const part = {
      folderId,
      path: metadata.get('path') ?? '',
      length,
      metadata: one(request.headers['upload-metadata']),
    }
    return answerBegun(services, holder, { request, mostBytes }, await createPart(services, holder, part))
  }
  const fields = new Map([...metadata].filter(([, value]) => value !== ''))
  if (cidVersion !== undefined && !fields.has('cid_version')) fields.set('cid_version', cidVersion)
  const description = readDescription(metadata)
  const choice = { ...(await readChoice(fields)), ...description }
  const begun = await createUpload(services, holder, {
    choice,
    length,
    metadata: one(request.headers['upload-metadata']),
  })
  return answerBegun(services, holder, { request, mostBytes, addressOf }, begun)
}

async function answerBegun(
  services: Services,
  holder: UploadHolder,
  { request, mostBytes, addressOf }: Pick<Begin, 'request' | 'mostBytes' | 'addressOf'>,
  begun: UploadProgress,
): Promise<Answer> {
  const location = `${request.ownOrigin}${addressOf?.(begun.id) ?? `/v3/files/${begun.id}/upload`}`
  if (!bringsChunk(request)) return answer(201, undefined, { location, ...describeProgress(begun) })
  const { headers } = await appendChunk(services, holder, { id: begun.id, request, offset: 0, mostBytes })
  return answer(201, undefined, { location, ...headers })
}

/** PATCH, whoever asks. */
export async function appendChunk(
  services: Services,
  holder: UploadHolder,
  {
    id,
    request,
    offset,
    mostBytes,
  }: { id: string; request: DoorRequest; offset?: number; mostBytes?: number | undefined },
): Promise<Answer> {
  requireTusVersion(request)
  const { raw, headers, signal } = request
  const { uploadBytes } = services.config.limits
  if (one(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() !== chunkType) {
    throw new AppError('unsupported_media_type', `Chunks are sent as Content-Type: ${chunkType}`)
  }
  refuseCompressed(raw)
  const progress = await appendToUpload(services, holder, {
    id,
    offset: offset ?? readWhole('Upload-Offset', one(headers['upload-offset']), uploadBytes),
    bodyBytes: contentLength(request),
    length: offset === undefined ? readLength(request, uploadBytes) : undefined,
    mostBytes,
    checksum: readChecksum(request),
    signal,
    cut: () => void raw.destroy(),
    read(take) {
      goOn(raw)
      return readPieces(raw, take)
    },
  })
  return answer(204, undefined, describeProgress(progress))
}

/** How far an upload is, in the headers of the protocol and for those who read JSON. */
export function answerProgress(progress: UploadProgress): Answer {
  const { id, offset, length, cid, expiresAt } = progress
  return answer(200, { id, offset, length, expires_at: presentTime(expiresAt), cid }, describeProgress(progress))
}

function bringsChunk({ headers, raw }: DoorRequest): boolean {
  const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
  return hasBody && one(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() === chunkType
}

function describeProgress({ offset, length, metadata, cid, expiresAt }: UploadProgress): Record<string, string> {
  return {
    'upload-offset': String(offset),
    ...(length === null ? { 'upload-defer-length': '1' } : { 'upload-length': String(length) }),
    ...(metadata === null ? {} : { 'upload-metadata': metadata }),
    'upload-expires': new Date(expiresAt).toUTCString(),
    ...(cid === null ? {} : { 'upload-cid': cid }),
  }
}
