import { matchesTag, readRange } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import { formatCid, type Cid } from '../ipfs/cid.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { mayRun } from '../lib/content-type.ts'
import { findContentType } from './find-content-type.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, sandboxPolicy, sendPieces, type Reply } from './reply.ts'

/** Sends the bytes of a file, whole or a range. `tagCid` is what the entity tag names: the directory's for an index.html. */
export async function respondFile(
  source: BlockSource,
  request: GatewayRequest,
  node: ReadableNode,
  options: { readonly tagCid: Cid; readonly name: string | undefined; readonly common: Record<string, string> },
  reply: Reply,
): Promise<number> {
  const etag = `"${formatCid(options.tagCid)}"`
  const common = { ...options.common, etag, 'cache-control': cachingOf(reply, 'immutable') }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, common).end()
    return 0
  }
  const size = sizeOf(node)
  const type = await findContentType(source, node, request.filename ?? options.name)
  const range = readRange(
    { range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined },
    etag,
    size,
  ) // Node joins If-Range to one text
  const headers: Record<string, string | number> = {
    ...common,
    'content-type': type,
    'content-length': range === undefined ? size : range.end - range.start,
    'accept-ranges': 'bytes',
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end - 1}/${size}` }),
    ...(request.download || request.filename !== undefined
      ? {
          'content-disposition': contentDisposition(
            request.download ? 'attachment' : 'inline',
            request.filename ?? options.name ?? formatCid(node.cid),
          ),
        }
      : {}),
    ...(mayRun(type) ? { 'content-security-policy': sandboxPolicy } : {}),
  }
  await sendPieces(
    reply,
    range === undefined ? 200 : 206,
    headers,
    readFile(source, node, { ...(range === undefined ? {} : { range }), signal: reply.signal }),
  )
  return range === undefined ? size : range.end - range.start
}

function sizeOf(node: ReadableNode): number {
  if (typeof node.size !== 'number') throw node.size
  return node.size
}
