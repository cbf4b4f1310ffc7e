import type { IncomingHttpHeaders } from 'node:http'
import { readQuery } from '../http/query.ts'
import { formatCid, parseCid, type Cid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'

/** The form in which content is asked for. `any`: as it is, for people and programs that want the content itself. */
export type Format = 'any' | 'raw' | 'car'

/** A request for content, read and checked. */
export interface GatewayRequest {
  /** `ipfs`: what is public. `files`: private files, by links. */
  readonly space: 'ipfs' | 'files'
  readonly root: Cid
  /** Decoded once each. */
  readonly segments: readonly string[]
  /** Path as sent, without the query. It may stand in a header: Node takes only printable ASCII in an address. */
  readonly path: string
  /** With its question mark, as sent. */
  readonly query: string
  readonly trailingSlash: boolean
  readonly format: Format
  /** True when only the Accept header asked for the format. */
  readonly formatByAccept: boolean
  readonly filename: string | undefined
  readonly download: boolean
  readonly parameters: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
}

const maxPathBytes = 8_192
const maxSegments = 256

/** Reads `/ipfs/{cid}[/path]` and `/files/{cid}[/path]`. Throws `invalid_cid`, `invalid_request`, `not_found` for other addresses. */
export function readGatewayRequest(url: string, headers: IncomingHttpHeaders): GatewayRequest {
  const mark = url.indexOf('?')
  const path = collapse(mark === -1 ? url : url.slice(0, mark))
  const query = mark === -1 ? '' : url.slice(mark)
  if (path.length > maxPathBytes)
    throw new AppError('invalid_request', `The path is longer than ${maxPathBytes} bytes.`)
  const space = /^\/(ipfs|files)\//.exec(path)?.[1]
  if (space !== 'ipfs' && space !== 'files')
    throw new AppError('not_found', 'Nothing is served here. Content is at /ipfs/{cid}.')
  const pieces = path.slice(space.length + 2).split('/')
  const trailingSlash = pieces.at(-1) === ''
  if (trailingSlash) pieces.pop()
  if (pieces.length > maxSegments)
    throw new AppError('invalid_request', `The path has more than ${maxSegments} segments.`)
  const [cidText = '', ...rest] = pieces
  const parameters = firstValues(readQuery(query.slice(1)))
  const { format, formatByAccept } = readFormat(parameters, headers)
  return {
    space,
    root: readRoot(cidText, path),
    segments: rest.map((piece) => decodeSegment(piece)),
    path,
    query,
    trailingSlash,
    format,
    formatByAccept,
    filename: parameters['filename']?.slice(0, 1_024),
    download: /^(true|1)$/i.test(parameters['download'] ?? ''),
    parameters,
    headers,
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

/** The query wins over Accept (IPIP-523). Forms that are known and not built are 501, unknown ones 400. */
function readFormat(
  parameters: Record<string, string>,
  headers: IncomingHttpHeaders,
): { format: Format; formatByAccept: boolean } {
  const asked = parameters['format']
  if (asked === 'raw' || asked === 'car') return { format: asked, formatByAccept: false }
  if (asked !== undefined && asked !== '') {
    if (/^(tar|dag-json|dag-cbor|json|cbor|ipns-record)$/.test(asked))
      throw new AppError('not_supported', `format=${asked} is not built yet; raw and car are.`)
    throw new AppError('invalid_request', 'format must be raw or car.')
  }
  const accept = headers.accept ?? ''
  if (/application\/vnd\.ipld\.raw/.test(accept)) return { format: 'raw', formatByAccept: true }
  if (/application\/vnd\.ipld\.car/.test(accept)) return { format: 'car', formatByAccept: true }
  return { format: 'any', formatByAccept: false }
}

/** `X-Ipfs-Roots`: one CID for each logical segment. */
export function headerRoots(roots: readonly Cid[]): string {
  return roots.map((cid) => formatCid(cid)).join(',')
}
