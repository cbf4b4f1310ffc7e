import type { IncomingMessage } from 'node:http'
import { one } from './headers.ts'

/** Addresses of resumable uploads that have begun, double slashes counted once. */
const uploadPath = /^\/+v3\/+files\/+[^/?]+\/+(link-)?upload\/?(\?|$)/
const overriding: ReadonlySet<string> = new Set(['PATCH', 'DELETE', 'HEAD'])

/**
 * Takes a POST to a resumable upload for the method that `X-HTTP-Method-Override` names, as browsers and proxies that let
 * no PATCH through need it (https://tus.io/protocols/resumable-upload, "X-HTTP-Method-Override"). Elsewhere the header
 * says nothing: what a request may do must not depend on a header that those in between do not look at.
 */
export function overrideMethod(request: IncomingMessage): void {
  if (request.method !== 'POST' || !uploadPath.test(request.url ?? '')) return
  const method = one(request.headers['x-http-method-override'])?.trim().toUpperCase()
  if (method !== undefined && overriding.has(method)) request.method = method
}
