import { contentDisposition } from '../http/disposition.ts'
import { formatCid } from '../ipfs/cid.ts'
import { readFile } from '../ipfs/read-file.ts'
import type { Node } from '../ipfs/read-node.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'
import { sendBytes, type Sendable } from './send-bytes.ts'

/** Sends one block as it is: `format=raw` (https://specs.ipfs.tech/http-gateways/trustless-gateway/#block-responses). */
export function respondBlock(request: GatewayRequest, node: Node, reply: Reply): Promise<number> {
  const cid = formatCid(node.cid)
  return sendBytes(
    request,
    blockOf(request, node, reply, {
      etag: `"${cid}.raw"`,
      type: 'application/vnd.ipld.raw',
      disposition: contentDisposition('attachment', request.filename ?? `${cid}.bin`),
    }),
    reply,
  )
}

/** The bytes of a block under a type. */
export function blockOf(
  request: GatewayRequest,
  { cid, block }: Node,
  reply: Reply,
  { etag, type, disposition }: { etag: string; type: string; disposition: string },
): Sendable {
  return {
    size: block.length,
    etag,
    type: () => type,
    open: (range) =>
      readFile(noSource, { kind: 'raw', cid, block, size: block.length }, range === undefined ? {} : { range }),
    headers: { ...cachingOf(reply, 'content'), ...locationOf(request), 'content-disposition': disposition },
  }
}

/** A block has no others. */
const noSource = { get: () => undefined }

/** Where an answer that only Accept asked for can be had by an address of its own. */
export function locationOf({ formatByAccept, space, path, format }: GatewayRequest): Record<string, string> {
  return formatByAccept && space !== 'files' ? { 'content-location': `${path}?format=${format}` } : {}
}
