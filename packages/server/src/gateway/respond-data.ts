import { contentDisposition } from '../http/disposition.ts'
import { formatCid } from '../ipfs/cid.ts'
import type { Node } from '../ipfs/read-node.ts'
import { AppError } from '../lib/errors.ts'
import type { GatewayRequest } from './read-request.ts'
import { sandboxPolicy, type Reply } from './reply.ts'
import { blockOf } from './respond-block.ts'
import { sendBytes } from './send-bytes.ts'

/** A node of structured data. */
export type DataNode = Extract<Node, { kind: 'dag-json' | 'dag-cbor' | 'json' | 'cbor' }>

const types = {
  'dag-json': 'application/vnd.ipld.dag-json',
  'dag-cbor': 'application/vnd.ipld.dag-cbor',
  json: 'application/json',
  cbor: 'application/cbor',
} as const

/** What a codec may be called beside its own name: programs that know no links read it all the same. */
const plain = { 'dag-json': 'json', 'dag-cbor': 'cbor', json: 'json', cbor: 'cbor' } as const

/**
 * Sends structured data as it was stored, under its own type or, with `format=json` or `cbor`, under the plain one. Codecs
 * are never converted (IPIP-524): another format is `not_acceptable`.
 */
export function respondData(request: GatewayRequest, node: DataNode, reply: Reply): Promise<number> {
  const format = request.format === 'any' ? node.kind : request.format
  if (format !== node.kind && format !== plain[node.kind]) throw otherCodec(request, node)
  const cid = formatCid(node.cid)
  const ending = plain[node.kind]
  const kind = request.download || ending === 'cbor' ? 'attachment' : 'inline'
  const content = blockOf(request, node, reply, {
    etag: `"${cid}.${format}"`,
    type: types[format],
    disposition: contentDisposition(kind, request.filename ?? `${cid}.${ending}`),
  })
  return sendBytes(
    request,
    { ...content, headers: { ...content.headers, 'content-security-policy': sandboxPolicy } },
    reply,
  )
}

/** The refusal of a format that the content has not. */
export function otherCodec({ format }: GatewayRequest, { kind, cid }: Node): AppError {
  const is = kind === 'other' ? `of codec 0x${cid.codec.toString(16)}` : `a ${kind}`
  return new AppError(
    'not_acceptable',
    `This content is ${is}, which cannot be had as ${format}: codecs are not converted. format=raw gives the block as it is.`,
  )
}
