import { matchesTag } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import type { Node } from '../ipfs/read-node.ts'
import { type RequireShown, surveyTar, writeTar } from '../ipfs/write-tar.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, sendPieces, type Reply } from './reply.ts'
import { locationOf } from './respond-block.ts'

/** Streams a tar archive of a file or directory: `format=tar` (IPIP-288). What makes it impossible is said before it begins. */
export async function respondTar(
  source: BlockSource,
  request: GatewayRequest,
  { node, requireShown }: { node: Node; requireShown: RequireShown },
  reply: Reply,
): Promise<number> {
  const cid = formatCid(node.cid)
  const etag = `W/"${cid}.x-tar"`
  const headers = { ...reply.headers, etag, ...cachingOf(reply, 'content'), ...locationOf(request) }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  await surveyTar(source, node, cid, { signal: reply.signal, requireShown })
  const counted = new Counted(writeTar(source, node, cid, reply.signal))
  await sendPieces(
    reply,
    200,
    {
      ...headers,
      'content-type': 'application/x-tar',
      'accept-ranges': 'none',
      'content-disposition': contentDisposition('attachment', request.filename ?? `${cid}.tar`),
    },
    counted.pieces(),
  )
  return counted.bytes
}

/** Pieces on their way, and how many bytes they were. */
export class Counted {
  readonly #pieces: AsyncIterable<Uint8Array>
  bytes = 0

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#pieces) {
      this.bytes += piece.length
      yield piece
    }
  }
}
