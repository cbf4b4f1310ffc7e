import type { IncomingMessage } from 'node:http'
import type { BlockList } from 'node:net'
import { AppError } from '../lib/errors.ts'

/** Where a request was sent to, as the one who sent it sees it. */
export interface Arrival {
  readonly scheme: 'http' | 'https'
  /** Name and port, as they stand in links. */
  readonly host: string
  /** The name alone, in lower case; empty when the request names none. */
  readonly hostname: string
  /** Path and query as sent. */
  readonly target: string
}

/** What decides who is believed. */
export interface ArrivalRules {
  /** Addresses whose forwarded headers count. */
  readonly trusted: BlockList
  /** Whether whole addresses are taken for other hosts than the header names (a proxy for browsers). */
  readonly proxy: boolean
  readonly secure: boolean
}

const hostPattern = /^(?:\[[\da-f:.]+\]|[a-z\d._~-]+)(?::\d{1,5})?$/i

/**
 * Reads where a request was sent: by the address in it (RFC 9112 section 3.2.2), by what a trusted proxy says, or by
 * Host. Nothing here is ever dialled. Throws `invalid_request`.
 */
export function readArrival(raw: IncomingMessage, rules: ArrivalRules): Arrival {
  const url = raw.url ?? '/'
  const isTrusted = trusts(rules.trusted, raw.socket.remoteAddress)
  const scheme = (isTrusted ? forwarded(raw, 'x-forwarded-proto') : undefined) ?? (rules.secure ? 'https' : 'http')
  const named = (isTrusted ? forwarded(raw, 'x-forwarded-host') : undefined) ?? raw.headers.host ?? ''
  if (url.startsWith('/')) return arrival(scheme, named, url)
  const [, absoluteScheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(url) ?? []
  if (authority === '') throw new AppError('invalid_request', 'The address of the request is not readable.')
  if (!rules.proxy && authority.toLowerCase() !== named.toLowerCase()) {
    throw new AppError(
      'invalid_request',
      'The address of the request is for another host than its header Host. The operator can let this gateway be a proxy: PINYON_GATEWAY_PROXY=on.',
    )
  }
  return arrival(absoluteScheme, authority, rest.startsWith('/') ? rest : `/${rest}`)
}

function arrival(scheme: string, host: string, target: string): Arrival {
  if (host !== '' && !hostPattern.test(host)) {
    throw new AppError('invalid_request', 'The host that the request is for is not readable.')
  }
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host: host.toLowerCase(),
    hostname: host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase(),
    target,
  }
}

/** The last of several: that is the one the proxy itself added. */
function forwarded({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  const text = Array.isArray(value) ? value.at(-1) : value
  return text?.split(',').at(-1)?.trim() || undefined
}

function trusts(trusted: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return trusted.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
}
