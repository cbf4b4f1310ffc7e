import { setTimeout } from 'node:timers/promises'
import { ApiError, type Client, Unreachable } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { Unreadable } from './local-files.ts'
import type { FilePart } from './multipart-body.ts'

/** From this size on a file is sent so that it can be gone on with: below, sending it again costs little. */
const resumableBytes = 64 * 1024 * 1024

/** Whether a file is so large, and can be read from any place. */
export function isResumable(part: FilePart): part is ResumablePart {
  return part.onDisk !== undefined && part.sizeBytes !== undefined && part.sizeBytes >= resumableBytes
}

/** A file that can be gone on with. */
export interface ResumablePart extends FilePart {
  readonly sizeBytes: number
  readonly onDisk: NonNullable<FilePart['onDisk']>
}

/** After so long each time it is tried again; when all are over without a byte more, it is given up. */
const pausesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000]

interface Resumable {
  readonly client: Client
  readonly part: ResumablePart
  /** The fields of the form of an upload. */
  readonly fields: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** An upload that was begun before. */
  readonly unfinished: string | undefined
  readonly onBegun: (id: string) => Promise<void>
  /** Where it stands: at the beginning, after a break, and while it goes on. */
  readonly onOffset: (bytes: number) => void
}

/**
 * Sends a file by the TUS protocol (https://tus.io/protocols/resumable-upload): when the connection breaks or the server
 * is gone for a while, it goes on where the server stands. Resolves with id and CID. Throws what the server refuses, and
 * `Unreachable` when it stays away.
 */
export async function sendResumable(resumable: Resumable): Promise<{ id: string; cid: string }> {
  const { client, part, signal } = resumable
  const found = await findState(resumable)
  const id = found?.id ?? (await begin(resumable))
  let offset = found?.offset ?? 0
  let cid = found?.cid
  for (let tries = 0; cid == null;) {
    resumable.onOffset(offset)
    try {
      cid = await sendRest(resumable, id, offset)
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error
      const pause = pausesMs[tries++]
      if (pause === undefined) throw error
      await setTimeout(pause, undefined, { signal })
      const state = await client.call(routes.uploadsGet, { params: { id }, signal }).catch((failure: unknown) => {
        if (signal.aborted || !isPassing(failure)) throw failure
        return undefined
      })
      if (state === undefined) continue
      if (state.offset > offset) tries = 0
      offset = state.offset
      cid = state.cid
    }
  }
  resumable.onOffset(part.sizeBytes)
  return { id, cid }
}

async function findState({ client, unfinished, part, signal }: Resumable) {
  if (unfinished === undefined) return undefined
  try {
    const state = await client.call(routes.uploadsGet, { params: { id: unfinished }, signal })
    return state.length === part.sizeBytes ? state : undefined
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

async function begin({ client, part, fields, signal, onBegun }: Resumable): Promise<string> {
  const metadata = Object.entries({ ...fields, filename: part.filename })
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',')
  const headers = {
    'tus-resumable': '1.0.0',
    'upload-length': String(part.sizeBytes),
    'upload-metadata': metadata,
  }
  const answer = await client.open(routes.filesUpload, { headers, signal })
  const id = answer.headers.get('location')?.split('/').at(-2)
  if (id === undefined) throw new Error('The server began no resumable upload')
  await onBegun(id)
  return id
}

/** Sends from `offset` to the end. Undefined when the server wants more. */
async function sendRest({ client, part, signal, onOffset }: Resumable, id: string, offset: number) {
  let sent = offset
  const stream = (async function* () {
    for await (const piece of part.onDisk.openAt(offset)) {
      yield piece
      onOffset((sent += piece.length))
    }
  })()
  const answer = await client.open(routes.uploadsAppend, {
    params: { id },
    headers: { 'tus-resumable': '1.0.0', 'upload-offset': String(offset) },
    form: { contentType: 'application/offset+octet-stream', stream, lengthBytes: part.sizeBytes - offset },
    signal,
  })
  return answer.headers.get('upload-cid') ?? undefined
}

/** Whether it may be better in a moment: nobody answers, a proxy or a start is in between, or our old request is still there. */
function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable) return !(error.cause instanceof Unreadable)
  return error instanceof ApiError && (error.status >= 500 || [408, 409, 423, 429].includes(error.status))
}
