import { createHash } from 'node:crypto'
import type { AnswerOf, Client } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { encodeMultipart, type FilePart } from './multipart-body.ts'
import { isResumable, sendResumable } from './resumable-upload.ts'
import { findUnfinished, forgetUnfinished, keepUnfinished } from './unfinished-uploads.ts'

/** What goes in one form: so few that a break costs little. */
const batch = { files: 500, bytes: 16 * 1024 * 1024 }

interface ResumableFolder {
  readonly client: Client
  readonly env: NodeJS.ProcessEnv
  readonly title: string
  readonly parts: readonly FilePart[]
  /** The fields of the form of an upload. */
  readonly fields: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Bytes that are there already, and those that go up. */
  readonly onBytes: (bytes: number) => void
}

/**
 * Uploads a folder so that it can be gone on with, from another machine too: what it holds is said first, and only what
 * the server misses is sent. Throws what the server refuses.
 */
export async function sendFolder(folder: ResumableFolder): Promise<AnswerOf<typeof routes.folderUploadsFinish>> {
  const { client, title, parts, fields, signal } = folder
  const files = new Map(parts.map((part) => [part.filename.slice(title.length + 1), part]))
  const { name = title, network, keyvalues, cid_version: version, group_id } = fields
  let state = await client.call(routes.folderUploadsCreate, {
    body: {
      name,
      network: network === 'public' ? 'public' : 'private',
      ...(keyvalues === undefined ? {} : { keyvalues: JSON.parse(keyvalues) as Record<string, string> }), // made by us
      ...(group_id === undefined ? {} : { group_id }),
      ...(version === undefined ? {} : { cid_version: version === 'v0' ? 'v0' : 'v1' }),
      files: [...files].map(([path, { sizeBytes = 0 }]) => ({ path, size: sizeBytes })),
    },
    signal,
  })
  const { id } = state
  folder.onBytes(state.received_bytes)
  const waiting = new Batch(folder, id)
  for (;;) {
    for (const { path, upload } of state.missing) {
      const part = files.get(path)
      if (part === undefined) throw new Error(`The server misses ${path}, which was never named`)
      if (isResumable(part)) await sendLarge(folder, id, { path, part, begun: upload })
      else await waiting.add({ ...part, filename: path })
    }
    if (state.next === null) break
    state = await client.call(routes.folderUploadsGet, { params: { id }, query: { after: state.next }, signal })
  }
  await waiting.send()
  return client.call(routes.folderUploadsFinish, { params: { id }, signal })
}

/** Files that wait to be sent together. */
class Batch {
  readonly #folder: ResumableFolder
  readonly #id: string
  #parts: FilePart[] = []
  #bytes = 0

  constructor(folder: ResumableFolder, id: string) {
    this.#folder = folder
    this.#id = id
  }

  async add(part: FilePart): Promise<void> {
    this.#parts.push(part)
    this.#bytes += part.sizeBytes ?? 0
    if (this.#parts.length >= batch.files || this.#bytes >= batch.bytes) await this.send()
  }

  async send(): Promise<void> {
    if (this.#parts.length === 0) return
    const { client, signal, onBytes } = this.#folder
    const form = encodeMultipart({}, this.#parts, onBytes)
    await client.call(routes.folderUploadsFiles, { params: { id: this.#id }, form, signal })
    this.#parts = []
    this.#bytes = 0
  }
}

async function sendLarge(
  { client, env, signal, onBytes }: ResumableFolder,
  id: string,
  {
    path,
    part,
    begun,
  }: {
    path: string
    part: Parameters<typeof sendResumable>[0]['part']
    /** The server knows of an upload of it: begun from here before, or on another machine. */
    begun: AnswerOf<typeof routes.folderUploadsGet>['missing'][number]['upload']
  },
): Promise<void> {
  const { sizeBytes, onDisk } = part
  const what = { apiUrl: client.apiUrl, path: onDisk.path, sizeBytes, changedAtMs: onDisk.changedAtMs, options: id }
  const known = await findUnfinished(env, what)
  // Another machine may have another file under the same path: it is gone on with only by the same bytes.
  const sha256 = known === undefined ? await digestOf(part.onDisk.openAt(0), signal) : undefined
  const unfinished = known ?? (begun !== undefined && begun.sha256 === sha256 ? begun.id : undefined)
  let shown = 0
  await sendResumable({
    client,
    part,
    fields: { folder_upload: id, path, ...(sha256 === undefined ? {} : { sha256 }) },
    signal,
    unfinished,
    onBegun: (begun) => keepUnfinished(env, what, begun),
    onOffset(bytes) {
      onBytes(bytes - shown)
      shown = bytes
    },
  })
  await forgetUnfinished(env, what)
}

async function digestOf(pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of pieces) {
    signal.throwIfAborted()
    hash.update(piece)
  }
  return hash.digest('hex')
}
