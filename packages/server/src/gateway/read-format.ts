import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../lib/errors.ts'

/** The form in which content is asked for. `any`: as it is, for people and programs that want the content itself. */
type Format = 'any' | 'raw' | 'car' | 'tar' | 'dag-json' | 'dag-cbor' | 'json' | 'cbor' | 'ipns-record'

/** What a request wants to have. */
export interface Wanted {
  readonly format: Format
  /** True when only the Accept header asked for the format. */
  readonly formatByAccept: boolean
  /** True for browsers: structured data may be shown as a page. */
  readonly prefersHtml: boolean
}

/** https://specs.ipfs.tech/http-gateways/path-gateway/#accept-request-header */
const types: Readonly<Record<string, Format>> = {
  'application/vnd.ipld.raw': 'raw',
  'application/vnd.ipld.car': 'car',
  'application/x-tar': 'tar',
  'application/vnd.ipld.dag-json': 'dag-json',
  'application/vnd.ipld.dag-cbor': 'dag-cbor',
  'application/json': 'json',
  'application/cbor': 'cbor',
  'application/vnd.ipfs.ipns-record': 'ipns-record',
}
const formats = new Set<string>(Object.values(types))

/** The format that query and headers ask for; the query wins (IPIP-523). Throws `invalid_request` for an unknown one. */
export function readFormat(parameters: Readonly<Record<string, string>>, { accept = '' }: IncomingHttpHeaders): Wanted {
  const asked = parameters['format']
  if (asked !== undefined && asked !== '') {
    if (!formats.has(asked)) {
      throw new AppError(
        'invalid_request',
        `There is no format ${JSON.stringify(asked.slice(0, 40))}. Formats: ${[...formats].join(', ')}.`,
      )
    }
    return { format: asked as Format, formatByAccept: false, prefersHtml: false } // one of the set
  }
  if (accept === '' || accept === '*/*') return asIs
  const ranges = readAccept(accept)
  const takesAnything = ranges.includes('*/*')
  for (const type of ranges) {
    if (type === 'text/html') return { format: 'any', formatByAccept: false, prefersHtml: true }
    const format = types[type]
    // Libraries send `application/json, text/plain, */*` with everything: that is no wish.
    if (format === undefined || (takesAnything && (format === 'json' || format === 'cbor'))) continue
    return { format, formatByAccept: true, prefersHtml: false }
  }
  return asIs
}

const asIs: Wanted = { format: 'any', formatByAccept: false, prefersHtml: false }

/** Media ranges without parameters, the most wanted first (RFC 9110 section 12.5.1). */
function readAccept(accept: string): string[] {
  return accept
    .slice(0, 2_000)
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
      const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1)
      return { type, quality: Number.isNaN(quality) ? 1 : quality }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ type }) => type)
}
