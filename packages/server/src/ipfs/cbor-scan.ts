import { type Cid, cidFromBytes } from './cid.ts'
import { malformed } from './protobuf.ts'

/** What an item of dag-cbor is, as far as a path is concerned. */
export type CborItem = 'map' | 'list' | 'link' | 'scalar'

const major = { bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const
const linkTag = 42

/**
 * Goes through dag-cbor from front to back without building values and without recursion: nesting and counts, however
 * large they claim to be, cost no more than the bytes that are there. Throws `invalid_block`.
 */
export class CborScan {
  readonly #bytes: Uint8Array
  #at = 0
  /** Major type and argument of the last head. */
  #major = 0
  #argument = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Reads the head of the next item. Of a map or list its content follows, of a link `link()`; a scalar is passed over. */
  head(): CborItem {
    this.#readHead()
    if (this.#major === major.map) return 'map'
    if (this.#major === major.list) return 'list'
    if (this.#major === major.tag) {
      if (this.#argument !== linkTag) throw malformed(`dag-cbor has no tag ${this.#argument}`)
      return 'link'
    }
    this.#passContent()
    return 'scalar'
  }

  /** After the head of a link: the CID in it. */
  link(): Cid {
    this.#readHead()
    if (this.#major !== major.bytes) throw malformed('a link without bytes')
    const at = this.#at
    this.#passContent()
    if (this.#bytes[at] !== 0 || this.#argument < 2) throw malformed('a link without the leading zero')
    const { cid, length } = cidFromBytes(this.#bytes.subarray(at + 1, this.#at))
    if (length !== this.#argument - 1) throw malformed('a link with bytes after its CID')
    return cid
  }

  /** After the head of a map: moves to the value under this key, or past the map when it has no such key. */
  enterKey(key: Uint8Array): boolean {
    const entries = this.#argument
    for (let i = 0; i < entries; i++) {
      this.#readHead()
      if (this.#major !== major.text) throw malformed('a map with a key that is no text')
      const at = this.#at
      this.#passContent()
      if (this.#argument === key.length && this.#isAt(at, key)) return true
      this.#skip(1)
    }
    return false
  }

  /** After the head of a list: moves to the item with this index; false when there is none. */
  enterIndex(index: number): boolean {
    if (index < 0 || index >= this.#argument) return false
    this.#skip(index)
    return true
  }

  /** Passes over whole items. Every item takes at least a byte, so a count above the bytes left is a lie. */
  #skip(items: number): void {
    for (let left = items; left > 0;) {
      this.#readHead()
      left--
      if (this.#major === major.list) left += this.#argument
      else if (this.#major === major.map) left += 2 * this.#argument
      else if (this.#major === major.tag) left += 1
      else this.#passContent()
      if (left > this.#bytes.length - this.#at) throw malformed('more items than bytes')
    }
  }

  #passContent(): void {
    if (this.#major !== major.bytes && this.#major !== major.text) return
    if (this.#argument > this.#bytes.length - this.#at) throw malformed('a length that goes past its end')
    this.#at += this.#argument
  }

  #readHead(): void {
    const first = this.#byte()
    this.#major = first >> 5
    const size = first & 31
    if (size < 24) this.#argument = size
    else if (size <= 27) {
      this.#argument = 0
      for (let i = 2 ** (size - 24); i > 0; i--) this.#argument = this.#argument * 256 + this.#byte()
    } else throw malformed('an item without a definite length')
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw malformed('it ends too early')
    return byte
  }

  #isAt(at: number, wanted: Uint8Array): boolean {
    for (let i = 0; i < wanted.length; i++) if (this.#bytes[at + i] !== wanted[i]) return false
    return true
  }
}
