import type { FastifyRequest } from 'fastify'

/** What every answer of the api listener carries: nothing of ours may be framed, sniffed or referred. */
export const fixedSecurityHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/** The same for one request: with its id, and bound to TLS where it came by TLS. */
export function securityHeaders(request: FastifyRequest): Record<string, string> {
  return {
    'x-request-id': request.id,
    ...fixedSecurityHeaders,
    ...(request.protocol === 'https' ? strictTransport(request.headers.host) : {}),
  }
}

/**
 * Binds a host to TLS (RFC 6797). Not `localhost`: browsers would bind every port of it, those of other programs on the
 * user's machine too.
 */
export function strictTransport(host: string | undefined): Record<string, string> {
  return /(^|\.)localhost\.?(:\d*)?$/i.test(host ?? '') ? {} : { 'strict-transport-security': 'max-age=31536000' }
}

/** A header as one text; Node joins most repeated ones already. */
export function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value
}
