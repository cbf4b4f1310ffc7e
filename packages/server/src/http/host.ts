import type { IncomingMessage } from 'node:http'
import { AppError } from '../lib/errors.ts'

/** A name or address with or without a port (RFC 3986 section 3.2.2); it may be empty. */
const hostPattern = /^(?:\[[\da-f:.%\w]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i

/**
 * Whether a request says once, readably, whom it is for, as RFC 9112 section 3.2 asks of every server: what stands
 * before us may have read another of two. HTTP/1.0 knows no Host.
 */
export function hasClearHost({ rawHeaders, headers, httpVersion }: IncomingMessage): boolean {
  let hosts = 0
  // Of repeated ones Node shows the first alone.
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts === 0) return httpVersion === '1.0'
  return hosts === 1 && hostPattern.test(headers.host ?? '')
}

/** What a request without a clear Host is told; its connection is closed. */
export function unclearHost(): AppError {
  return new AppError('invalid_request', 'A request carries exactly one header Host, with a name or address.')
}
