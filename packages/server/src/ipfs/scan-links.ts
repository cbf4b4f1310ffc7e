import { type Cid, cidFromBytes } from './cid.ts'
import { malformed } from './protobuf.ts'

/**
 * Goes over the links of a dag-pb node without making an object for any of them: looking for one name, or only for the
 * data, costs a fraction of `decodePbNode`. It accepts a little more than that does (order and doubles of fields), never
 * reads outside `bytes`, and throws `invalid_block` for what it cannot pass over.
 */
export class LinkScan {
  readonly bytes: Uint8Array
  #at = 0
  /** The data of the node; known for sure once `next` has said false. */
  data: Uint8Array | undefined
  /** Where CID and name of the current link stand; what follows the name (its Tsize) ends at `endsAt`. */
  cidAt = 0
  cidEndsAt = 0
  nameAt = 0
  nameEndsAt = 0
  endsAt = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Moves over the next field, and over as many as it takes to reach a link; false at the end. */
  next(): boolean {
    const { bytes } = this
    while (this.#at < bytes.length) {
      const key = bytes[this.#at++]
      const length = this.#number(bytes.length)
      const at = this.#at
      if (length > bytes.length - at) throw malformed('a length that goes past its end')
      this.#at = at + length
      if (key === 0x12) {
        this.#readLink(at, at + length)
        return true
      }
      if (key !== 0x0a || this.data !== undefined) throw malformed('not a dag-pb node')
      this.data = bytes.subarray(at, at + length)
    }
    return false
  }

  /** Goes over all links and says how many there were. */
  count(): number {
    let count = 0
    while (this.next()) count++
    return count
  }

  /** The CID of the current link. Throws `invalid_block` or `invalid_cid`. */
  cid(): Cid {
    const { cid, length } = cidFromBytes(this.bytes, this.cidAt)
    if (length !== this.cidEndsAt - this.cidAt) throw malformed('a link whose CID does not fill its field')
    return cid
  }

  /** True when the name of the current link, from `skip` bytes on, is `name`. */
  isNamed(name: Uint8Array, skip = 0): boolean {
    const at = this.nameAt + skip
    if (this.nameEndsAt - at !== name.length) return false
    return this.startsWith(name, skip)
  }

  /** True when the name of the current link, from `skip` bytes on, begins with `prefix`. */
  startsWith(prefix: Uint8Array, skip = 0): boolean {
    const at = this.nameAt + skip
    if (this.nameEndsAt - at < prefix.length) return false
    for (let i = 0; i < prefix.length; i++) if (this.bytes[at + i] !== prefix[i]) return false
    return true
  }

  /** The name of the current link from `skip` bytes on, as text. */
  name(skip = 0): string {
    const { buffer, byteOffset } = this.bytes
    return Buffer.from(buffer, byteOffset + this.nameAt + skip, this.nameBytes - skip).toString('utf8')
  }

  get nameBytes(): number {
    return this.nameEndsAt - this.nameAt
  }

  /** What the author says lies below the current link; 0 when nothing is said. */
  tsize(): number {
    if (this.nameEndsAt === this.endsAt) return 0
    const after = this.#at
    this.#at = this.nameEndsAt
    if (this.bytes[this.#at++] !== 0x18) throw malformed('a field of a link is out of place')
    const tsize = this.#number(this.endsAt)
    this.#at = after
    return tsize
  }

  #readLink(at: number, end: number): void {
    const after = this.#at
    this.#at = at
    if (this.bytes[this.#at++] !== 0x0a) throw malformed('a link without a CID')
    this.cidAt = this.#field(end)
    this.cidEndsAt = this.#at
    this.nameAt = this.#at
    if (this.#at < end && this.bytes[this.#at] === 0x12) {
      this.#at++
      this.nameAt = this.#field(end)
    }
    this.nameEndsAt = this.#at
    this.endsAt = end
    this.#at = after
  }

  /** Passes over a field of bytes and says where they begin. */
  #field(end: number): number {
    const length = this.#number(end)
    const at = this.#at
    if (length > end - at) throw malformed('a length that goes past its end')
    this.#at = at + length
    return at
  }

  #number(end: number): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 8 && this.#at < end; i++) {
      const byte = this.bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) throw malformed('a number above 2^53')
        return value
      }
      factor *= 128
    }
    throw malformed('a number without an end')
  }
}
