import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ClientGone } from '../lib/client-gone.ts'
import type { Services } from '../services.ts'
import type { DoorRequest } from './door.ts'
import { one } from './headers.ts'

/** Remembers who asked, for the log. */
export type CallerRequest = IncomingMessage & { pinyonCaller?: string | undefined }

/** A request as doors see it. */
export function toDoorRequest(
  { installation }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): DoorRequest & { raw: CallerRequest } {
  let controller: AbortController | undefined
  return {
    requestId: request.id,
    address: addressOf(request),
    agent: one(request.headers['user-agent'])?.slice(0, 300) ?? null,
    method: request.method,
    url: request.url,
    headers: request.headers,
    raw: request.raw,
    secure: request.protocol === 'https',
    get ownOrigin() {
      // Behind a proxy that is not said to be trusted, only the setting knows of its TLS.
      const own = new URL(installation.apiUrl)
      return request.host === own.host ? own.origin : `${request.protocol}://${request.host}`
    },
    // Made only for the doors that ask: most requests are over before anybody could go away.
    get signal() {
      if (controller === undefined) {
        const made = new AbortController()
        reply.raw.once('close', () => {
          if (!reply.raw.writableFinished) made.abort(new ClientGone())
        })
        if (reply.raw.closed) made.abort(new ClientGone())
        controller = made
      }
      return controller.signal
    },
  }
}

/** Where a request came from. A connection that was reset while its request waited no longer knows: null. */
export function addressOf(request: FastifyRequest): string | null {
  const { ip } = request as { ip: string | undefined } // the framework promises more than the socket
  return ip ?? null
}
