import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GatewayServices } from '../services.ts'
import type { Content } from './find-content.ts'
import type { GatewayRequest } from './read-request.ts'

/** What was asked for, as far as it became known, for those who count. */
export interface Asked {
  request?: GatewayRequest
  content?: Content
  /** What is shown in its place, where it was swapped. */
  swapped?: Content
  /** True when only some may see it. */
  isGated?: boolean
  /** Whose bytes the answer is made of, where one account answers for it. */
  by?: { readonly accountId: string; readonly gatewayId: string }
}

/** What was asked for counts, also when it was not there or was not taken to its end. Of private reads only the bytes do. */
export function noteServed(
  { traffic, egressLimits }: GatewayServices,
  { request, content, by }: Asked,
  { headers }: IncomingMessage,
  response: ServerResponse,
  bytes: number,
): void {
  if (request === undefined) return
  if (by !== undefined && response.statusCode < 400) egressLimits.note(by, bytes)
  if (request.space === 'files') {
    if (by !== undefined && response.statusCode < 400) traffic.noteEgress({ ...by, bytes })
    return
  }
  const root = content?.root ?? request.root
  if (root === undefined) return
  traffic.note({
    root,
    segment: request.segments.at(-1),
    host: headers.host,
    status: response.headersSent ? response.statusCode : 499,
    userAgent: headers['user-agent'],
    referer: headers.referer,
    bytes,
    by,
  })
}
