import { ApiError, createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { client } from '../api/client.ts'
import { fetchWithProgress } from '../lib/fetch-with-progress.ts'
import { pause } from '../lib/server-ready.ts'
import type { Part } from './part.ts'
import { isAway } from './send-upload.ts'
import type { Unfinished } from './unfinished.ts'
import type { Upload, UploadedFile } from './upload.ts'

/** From this size on a file is sent so that it can be gone on with, as the CLI does. */
export const resumableBytes = 64 * 1_048_576
/** Folders of more files than this are, too. */
const resumableFiles = 100
/** Files of a folder that the server takes in one manifest. */
const mostFiles = 100_000
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

/** Whether an upload can be paused, and gone on with: large files, and folders of much or of many. */
export function isResumable(upload: Pick<Upload, 'isFolder' | 'sizeBytes' | 'parts' | 'unfinished'>): boolean {
  const { isFolder, sizeBytes, parts, unfinished } = upload
  if (unfinished !== undefined) return true
  if (!isFolder) return sizeBytes >= resumableBytes
  return parts.length <= mostFiles && (sizeBytes >= resumableBytes || parts.length > resumableFiles)
}

/**
 * Sends a file by the TUS protocol (https://tus.io/protocols/resumable-upload), from where the server stands. Throws what
 * the client throws; called again, it goes on.
 */
export async function sendResumable(upload: Upload, telling: Telling, signal: AbortSignal): Promise<UploadedFile> {
  const [part] = upload.parts
  if (part === undefined) throw new Error('There is no file to send')
  const { title, network, group, isCar, sizeBytes, actingAs } = upload
  const fields = {
    network,
    name: title,
    ...(group === undefined ? {} : { group_id: group }),
    ...(isCar ? { car: 'true' } : {}),
  }
  const { lastModified } = part.file
  const kept = { title, network, isCar, isFolder: false, files: 1, sizeBytes, lastModified, actingAs }
  const onBegun = (id: string) => telling.onBegun({ ...kept, id })
  const sent = await sendFile({ part, fields, actingAs, begun: upload.unfinished?.id }, { ...telling, onBegun }, signal)
  return { ...sent, network }
}

interface SentFile {
  readonly part: Part
  readonly fields: Readonly<Record<string, string>>
  readonly actingAs: Readonly<Record<string, string>>
  /** An upload of it that was begun before. */
  readonly begun: string | undefined
}

/** Sends one file, alone or of a folder, from where the server stands. */
export async function sendFile(
  { part, fields, actingAs, begun }: SentFile,
  telling: Omit<Telling, 'onBegun'> & { readonly onBegun: (id: string) => void },
  signal: AbortSignal,
): Promise<{ id: string; cid: string }> {
  const found = begun === undefined ? undefined : await findFile(begun, actingAs, signal)
  const id = begun !== undefined && found !== undefined ? begun : await begin(part, fields, actingAs)
  telling.onBegun(id)
  signal.throwIfAborted()
  let { offset, cid }: Standing = found ?? { offset: 0, cid: null }
  while (cid === null) {
    const from = offset
    telling.onStands(from)
    const send = fetchWithProgress(({ loaded }) => telling.onSent(from + loaded))
    const answer = await createClient({ apiUrl: client.apiUrl, fetch: send }).open(routes.uploadsAppend, {
      params: { id },
      headers: { ...actingAs, ...tus, 'upload-offset': String(from) },
      form: part.file.slice(from, part.sizeBytes, 'application/offset+octet-stream'),
      signal,
    })
    cid = answer.headers.get('upload-cid')
    offset = Number(answer.headers.get('upload-offset'))
  }
  return { id, cid }
}

interface Standing {
  readonly offset: number
  /** Of the file, once it is whole. */
  readonly cid: string | null
}

/** Where an upload stands; undefined when the server knows it no longer. */
export async function findStanding({ id, isFolder, actingAs }: Unfinished): Promise<Standing | undefined> {
  if (!isFolder) return findFile(id, actingAs)
  const found = await findFolder(id, actingAs)
  return found === undefined ? undefined : { offset: found.received_bytes, cid: found.cid }
}

function findFile(id: string, actingAs: SentFile['actingAs'], signal?: AbortSignal): Promise<Standing | undefined> {
  const asked = { params: { id }, headers: { ...actingAs, ...tus }, ...(signal === undefined ? {} : { signal }) }
  return unlessGone(plain().call(routes.uploadsGet, asked))
}

/** What a folder misses, from its beginning; undefined when the server knows it no longer. */
export function findFolder(id: string, actingAs: SentFile['actingAs']) {
  return unlessGone(plain().call(routes.folderUploadsGet, { params: { id }, headers: actingAs }))
}

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** Nothing breaks this off, so that there is none that nobody can give up. */
async function begin(
  { path, file, sizeBytes }: Part,
  fields: SentFile['fields'],
  actingAs: SentFile['actingAs'],
): Promise<string> {
  const filename = path.split('/').at(-1) ?? path
  const all = { ...fields, filename, ...(file.type === '' ? {} : { filetype: file.type }) }
  const metadata = Object.entries(all).map(([name, value]) => `${name} ${toBase64(value)}`)
  const headers = { ...actingAs, ...tus, 'upload-length': String(sizeBytes), 'upload-metadata': metadata.join(',') }
  const answer = await plain().open(routes.filesUpload, { headers })
  const id = answer.headers.get('location')?.split('/').at(-2)
  if (id === undefined) throw new Error('The server began no resumable upload')
  return id
}

/** Gives it up on the server. When the server stays away, it does so by itself after a time. */
export async function giveUp({ id, isFolder, actingAs }: Unfinished): Promise<void> {
  for (let tries = 1; tries <= giveUpTries; tries++) {
    try {
      const asked = { params: { id }, headers: { ...actingAs, ...tus } }
      await (isFolder ? plain().call(routes.folderUploadsEnd, asked) : plain().call(routes.uploadsEnd, asked))
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

/** The client, for who began it. */
export function plain() {
  return createClient({ apiUrl: client.apiUrl })
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}
