import { isUtf8 } from 'node:buffer'
import { type Cid, parseCid } from './cid.ts'
import { malformed } from './protobuf.ts'

/** Nesting that real data does not have; as for CBOR. */
const maxDepth = 512

/**
 * The links of a DAG-JSON block: maps whose only key is `/` and whose value is the text of a CID
 * (https://ipld.io/specs/codecs/dag-json/spec/). Throws `invalid_block`.
 */
export function jsonLinks(bytes: Uint8Array): Cid[] {
  const links: Cid[] = []
  const open = [parse(bytes)]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const link = linkOf(value)
    if (link === undefined) pushInOrder(open, value)
    else links.push(link)
  }
  return links
}

function linkOf(value: object): Cid | undefined {
  if (!Object.hasOwn(value, '/')) return undefined
  const inside: unknown = Reflect.get(value, '/')
  if (typeof inside !== 'string') return undefined
  if (Object.keys(value).length > 1) throw malformed('a JSON link with other keys beside it')
  return parseCid(inside)
}

/** So that what stands first is taken from the end first. */
function pushInOrder(open: unknown[], value: object): void {
  const inside: unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (let i = inside.length - 1; i >= 0; i--) if (typeof inside[i] === 'object') open.push(inside[i])
}

function parse(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) throw malformed('JSON that is not UTF-8')
  requireShallow(bytes)
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
  } catch (cause) {
    throw malformed('it is not JSON', cause)
  }
}

function requireShallow(bytes: Uint8Array): void {
  let depth = 0
  let inText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inText) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) inText = false
    } else if (byte === 0x22) {
      inText = true
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) throw malformed(`JSON nested deeper than ${maxDepth}`)
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--
    }
  }
}
