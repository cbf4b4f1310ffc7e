import { ApiError, createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { client } from '../api/client.ts'
import { fetchWithProgress } from '../lib/fetch-with-progress.ts'
import { pause } from '../lib/server-ready.ts'
import { isAway } from './send-upload.ts'
import type { Unfinished } from './unfinished.ts'
import type { Upload, UploadedFile } from './upload.ts'

/** From this size on a file is sent so that it can be gone on with, as the CLI does. */
const resumableBytes = 64 * 1_048_576
const tus = { 'tus-resumable': '1.0.0' } as const
/** Tries to give an upload up, with so much more time between them. */
const giveUpTries = 5

/** What is told of a resumable upload. */
export interface Telling {
  /** There is something that can be gone on with. */
  readonly onBegun: (unfinished: Unfinished) => void
  /** So many bytes are there for good. */
  readonly onStands: (bytes: number) => void
  /** So many have left. */
  readonly onSent: (bytes: number) => void
}

/** Whether an upload can be paused, and gone on with. */
export function isResumable({ isFolder, sizeBytes }: Pick<Upload, 'isFolder' | 'sizeBytes'>): boolean {
  return !isFolder && sizeBytes >= resumableBytes
}

/**
 * Sends a file by the TUS protocol (https://tus.io/protocols/resumable-upload), from where the server stands. Throws what
 * the client throws; called again, it goes on.
 */
export async function sendResumable(upload: Upload, telling: Telling, signal: AbortSignal): Promise<UploadedFile> {
  const [part] = upload.parts
  if (part === undefined) throw new Error('There is no file to send')
  const known = upload.unfinished
  const found = known === undefined ? undefined : await findStanding(known, signal)
  const unfinished = known !== undefined && found !== undefined ? known : await begin(upload, part.file)
  telling.onBegun(unfinished)
  signal.throwIfAborted()
  const { id, network } = unfinished
  let { offset, cid }: Standing = found ?? { offset: 0, cid: null }
  while (cid === null) {
    const from = offset
    telling.onStands(from)
    const send = fetchWithProgress(({ loaded }) => telling.onSent(from + loaded))
    const answer = await createClient({ apiUrl: client.apiUrl, fetch: send }).open(routes.uploadsAppend, {
      params: { id },
      headers: { ...upload.actingAs, ...tus, 'upload-offset': String(from) },
      form: part.file.slice(from, upload.sizeBytes, 'application/offset+octet-stream'),
      signal,
    })
    cid = answer.headers.get('upload-cid')
    offset = Number(answer.headers.get('upload-offset'))
  }
  return { id, cid, network }
}

interface Standing {
  readonly offset: number
  /** Of the file, once it is whole. */
  readonly cid: string | null
}

/** Where an upload stands; undefined when the server knows it no longer. */
export async function findStanding({ id, actingAs }: Unfinished, signal?: AbortSignal): Promise<Standing | undefined> {
  try {
    const asked = { params: { id }, headers: { ...actingAs, ...tus }, ...(signal === undefined ? {} : { signal }) }
    return await plain().call(routes.uploadsGet, asked)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** Nothing breaks this off, so that there is none that nobody can give up. */
async function begin(upload: Upload, file: File): Promise<Unfinished> {
  const { title, network, group, isCar, sizeBytes, actingAs } = upload
  const fields = {
    network,
    name: title,
    filename: title,
    ...(group === undefined ? {} : { group_id: group }),
    ...(isCar ? { car: 'true' } : {}),
    ...(file.type === '' ? {} : { filetype: file.type }),
  }
  const metadata = Object.entries(fields).map(([name, value]) => `${name} ${toBase64(value)}`)
  const headers = { ...actingAs, ...tus, 'upload-length': String(sizeBytes), 'upload-metadata': metadata.join(',') }
  const answer = await plain().open(routes.filesUpload, { headers })
  const id = answer.headers.get('location')?.split('/').at(-2)
  if (id === undefined) throw new Error('The server began no resumable upload')
  return { id, title, network, isCar, sizeBytes, lastModified: file.lastModified, actingAs }
}

/** Gives it up on the server. When the server stays away, it does so by itself after a time. */
export async function giveUp({ id, actingAs }: Unfinished): Promise<void> {
  for (let tries = 1; tries <= giveUpTries; tries++) {
    try {
      await plain().call(routes.uploadsEnd, { params: { id }, headers: { ...actingAs, ...tus } })
      return
    } catch (error) {
      if (!isAway(error) && !isHeld(error)) return // it is over, or no longer ours to end
      await pause(1_000 * tries, new AbortController().signal)
    }
  }
}

/** Whether an error says only that a request before this one has yet to end, or that the server has too much to do. */
export function isHeld(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.reason === 'SESSION_CHANGED') return false
  return error.status >= 500 || [408, 409, 423, 429].includes(error.status)
}

function plain() {
  return createClient({ apiUrl: client.apiUrl })
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
