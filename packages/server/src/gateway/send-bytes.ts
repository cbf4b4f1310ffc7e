import { randomBytes } from 'node:crypto'
import { matchesTag, readRanges } from '../http/conditional.ts'
import type { ByteRange } from '../ipfs/file-blocks.ts'
import type { Pull } from '../ipfs/pull.ts'
import type { GatewayRequest } from './read-request.ts'
import { sendPieces, type Reply } from './reply.ts'

/** A row of bytes that can be sent whole or in parts. */
export interface Sendable {
  readonly size: number
  readonly etag: string
  /** Found out only when bytes are sent: it may take reading some. */
  readonly type: () => Promise<string> | string
  readonly open: (range: ByteRange | undefined) => Pull<Uint8Array>
  /** Beside those of the reply; `runs` are those that depend on the type. */
  readonly headers: Readonly<Record<string, string>>
  readonly headersOfType?: (type: string) => Readonly<Record<string, string>>
  /** Another status than 200, for pages that stand for what is not there; they are sent whole. */
  readonly status?: number
}

/**
 * Answers with bytes, as conditions and ranges of the request have it: 304, 200, 206 with one range or several
 * (`multipart/byteranges`), 416. Conditions are decided before a byte is read. The number of bytes sent.
 */
export async function sendBytes(request: GatewayRequest, content: Sendable, reply: Reply): Promise<number> {
  const { size, etag, status = 200 } = content
  const headers = { ...reply.headers, ...content.headers, etag }
  if (status === 200 && matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const ifRange = request.headers['if-range'] as string | undefined // Node joins If-Range to one text
  const ranges = status === 200 ? readRanges({ range: request.headers.range, ifRange }, etag, size) : undefined
  const typing = content.type()
  const type = typing instanceof Promise ? await typing : typing
  const known = {
    ...headers,
    ...content.headersOfType?.(type),
    ...(status === 200 ? { 'accept-ranges': 'bytes' } : {}),
  }
  if (ranges !== undefined && ranges.length > 1) return sendParts(content, ranges, { type, known }, reply)
  const range = ranges?.[0]
  const length = range === undefined ? size : range.end - range.start
  const sent = {
    ...known,
    'content-type': type,
    'content-length': length,
    ...(range === undefined ? {} : { 'content-range': contentRange(range, size) }),
  }
  await sendPieces(reply, range === undefined ? status : 206, sent, content.open(range))
  return length
}

/** RFC 9110 section 14.6. */
async function sendParts(
  { size, open }: Sendable,
  ranges: readonly ByteRange[],
  { type, known }: { type: string; known: Record<string, string> },
  reply: Reply,
): Promise<number> {
  const boundary = randomBytes(18).toString('hex')
  const heads = ranges.map((range) =>
    Buffer.from(`--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`),
  )
  const end = Buffer.from(`--${boundary}--\r\n`)
  let length = end.length
  for (const [i, { start, end: last }] of ranges.entries()) length += (heads[i]?.length ?? 0) + last - start + 2
  const headers = { ...known, 'content-type': `multipart/byteranges; boundary=${boundary}`, 'content-length': length }
  await sendPieces(reply, 206, headers, parts(ranges, { heads, end, open }))
  return length
}

async function* parts(
  ranges: readonly ByteRange[],
  { heads, end, open }: { heads: readonly Buffer[]; end: Buffer; open: Sendable['open'] },
): AsyncGenerator<Uint8Array> {
  for (const [i, range] of ranges.entries()) {
    const head = heads[i]
    if (head !== undefined) yield head
    const pieces = open(range)
    for (;;) {
      const piece = await pieces.next()
      if (piece === undefined) break
      yield piece
    }
    yield lineEnd
  }
  yield end
}

const lineEnd = Buffer.from('\r\n')

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`
}
