import { Readable } from 'node:stream'
import { routes } from '@pinyon/contract/routes.ts'
import { openFile, type OpenedFile } from '../files/open-file.ts'
import { matchesTag, readRange } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import { answer, door, type Answer, type Door, type DoorRequest } from '../http/door.ts'
import { formatCid } from '../ipfs/cid.ts'
import { listDirectory } from '../ipfs/list-directory.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { findNode, type Node } from '../ipfs/read-node.ts'
import { readableOf } from '../ipfs/readable-of.ts'
import { writeCar } from '../ipfs/write-car.ts'
import { typeOfName } from '../lib/content-type.ts'
import { AppError } from '../lib/errors.ts'

/** Entries of a folder on one page of `format=list`: the first block of each is read to tell files from folders. */
const pageEntries = 500

/** Whatever the bytes are, a browser may save them and nothing else; no cache keeps them. */
const guarded = {
  'cache-control': 'private, no-store',
  'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
} as const

/** The bytes of any file of the account. */
export const fileContentDoors: readonly Door[] = [
  door(routes.filesContent, async ({ services, caller, params, query, request }) => {
    const opened = await openFile(services, caller, { id: params.id, path: query.path, signal: request.signal })
    if (query.format === 'car') return sendCar(opened, query.filename, request)
    if (query.format === 'list') return listFolder(opened, query.after)
    return sendBytes(opened, query, request)
  }),
]

function sendBytes(
  { file, source, found }: OpenedFile,
  query: { path?: string | undefined; filename?: string | undefined },
  request: DoorRequest,
): Answer {
  const node = requireReadable(found.node)
  if (typeof node.size !== 'number') throw node.size
  const etag = `"${formatCid(node.cid)}"`
  if (matchesTag(header(request, 'if-none-match'), etag)) return answer(304, undefined, { ...guarded, etag })
  const name =
    query.filename ?? query.path?.split('/').findLast((segment) => segment !== '') ?? file.name ?? formatCid(node.cid)
  const range = readRange({ range: header(request, 'range'), ifRange: header(request, 'if-range') }, etag, node.size)
  return answer(
    range === undefined ? 200 : 206,
    Readable.from(readFile(source, node, { ...(range === undefined ? {} : { range }), signal: request.signal }), {
      objectMode: false,
    }),
    {
      ...guarded,
      etag,
      'content-type': typeOfName(name) ?? (query.path === undefined ? file.mime_type : 'application/octet-stream'),
      'content-length': String(range === undefined ? node.size : range.end - range.start),
      'accept-ranges': 'bytes',
      'content-disposition': contentDisposition('attachment', name),
      ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end - 1}/${node.size}` }),
    },
  )
}

function sendCar({ file, source, found }: OpenedFile, filename: string | undefined, request: DoorRequest): Answer {
  const pieces = writeCar(source, found.node.cid, {
    scope: 'all',
    pathBlocks: found.pathBlocks,
    signal: request.signal,
  })
  return answer(200, Readable.from(pieces, { objectMode: false }), {
    ...guarded,
    'content-type': 'application/vnd.ipld.car; version=1; order=dfs; dups=n',
    'accept-ranges': 'none',
    'content-disposition': contentDisposition('attachment', filename ?? `${file.name ?? file.cid}.car`),
  })
}

async function listFolder({ source, found }: OpenedFile, after: string | undefined): Promise<Answer> {
  if (found.node.kind !== 'directory')
    throw new AppError('invalid_request', 'This is not a folder: leave format=list out to read it.')
  const { entries, next } = await listDirectory(source, found.node, { limit: pageEntries, after })
  const shown = []
  for (const entry of entries) {
    const node = await findNode(source, entry.cid)
    const kind = node?.kind === 'directory' ? 'folder' : node === undefined || node.kind === 'other' ? 'other' : 'file'
    const size = node !== undefined && 'size' in node && typeof node.size === 'number' ? node.size : null
    shown.push({ name: entry.name.toWellFormed(), cid: formatCid(entry.cid), kind, size })
  }
  return answer(200, { entries: shown, next: next ?? null }, guarded)
}

function requireReadable(node: Node): ReadableNode {
  const readable = readableOf(node)
  if (readable !== undefined) return readable
  if (node.kind === 'directory')
    throw new AppError(
      'invalid_request',
      'This is a folder. Name a path inside it with ?path=, list it with ?format=list, or take it whole with ?format=car.',
    )
  throw new AppError('invalid_request', 'This is neither a file nor a folder. Take it with ?format=car.')
}

function header(request: DoorRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}
