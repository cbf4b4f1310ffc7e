import { type Cid, parseCid } from './cid.ts'
import { CborScan } from './cbor-scan.ts'
import { malformed } from './protobuf.ts'

/**
 * Where a path through structured data leads. `link`: to this CID, after `used` segments. `value`: all segments exist
 * and end on something that is no link. `missing`: the segment with this index does not exist.
 */
export type FoundInData =
  | { readonly outcome: 'link'; readonly cid: Cid; readonly used: number }
  | { readonly outcome: 'value' }
  | { readonly outcome: 'missing'; readonly index: number }

/**
 * Follows map keys and list indexes through a dag-cbor block until a link (https://ipld.io/specs/codecs/dag-cbor/spec/),
 * without decoding what lies beside the path: depth and width cost nothing but reading. Throws `invalid_block`.
 */
export function findInDagCbor(bytes: Uint8Array, segments: readonly string[]): FoundInData {
  const scan = new CborScan(bytes)
  for (let used = 0; ; used++) {
    const item = scan.head()
    if (item === 'link') return { outcome: 'link', cid: scan.link(), used }
    const segment = segments[used]
    if (segment === undefined) return { outcome: 'value' }
    const isThere =
      item === 'map' ? scan.enterKey(Buffer.from(segment)) : item === 'list' && scan.enterIndex(listIndexOf(segment))
    if (!isThere) return { outcome: 'missing', index: used }
  }
}

/** As `findInDagCbor`, for dag-json (https://ipld.io/specs/codecs/dag-json/spec/). */
export function findInDagJson(bytes: Uint8Array, segments: readonly string[]): FoundInData {
  let value = parseJson(bytes)
  for (let used = 0; ; used++) {
    const link = linkOf(value)
    if (link !== undefined) return { outcome: 'link', cid: parseCid(link), used }
    const segment = segments[used]
    if (segment === undefined) return { outcome: 'value' }
    const below = Array.isArray(value)
      ? value[listIndexOf(segment)]
      : isBytes(value)
        ? undefined
        : memberOf(value, segment)
    if (below === undefined) return { outcome: 'missing', index: used }
    value = below
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw malformed('it is no dag-json', cause)
  }
}

/** The text of a link, which is a map with the one key `/` and a text. */
function linkOf(value: unknown): string | undefined {
  const text = memberOf(value, '/')
  // `memberOf` has found something, so this is an object.
  return typeof text === 'string' && Object.keys(value as object).length === 1 ? text : undefined
}

/** `{"/":{"bytes":"..."}}` stands for bytes, which have no members. */
function isBytes(value: unknown): boolean {
  return typeof memberOf(memberOf(value, '/'), 'bytes') === 'string'
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.getOwnPropertyDescriptor(value, key)?.value
}

/** A list index in its only spelling; -1, which no list has, for other text. */
function listIndexOf(segment: string): number {
  return /^(0|[1-9]\d{0,9})$/.test(segment) ? Number(segment) : -1
}
