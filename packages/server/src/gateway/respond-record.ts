import { createHash } from 'node:crypto'
import { matchesTag } from '../http/conditional.ts'
import { contentDisposition } from '../http/disposition.ts'
import { findIpnsName, formatIpnsName } from '../ipfs/names/ipns-name.ts'
import type { Names } from '../ipfs/names/names.ts'
import { AppError } from '../lib/errors.ts'
import type { GatewayRequest } from './read-request.ts'
import type { Reply } from './reply.ts'
import { locationOf } from './respond-block.ts'

/** Sends the signed record of an IPNS name: https://specs.ipfs.tech/http-gateways/trustless-gateway/#ipns-record-responses */
export async function respondRecord(
  { names, now }: { readonly names: Names; readonly now: number },
  request: GatewayRequest,
  reply: Reply,
): Promise<number> {
  const name = request.space === 'ipns' ? findIpnsName(request.name) : undefined
  if (name === undefined || request.segments.length > 0) {
    throw new AppError('invalid_request', 'format=ipns-record is for addresses such as /ipns/{key}, without a path.')
  }
  const record = await names.getRecord(name)
  const text = formatIpnsName(name)
  const etag = `"${createHash('sha256').update(record.bytes).digest('base64url')}"`
  const seconds = Math.max(0, Math.floor(Math.min(record.ttlMs, record.validUntil - now) / 1_000))
  const headers = { ...reply.headers, etag, 'cache-control': `public, max-age=${seconds}`, ...locationOf(request) }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  reply.response.writeHead(200, {
    ...headers,
    'content-type': 'application/vnd.ipfs.ipns-record',
    'content-length': record.bytes.length,
    'content-disposition': contentDisposition('attachment', request.filename ?? `${text}.ipns-record`),
  })
  reply.response.end(reply.headOnly ? undefined : record.bytes)
  return record.bytes.length
}
