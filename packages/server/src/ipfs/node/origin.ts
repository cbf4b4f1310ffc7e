import { isIP } from 'node:net'
import { multiaddr, type Component } from '@multiformats/multiaddr'
import type { Tried } from './node.ts'

/** An address that somebody named, as far as it is of use. */
export type Origin =
  | { readonly kind: 'peer'; readonly peerId: string; readonly address: PeerAddress }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'useless'; readonly outcome: Tried['outcome']; readonly detail: string }

/** Where a peer listens: the parts of a multiaddr, before names are looked up. */
export interface PeerAddress {
  readonly host: { readonly kind: 'ip4' | 'ip6' | 'dns' | 'dns4' | 'dns6' | 'dnsaddr'; readonly value: string }
  /** What stands behind the host, such as `/tcp/4001` or `/tcp/443/tls/ws`; empty for `dnsaddr`. */
  readonly rest: string
}

/** Addresses that are dialled for one fetch. */
export const maxAddresses = 10

/** What is told of the addresses beyond those. */
export const beyondMaxAddresses = `only ${maxAddresses} addresses are dialled`

/** What is told of text that is no multiaddr at all. */
export const noAddress = 'not a multiaddr'

/** Bounds what is parsed: names have at most 253 characters, peer ids 60. */
const maxTextLength = 500
const hostKinds = ['ip4', 'ip6', 'dns', 'dns4', 'dns6', 'dnsaddr'] as const

/**
 * Reads a multiaddr (https://github.com/multiformats/multiaddr) that a caller named: a peer over TCP or WebSocket, or an
 * HTTP server, which may also be written as its URL. Never throws: what is of no use says why.
 */
export function readOrigin(text: string): Origin {
  if (text.length > maxTextLength) return useless('not-understood', `longer than ${maxTextLength} characters`)
  if (/^https?:\/\//i.test(text)) return readUrl(text)
  let components: Component[]
  try {
    components = multiaddr(text).getComponents()
  } catch {
    return useless('not-understood', noAddress)
  }
  const [first, ...rest] = components
  const kind = hostKinds.find((each) => each === first?.name)
  if (kind === undefined || first?.value === undefined)
    return useless('not-understood', 'it does not begin with a host')
  const host = { kind, value: first.value }
  const foreign = rest.find(({ name }) => !known.has(name))
  if (foreign !== undefined)
    return useless('not-understood', `${foreign.name} is not used here, only TCP and WebSocket`)
  if (rest.some(({ name }) => name === 'http' || name === 'https')) return readHttp(host, rest)
  const last = rest.at(-1)
  if (last?.name !== 'p2p' || last.value === undefined) return useless('not-understood', 'it does not end in /p2p/ID')
  const between = rest.slice(0, -1)
  const shape = between.map(({ name }) => name).join('/')
  const isRight = host.kind === 'dnsaddr' ? shape === '' : /^tcp(\/ws|\/wss|\/tls\/ws|\/tls\/sni\/ws)?$/.test(shape)
  if (!isRight) return useless('not-understood', 'only /tcp/PORT, with or without WebSocket, leads to a peer')
  const written = between.map(({ name, value }) => (value === undefined ? `/${name}` : `/${name}/${value}`)).join('')
  return { kind: 'peer', peerId: last.value, address: { host, rest: written } }
}

const known = new Set(['tcp', 'ws', 'wss', 'tls', 'sni', 'http', 'https', 'p2p'])

/** https://github.com/multiformats/multiaddr/blob/master/protocols.csv: `/https`, and `/tls/http` for the same. */
function readHttp(host: PeerAddress['host'], rest: readonly Component[]): Origin {
  const names = rest.map(({ name }) => name)
  if (host.kind === 'dnsaddr' || names.some((name) => name === 'ws' || name === 'wss'))
    return useless('not-understood', 'not an address of an HTTP server')
  const isSecure = names.includes('https') || names.includes('tls')
  const port = rest.find(({ name }) => name === 'tcp')?.value ?? (isSecure ? '443' : '80')
  const name = isIP(host.value) === 6 ? `[${host.value}]` : host.value
  return { kind: 'http', url: new URL(`${isSecure ? 'https' : 'http'}://${name}:${port}`).origin }
}

/** Of the address of a gateway the path says nothing: blocks are asked for below its host. */
function readUrl(text: string): Origin {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.username !== '' || url.password !== '')
    return useless('not-understood', 'not an address of an HTTP server')
  return { kind: 'http', url: url.origin }
}

function useless(outcome: Tried['outcome'], detail: string): Origin {
  return { kind: 'useless', outcome, detail }
}
