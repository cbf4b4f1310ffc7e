import type { IncomingHttpHeaders } from 'node:http'
import { readQuery } from '../http/query.ts'
import { parseCid, type Cid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { findIpnsName, formatIpnsName } from '../ipfs/names/ipns-name.ts'
import { AppError } from '../lib/errors.ts'
import type { Arrival } from './arrival.ts'
import type { HostForm } from './host-form.ts'
import { labelOfCid, labelOfName, nameOfLabel, notAName } from './labels.ts'
import { readFormat, type Wanted } from './read-format.ts'

/** A request for content, read and checked. */
export interface GatewayRequest extends Wanted {
  /** `ipfs`: what is public, by CID. `ipns`: by a name. `files`: private files, by links. */
  readonly space: 'ipfs' | 'ipns' | 'files'
  /** The CID; undefined for names, which must be looked up. */
  readonly root: Cid | undefined
  /** The CID or name as text. */
  readonly name: string
  /** Below the root, decoded once each. */
  readonly segments: readonly string[]
  /** Path as sent, without the query: what links on the same host begin with. */
  readonly path: string
  /** `/ipfs/…` or `/ipns/…`, whichever form the request had. It may stand in a header: Node takes only printable ASCII in an address. */
  readonly contentPath: string
  /** With its question mark, as sent. */
  readonly query: string
  readonly trailingSlash: boolean
  readonly filename: string | undefined
  readonly download: boolean
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly form: Exclude<HostForm, { kind: 'apex' }>
  /** The host as it stands in links. */
  readonly host: string
}

/** A request that is answered by another address. */
export interface Elsewhere {
  readonly status: 301 | 302
  readonly location: string
}

const maxPathBytes = 8_192
const maxSegments = 256

/**
 * Reads what is asked for out of host and path: `/ipfs/{cid}[/path]`, `/ipns/{name}[/path]`, `/files/{cid}[/path]`, or a
 * path below the content that the host names; or where it is to be asked for instead. Throws `invalid_cid`,
 * `invalid_request`, `not_found` for other addresses.
 */
export function readGatewayRequest(
  arrival: Arrival,
  form: HostForm,
  headers: IncomingHttpHeaders,
): GatewayRequest | Elsewhere {
  const mark = arrival.target.indexOf('?')
  const path = collapse(mark === -1 ? arrival.target : arrival.target.slice(0, mark))
  const query = mark === -1 ? '' : arrival.target.slice(mark)
  if (path.length > maxPathBytes)
    throw new AppError('invalid_request', `The path is longer than ${maxPathBytes} bytes.`)
  const parameters = firstValues(readQuery(query.slice(1)))
  const rest = { query, parameters, headers, host: arrival.host }
  if (form.kind === 'subdomain') return ofSubdomain(arrival, form, path, rest)
  if (form.kind === 'dnslink') {
    return requestOf({ space: 'ipns', root: undefined, name: form.name, below: path, path, form, ...rest })
  }
  const [, space, name = '', below = ''] = /^\/(ipfs|ipns|files)\/([^/]*)(\/.*)?$/.exec(path) ?? []
  if (space === undefined) throw new AppError('not_found', 'Nothing is served here. Content is at /ipfs/{cid}.')
  if (name === '' && space !== 'files' && parameters['uri'] !== undefined) return ofUri(parameters['uri'])
  if (form.kind === 'apex' && space !== 'files') {
    const label = space === 'ipfs' ? labelOfCid(readRoot(name, path)) : labelOfName(decodeSegment(name))
    return { status: 301, location: addressOf(arrival.scheme, label, arrival.host, `${below || '/'}${query}`) }
  }
  const shared = { below, path, form: { kind: 'path' } as const, ...rest }
  if (space === 'ipns') return ofName(decodeSegment(name), shared)
  const root = readRoot(name, path)
  if (space === 'ipfs' && root.codec === codecs.libp2pKey) {
    return requestOf({ space: 'ipns', root: undefined, name: formatIpnsName(root), ...shared })
  }
  return requestOf({ space: space === 'files' ? 'files' : 'ipfs', root, name: decodeSegment(name), ...shared })
}

type Shared = Pick<GatewayRequest, 'path' | 'form' | 'query' | 'parameters' | 'headers' | 'host'> & { below: string }

/** A name in a path. Those in base58 have a spelling that is fit for every place: it is the one that is served. */
function ofName(name: string, shared: Shared): GatewayRequest | Elsewhere {
  const key = findIpnsName(name)
  if (key === undefined && !name.includes('.')) throw notAName(name)
  if (key !== undefined && /^(1|Qm)/.test(name)) {
    return { status: 302, location: `/ipns/${formatIpnsName(key)}${shared.below}${shared.query}` }
  }
  return requestOf({ space: 'ipns', root: undefined, name, ...shared })
}

function ofSubdomain(
  arrival: Arrival,
  form: Extract<HostForm, { kind: 'subdomain' }>,
  path: string,
  rest: Omit<Shared, 'below' | 'path' | 'form'>,
): GatewayRequest | Elsewhere {
  const root = form.space === 'ipfs' ? readRoot(form.label, `/ipfs/${form.label}`) : undefined
  const name = root === undefined ? nameOfLabel(form.label) : form.label
  const canonical = root === undefined ? labelOfName(name) : labelOfCid(root)
  const isWrittenOut = root === undefined && form.label.includes('.')
  // A domain that is written out has no certificate of ours below the host.
  if (
    canonical.space !== form.space ||
    (canonical.label !== form.label && (!isWrittenOut || arrival.scheme === 'https'))
  ) {
    return { status: 301, location: addressOf(arrival.scheme, canonical, form.apex, `${path}${rest.query}`) }
  }
  return requestOf({ space: form.space, root, name, below: path, path, form, ...rest })
}

/** `?uri=ipfs://…`: how browsers hand over addresses of other schemes. It leads to this host and to content only. */
function ofUri(uri: string): Elsewhere {
  const [, space = '', name = '', below = ''] = /^(ipfs|ipns):\/\/([^/?#]+)(.*)$/is.exec(uri) ?? []
  if (name === '')
    throw new AppError('invalid_request', 'uri must be an address such as ipfs://{cid} or ipns://{name}.')
  const rest = encodeURI(below.toWellFormed()).replaceAll('%25', '%')
  return { status: 301, location: `/${space.toLowerCase()}/${encodeURIComponent(name.toWellFormed())}${rest}` }
}

function addressOf(
  scheme: string,
  { space, label }: { space: string; label: string },
  host: string,
  rest: string,
): string {
  return `${scheme}://${label}.${space}.${host}${upperEscapes(rest)}`
}

function upperEscapes(text: string): string {
  return text.replace(/%[\da-f]{2}/gi, (escape) => escape.toUpperCase())
}

function requestOf({ below, ...read }: Shared & Pick<GatewayRequest, 'space' | 'root' | 'name'>): GatewayRequest {
  const pieces = below === '' ? [] : below.slice(1).split('/')
  const trailingSlash = pieces.at(-1) === ''
  if (trailingSlash) pieces.pop()
  if (pieces.length > maxSegments)
    throw new AppError('invalid_request', `The path has more than ${maxSegments} segments.`)
  const { parameters, headers, space, name } = read
  return {
    ...read,
    ...readFormat(parameters, headers),
    segments: pieces.map((piece) => decodeSegment(piece)),
    contentPath: read.form.kind === 'path' ? read.path : `/${space}/${name}${below}`,
    trailingSlash: trailingSlash || (read.form.kind !== 'path' && pieces.length === 0),
    filename: parameters['filename']?.slice(0, 1_024),
    download: /^(true|1)$/i.test(parameters['download'] ?? ''),
  }
}

/** Programs double slashes; one is meant. It also keeps `//host` out of every Location. */
function collapse(path: string): string {
  return path.replace(/\/{2,}/g, '/')
}

function readRoot(text: string, path: string): Cid {
  try {
    return parseCid(decodeURIComponent(text))
  } catch (error) {
    throw new AppError(
      'invalid_cid',
      `invalid path "${path.slice(0, 300)}": ${text === '' ? 'there is no CID' : error instanceof AppError ? error.message : 'the CID is not readable'}`,
      { cause: error },
    )
  }
}

function decodeSegment(piece: string): string {
  try {
    return decodeURIComponent(piece)
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `The path has a percent sign that is no escape: ${piece.slice(0, 100)}. A percent sign in a name is written %25.`,
      { cause: error },
    )
  }
}

function firstValues(query: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? (value[0] ?? '') : value]),
  )
}
