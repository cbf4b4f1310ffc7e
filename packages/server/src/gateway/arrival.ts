import type { IncomingMessage } from 'node:http'
import { isIP, type BlockList } from 'node:net'
import { LRUCache } from 'lru-cache'
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
  /** Whom it comes from: what the proxy that is trusted says, or the other end of the connection. */
  readonly address: string
}

/** What decides who is believed. */
export interface ArrivalRules {
  /** Addresses whose forwarded headers count; undefined when there are none. */
  readonly trusted: BlockList | undefined
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
  const address = clientAddress(raw, rules.trusted)
  if (url.startsWith('/')) return arrival(scheme, named, { target: url, address })
  const [, absoluteScheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(url) ?? []
  if (authority === '') throw new AppError('invalid_request', 'The address of the request is not readable.')
  if (!rules.proxy && authority.toLowerCase() !== named.toLowerCase()) {
    throw new AppError(
      'invalid_request',
      'The address of the request is for another host than its header Host. The operator can let this gateway be a proxy: PINYON_GATEWAY_PROXY=on.',
    )
  }
  return arrival(absoluteScheme, authority, { target: rest.startsWith('/') ? rest : `/${rest}`, address })
}

/** As `readArrival`; undefined where that throws. */
export function findArrival(raw: IncomingMessage, rules: ArrivalRules): Arrival | undefined {
  try {
    return readArrival(raw, rules)
  } catch {
    return undefined // who answers the request says why
  }
}

function arrival(scheme: string, host: string, { target, address }: Pick<Arrival, 'target' | 'address'>): Arrival {
  const read = hosts.get(host) ?? readHost(host)
  return {
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host: read.host,
    hostname: read.hostname,
    target,
    address,
  }
}

/** Hosts as they were sent and read lately: most requests are for the same few. */
const hosts = new LRUCache<string, Pick<Arrival, 'host' | 'hostname'>>({ max: 1_000 })

function readHost(host: string): Pick<Arrival, 'host' | 'hostname'> {
  if (host !== '' && !hostPattern.test(host)) {
    throw new AppError('invalid_request', 'The host that the request is for is not readable.')
  }
  const lower = host.toLowerCase()
  const read = { host: lower, hostname: lower.replace(/:\d*$/, '').replace(/\.$/, '') }
  if (host.length < 300) hosts.set(host, read)
  return read
}

/** The last of several: that is the one the proxy itself added. */
function forwarded({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  const text = Array.isArray(value) ? value.at(-1) : value
  return text?.split(',').at(-1)?.trim() || undefined
}

/** The first from the right that is no proxy of ours: what stands further left anybody may have written. */
function clientAddress(raw: IncomingMessage, trusted: BlockList | undefined): string {
  const peer = plainAddress(raw.socket.remoteAddress ?? '')
  if (!trusts(trusted, peer)) return peer
  const header = raw.headers['x-forwarded-for']
  const named = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((each) => plainAddress(each.trim()))
  return named.findLast((address) => isIP(address) !== 0 && !trusts(trusted, address)) ?? peer
}

function trusts(trusted: BlockList | undefined, address: string | undefined): boolean {
  if (trusted === undefined) return false
  const plain = plainAddress(address ?? '')
  return isIP(plain) !== 0 && trusted.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
}

/** IPv4 written as IPv6 is the IPv4 address. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}
