import { isUtf8 } from 'node:buffer'
import { maxLinksOfBlock } from './block.ts'
import { type Cid, parseCid } from './cid.ts'
import { malformed } from './protobuf.ts'

/** Nesting that real data does not have; as for CBOR. */
const maxDepth = 512

const char = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  u: 0x75,
  openMap: 0x7b,
  closeMap: 0x7d,
}
const shortEscapes = new Set(Buffer.from('"\\/bfnrt'))
const scalar = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/

/** An array or map on the way to the place that is being read. */
interface Level {
  isMap: boolean
  keyCount: number
  /** True while the value to come stands under the key `/`. */
  isUnderSlash: boolean
  /** The text under the key `/`, in its quotes. */
  link: string | undefined
}

/**
 * The links of a DAG-JSON block: maps whose only key is `/` and whose value is the text of a CID
 * (https://ipld.io/specs/codecs/dag-json/spec/). Goes over the bytes once, without recursion and without building the
 * data, which takes many times the room of its text. Throws `invalid_block`, or `invalid_cid` for what a link holds.
 */
export function jsonLinks(bytes: Uint8Array): Cid[] {
  if (!isUtf8(bytes)) throw malformed('JSON that is not UTF-8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const links: Cid[] = []
  /** Levels are used again, so that a million small values make no garbage. */
  const levels: Level[] = []
  let depth = 0
  let at = 0

  do if (readValue()) goOn()
  while (depth > 0)
  if (next() !== undefined) throw malformed('bytes after the end of its JSON')
  return links

  /** Reads a whole value, or into an array or map up to its first value. True when the value is whole. */
  function readValue(): boolean {
    const first = next()
    if (first === char.openArray || first === char.openMap) return enter(first === char.openMap)
    if (first === char.quote) {
      const start = at
      readText()
      const level = levels[depth - 1]
      if (depth > 0 && level?.isUnderSlash === true) level.link = text.toString('utf8', start, at)
      return true
    }
    const start = at
    while (isOfScalar(text[at])) at++
    if (!scalar.test(text.toString('latin1', start, at))) throw malformed('it is not JSON')
    return true
  }

  function enter(isMap: boolean): boolean {
    if (depth === maxDepth) throw malformed(`JSON nested deeper than ${maxDepth}`)
    levels[depth++] ??= { isMap, keyCount: 0, isUnderSlash: false, link: undefined }
    const level = levels[depth - 1]!
    level.isMap = isMap
    level.keyCount = 0
    level.isUnderSlash = false
    level.link = undefined
    at++
    if (next() === (isMap ? char.closeMap : char.closeArray)) {
      at++
      depth--
      return true
    }
    if (isMap) readKey(level)
    return false
  }

  /** After a whole value: closes what ends here, up to where the next value begins. */
  function goOn(): void {
    while (depth > 0) {
      // There is a level for every depth that was entered.
      const level = levels[depth - 1]!
      const found = next()
      at++
      if (found === char.comma) {
        if (level.isMap) readKey(level)
        return
      }
      if (found !== (level.isMap ? char.closeMap : char.closeArray)) throw malformed('it is not JSON')
      if (level.link !== undefined) addLink(level.link, level.keyCount)
      depth--
    }
  }

  function readKey(level: Level): void {
    if (next() !== char.quote) throw malformed('it is not JSON')
    const start = at
    readText()
    level.isUnderSlash = isSlash(text, start, at)
    level.keyCount++
    if (next() !== char.colon) throw malformed('it is not JSON')
    at++
  }

  function addLink(link: string, keyCount: number): void {
    if (keyCount > 1) throw malformed('a JSON link with other keys beside it')
    if (links.length === maxLinksOfBlock) throw malformed(`more than ${maxLinksOfBlock} links`)
    links.push(parseCid(link.includes('\\') ? String(JSON.parse(link)) : link.slice(1, -1)))
  }

  /** Past the text whose quote is here. */
  function readText(): void {
    for (at++; text[at] !== char.quote; at++) {
      const byte = text[at] ?? 0
      if (byte < 0x20) throw malformed('it is not JSON')
      if (byte === char.backslash) readEscape()
    }
    at++
  }

  function readEscape(): void {
    const kind = text[++at] ?? 0
    if (kind === char.u && /^[0-9a-fA-F]{4}$/.test(text.toString('latin1', at + 1, at + 5))) at += 4
    else if (!shortEscapes.has(kind)) throw malformed('it is not JSON')
  }

  /** The next byte that is not white space; undefined at the end. */
  function next(): number | undefined {
    let byte = text[at]
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = text[++at]
    return byte
  }
}

function isOfScalar(byte = 0): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x45
  )
}

/** Whether the text in quotes between `start` and `end` is `/`, maybe escaped. */
function isSlash(text: Buffer, start: number, end: number): boolean {
  if (end - start === 3) return text[start + 1] === 0x2f
  if (text[start + 1] !== char.backslash || end - start > 8) return false
  return JSON.parse(text.toString('latin1', start, end)) === '/'
}
