import { createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { client } from '../api/client.ts'
import { createBreath } from '../lib/breathe.ts'
import { fetchWithProgress } from '../lib/fetch-with-progress.ts'
import type { Part } from './part.ts'
import { findFolder, plain, resumableBytes, sendFile, type Telling } from './send-resumable.ts'
import { newestOf } from './unfinished.ts'
import type { Upload, UploadedFile } from './upload.ts'

/** What goes in one form: so few that a break costs little. */
const batch = { files: 500, bytes: 16 * 1_048_576 }

/**
 * Sends a folder so that it can be gone on with: what it holds is said first, and only what the server misses is sent.
 * Throws what the client throws; called again, it goes on.
 */
export async function sendFolder(upload: Upload, telling: Telling, signal: AbortSignal): Promise<UploadedFile> {
  const { title, network, isCar, sizeBytes, actingAs } = upload
  const files = new Map(upload.parts.map((part) => [part.path.slice(title.length + 1), part]))
  const known = upload.unfinished
  const found = known === undefined ? undefined : await findFolder(known.id, actingAs)
  let state = found ?? (await create(upload, files))
  const { id } = state
  // Of large files in it, the uploads that were begun.
  const begun: Record<string, string> = known?.id === id ? { ...known.begun } : {}
  const lastModified = newestOf(upload.parts)
  const kept = {
    id,
    title,
    network,
    isCar,
    isFolder: true,
    files: upload.parts.length,
    sizeBytes,
    lastModified,
    actingAs,
  }
  telling.onBegun({ ...kept, begun })
  signal.throwIfAborted()
  let there = state.received_bytes
  telling.onStands(there)
  let waiting: [path: string, part: Part][] = []
  let waitingBytes = 0
  const sendWaiting = async () => {
    if (waiting.length === 0) return
    await sendBatch({ id, actingAs, parts: waiting }, (share) => telling.onSent(there + share * waitingBytes), signal)
    there += waitingBytes
    waiting = []
    waitingBytes = 0
  }
  while (state.cid === null) {
    for (const { path } of state.missing) {
      const part = files.get(path)
      if (part === undefined) throw new Error(`The server misses ${path}, which was never named`)
      if (part.sizeBytes < resumableBytes) {
        waiting.push([path, part])
        waitingBytes += part.sizeBytes
        if (waiting.length >= batch.files || waitingBytes >= batch.bytes) await sendWaiting()
        continue
      }
      const tellingPart = {
        onBegun(partId: string) {
          begun[path] = partId
          telling.onBegun({ ...kept, begun })
        },
        onStands: (bytes: number) => telling.onStands(there + bytes),
        onSent: (bytes: number) => telling.onSent(there + bytes),
      }
      const fields = { folder_upload: id, path }
      await sendFile({ part, fields, actingAs, begun: begun[path] }, tellingPart, signal)
      there += part.sizeBytes
    }
    if (state.next === null) break
    const query = { after: state.next }
    state = await plain().call(routes.folderUploadsGet, { params: { id }, query, headers: actingAs, signal })
  }
  await sendWaiting()
  return plain().call(routes.folderUploadsFinish, { params: { id }, headers: actingAs, signal })
}

/** Nothing breaks this off, so that there is none that nobody can give up. */
function create({ title, network, group, actingAs }: Upload, files: ReadonlyMap<string, Part>) {
  // Small ones first, and in an order that is the same however the browser finds them.
  const manifest = [...files]
    .map(([path, { sizeBytes }]) => ({ path, size: sizeBytes }))
    .toSorted((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1))
  const body = { name: title, network, ...(group === undefined ? {} : { group_id: group }), files: manifest }
  return plain().call(routes.folderUploadsCreate, { body, headers: actingAs })
}

interface SentBatch {
  readonly id: string
  readonly actingAs: Readonly<Record<string, string>>
  readonly parts: readonly (readonly [path: string, part: Part])[]
}

async function sendBatch({ id, actingAs, parts }: SentBatch, onShare: (share: number) => void, signal: AbortSignal) {
  const breathe = createBreath()
  const form = new FormData()
  for (const [path, { file }] of parts) {
    form.append('file', file, path)
    await breathe()
  }
  const send = fetchWithProgress(({ loaded, total }) => onShare(total === 0 ? 0 : loaded / total))
  const sender = createClient({ apiUrl: client.apiUrl, fetch: send })
  await sender.call(routes.folderUploadsFiles, { params: { id }, form, headers: actingAs, signal })
}
