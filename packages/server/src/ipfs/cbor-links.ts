import { maxLinksOfBlock } from './block.ts'
import { type Cid, cidFromBytes } from './cid.ts'
import { malformed } from './protobuf.ts'

/** Nesting that real data does not have; a decoder that recurses would overflow far above it. */
const maxDepth = 512

/** What the major types of CBOR (RFC 8949, section 3.1) are. */
const major = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const

/** The tag of a CID; DAG-CBOR has no other (https://ipld.io/specs/codecs/dag-cbor/spec/). */
const cidTag = 42

/**
 * The links of a DAG-CBOR block. Goes over the bytes once, without recursion and without building the data, so that
 * neither nesting nor declared lengths cost anything. Throws `invalid_block` when it is not well-formed DAG-CBOR.
 */
export function cborLinks(bytes: Uint8Array, depthLimit = maxDepth): Cid[] {
  const links: Cid[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** For each open array or map: how many items it still wants, and whether it is a map. */
  const left: number[] = []
  const isMap: boolean[] = []
  let at = 0
  /** What the last head said after its type: a number, a length, a count or a tag. */
  let argument = 0

  do {
    const depth = left.length - 1
    let wantsKey = false
    if (depth >= 0) {
      // Both arrays have an entry for each open array or map.
      left[depth]!--
      wantsKey = isMap[depth]! && left[depth]! % 2 === 1
    }
    const type = readHead()
    if (wantsKey && type !== major.text) throw malformed('a CBOR map with a key that is not text')
    if (type === major.bytes || type === major.text) take(argument)
    else if (type === major.array) openItems(argument, false)
    else if (type === major.map) openItems(argument * 2, true)
    else if (type === major.tag) links.push(readLink())
    while (left.at(-1) === 0) {
      left.pop()
      isMap.pop()
    }
  } while (left.length > 0)
  if (at !== bytes.length) throw malformed('bytes after the end of its CBOR')
  return links

  function readHead(): number {
    const first = bytes[at++]
    if (first === undefined) throw malformed('CBOR that ends too early')
    const type = first >> 5
    argument = first & 31
    if (type === major.simple) {
      // false, true, null, undefined, and floating point numbers of two, four and eight bytes.
      if (argument < 20 || argument > 27 || argument === 24) throw malformed('a CBOR value that DAG-CBOR does not have')
      if (argument > 24) take(1 << (argument - 24))
    } else if (argument >= 24) {
      argument = readArgument(argument)
    }
    return type
  }

  function readArgument(info: number): number {
    if (info > 27) throw malformed('CBOR without a stated length')
    const start = take(1 << (info - 24))
    if (info === 24) return view.getUint8(start)
    if (info === 25) return view.getUint16(start)
    if (info === 26) return view.getUint32(start)
    return view.getUint32(start) * 0x1_0000_0000 + view.getUint32(start + 4)
  }

  function openItems(count: number, map: boolean): void {
    // Every item takes a byte at least.
    if (count > bytes.length - at) throw malformed('CBOR that ends too early')
    if (left.length === depthLimit) throw malformed(`CBOR nested deeper than ${depthLimit}`)
    if (count === 0) return
    left.push(count)
    isMap.push(map)
  }

  function readLink(): Cid {
    if (argument !== cidTag) throw malformed(`CBOR tag ${argument}, which DAG-CBOR does not have`)
    const start = readHead() === major.bytes ? take(argument) : -1
    // The CID stands behind a zero byte, for the multibase prefix of binary.
    if (start < 0 || bytes[start] !== 0) throw malformed('a CBOR link that is not a CID')
    const { cid, length } = cidFromBytes(bytes, start + 1)
    if (length !== argument - 1) throw malformed('a CBOR link with bytes after its CID')
    if (links.length === maxLinksOfBlock) throw malformed(`more than ${maxLinksOfBlock} links`)
    return cid
  }

  function take(length: number): number {
    if (length > bytes.length - at) throw malformed('CBOR that ends too early')
    const start = at
    at += length
    return start
  }
}
