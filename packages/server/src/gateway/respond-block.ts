import { matchesTag, readRange } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import { formatCid } from '../ipfs/cid.ts'
import type { Node } from '../ipfs/read-node.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'

/** Sends one block as it is: `format=raw` (https://specs.ipfs.tech/http-gateways/trustless-gateway/#block-responses). */
export function respondBlock(
  request: GatewayRequest,
  node: Node,
  common: Record<string, string>,
  reply: Reply,
): number {
  const cid = formatCid(node.cid)
  const etag = `"${cid}.raw"`
  const headers = { ...common, etag, 'cache-control': cachingOf(reply, 'immutable'), ...locationOf(request) }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const range = readRange(
    { range: request.headers.range, ifRange: request.headers['if-range'] as string | undefined },
    etag,
    node.block.length,
  ) // Node joins If-Range to one text
  const bytes = range === undefined ? node.block : node.block.subarray(range.start, range.end)
  reply.response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'content-type': 'application/vnd.ipld.raw',
    'content-length': bytes.length,
    'accept-ranges': 'bytes',
    'content-disposition': contentDisposition('attachment', request.filename ?? `${cid}.bin`),
    ...(range === undefined ? {} : { 'content-range': `bytes ${range.start}-${range.end - 1}/${node.block.length}` }),
  })
  reply.response.end(reply.headOnly ? undefined : bytes)
  return bytes.length
}

/** Where an answer that only Accept asked for can be had by an address of its own. */
export function locationOf(request: GatewayRequest): Record<string, string> {
  return request.formatByAccept ? { 'content-location': `${request.path}?format=${request.format}` } : {}
}
