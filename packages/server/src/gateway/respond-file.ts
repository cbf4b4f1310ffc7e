import { contentDisposition } from '../http/disposition.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid, type Cid } from '../ipfs/cid.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { mayRun } from '../lib/content-type.ts'
import { findContentType } from './find-content-type.ts'
import { isPage, pageRefused } from './page-policy.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, sandboxPolicy, type Reply } from './reply.ts'
import { locationOf } from './respond-block.ts'
import { sendBytes } from './send-bytes.ts'

/** What is said of a file beside its bytes. */
interface FileOptions {
  /** What the entity tag names: the directory's for an index.html. */
  readonly tagCid: Cid
  readonly name: string | undefined
  /** A status that stands for what is not there, with this file as its page. */
  readonly status?: number
}

/** Sends the bytes of a file, whole or in part. With `format=json` or `cbor` they are said to be that. */
export function respondFile(
  source: BlockSource,
  request: GatewayRequest,
  node: ReadableNode,
  { tagCid, name, status = 200 }: FileOptions,
  reply: Reply,
): Promise<number> {
  const { format } = request
  const asked = format === 'json' || format === 'cbor' ? format : undefined
  const fileName = request.filename ?? name
  return sendBytes(
    request,
    {
      size: sizeOf(node),
      etag: `"${formatCid(tagCid)}${asked === undefined ? '' : `.${asked}`}"`,
      status,
      type: () => (asked === undefined ? findContentType(source, node, fileName) : `application/${asked}`),
      open: (range) => readFile(source, node, { ...(range === undefined ? {} : { range }), signal: reply.signal }),
      headers: {
        ...cachingOf(reply, 'content'),
        ...locationOf(request),
        ...(request.download || request.filename !== undefined
          ? {
              'content-disposition': contentDisposition(
                request.download ? 'attachment' : 'inline',
                fileName ?? formatCid(node.cid),
              ),
            }
          : {}),
      },
      // In an origin of its own a page can harm nobody but itself.
      headersOfType: (type): Record<string, string> => {
        if (reply.refusesPages === true && !request.download && isPage(type)) throw pageRefused()
        return request.form.kind === 'path' && mayRun(type) ? { 'content-security-policy': sandboxPolicy } : {}
      },
    },
    reply,
  )
}

function sizeOf(node: ReadableNode): number {
  if (typeof node.size !== 'number') throw node.size
  return node.size
}
