import { ApiError, createClient, Unreachable } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { client } from '../api/client.ts'
import { createBreath } from '../lib/breathe.ts'
import { fetchWithProgress } from '../lib/fetch-with-progress.ts'
import type { Part } from './part.ts'
import type { Upload, UploadedFile } from './upload.ts'

/** The upload cannot go on as it is, and the server has no part in that. */
export class CannotSend extends Error {
  override readonly name = 'CannotSend'
}

/**
 * Sends an upload whole. `onSent` is told how many of its bytes have left. Throws what the
 * client throws; the server refuses it when this browser has come to act for somebody else.
 */
export async function sendUpload(
  upload: Upload,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<UploadedFile> {
  const form = await makeForm(upload)
  signal.throwIfAborted()
  const send = fetchWithProgress(({ loaded, total }) =>
    onSent(total === 0 ? 0 : Math.floor((loaded / total) * upload.sizeBytes)),
  )
  const sender = createClient({ apiUrl: client.apiUrl, fetch: send })
  return (await sender.call(routes.filesUpload, { form, headers: upload.actingAs, signal })).data
}

async function makeForm({ network, group, title, isCar, parts }: Upload): Promise<FormData> {
  const breathe = createBreath()
  const form = new FormData()
  // First, so that the server need not guess while files come in.
  form.append('network', network)
  form.append('name', title)
  if (group !== undefined) form.append('group_id', group)
  if (isCar) form.append('car', 'true')
  for (const { path, file } of parts) {
    form.append('file', file, path)
    await breathe()
  }
  return form
}

/** Whether an error says only that the server is not there now: away, starting, or behind a proxy that misses it. */
export function isAway(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (!(error instanceof ApiError)) return false
  return error.reason === 'UNAVAILABLE' || error.reason === 'HTTP_502' || error.reason === 'HTTP_504'
}

/**
 * The path of a file that cannot be read any more: browsers end a request for that as they do when the connection is
 * lost. Undefined when all of them can be read.
 */
export async function findUnreadable(parts: readonly Part[]): Promise<string | undefined> {
  for (const { path, file } of parts) {
    try {
      await file.slice(0, 1).arrayBuffer()
    } catch {
      return path
    }
  }
  return undefined
}
