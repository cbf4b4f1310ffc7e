import { AppError } from '../lib/errors.ts'

/** The wire types (https://protobuf.dev/programming-guides/encoding/) that are understood. Groups are refused. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Reads one protobuf message field by field. Every length is held against the bytes that are there, so nothing is
 * allocated on the word of the sender. Throws `invalid_block`.
 */
export class ProtobufReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number
  /** Field number and wire type of what `next` found. */
  field = 0
  type = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#end) return false
    const key = this.#number()
    this.type = key & 7
    this.field = Math.floor(key / 8)
    if (this.field === 0) throw malformed('a field without a number')
    return true
  }

  /** This field as a number up to 2^53 - 1. */
  varint(): number {
    this.#require(wire.varint)
    return this.#number()
  }

  /** This field as a signed 64 bit number that must be a safe integer. */
  int64(): number {
    this.#require(wire.varint)
    const start = this.#at
    while ((this.#bytes[this.#at] ?? 0) >= 0x80 && this.#at < this.#end) this.#at++
    const length = ++this.#at - start
    if (this.#at > this.#end || length > 10) throw malformed('a number without an end')
    let value = 0n
    for (let i = this.#at - 1; i >= start; i--) value = (value << 7n) | BigInt((this.#bytes[i] ?? 0) & 0x7f)
    const signed = Number(BigInt.asIntN(64, value))
    if (!Number.isSafeInteger(signed)) throw malformed('a number beyond 2^53')
    return signed
  }

  /** This field as an unsigned 64 bit number of any size. */
  uint64(): bigint {
    this.#require(wire.varint)
    let value = 0n
    for (let i = 0n; i < 10n && this.#at < this.#end; i++) {
      const byte = this.#bytes[this.#at++] ?? 0
      value |= BigInt(byte & 0x7f) << (7n * i)
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw malformed('a number without an end')
  }

  /** This field as an unsigned 32 bit number of fixed width. */
  fixed32(): number {
    this.#require(wire.fixed32)
    const at = this.#advance(4)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 4).getUint32(0, true)
  }

  /** A view of the bytes of this field. */
  bytes(): Uint8Array {
    this.#require(wire.bytes)
    const start = this.#advance(this.#number())
    return this.#bytes.subarray(start, this.#at)
  }

  /** The bytes of this field as a message of its own. */
  message(): ProtobufReader {
    this.#require(wire.bytes)
    const start = this.#advance(this.#number())
    return new ProtobufReader(this.#bytes, start, this.#at)
  }

  /** Adds the numbers that this field holds packed one after another. */
  packed(into: number[]): void {
    const { length } = this.bytes()
    const end = this.#at
    this.#at -= length
    while (this.#at < end) into.push(this.#number())
    if (this.#at > end) throw malformed('a number that goes past its field')
  }

  /** Passes over a field that is not known. */
  skip(): void {
    if (this.type === wire.varint) this.#number(true)
    else if (this.type === wire.fixed64) this.#advance(8)
    else if (this.type === wire.bytes) this.#advance(this.#number())
    else if (this.type === wire.fixed32) this.#advance(4)
    else throw malformed(`wire type ${this.type}`)
  }

  #require(type: number): void {
    if (this.type !== type) throw malformed(`wire type ${this.type} in field ${this.field}`)
  }

  /** Where the next `length` bytes begin, and past them. */
  #advance(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw malformed('a length that goes past its end')
    this.#at = start + length
    return start
  }

  /** A bare varint. Unsafe numbers are refused unless they are only passed over. */
  #number(anySize = false): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10 && this.#at < this.#end; i++) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (!anySize && value > Number.MAX_SAFE_INTEGER) throw malformed('a number above 2^53')
        return value
      }
      factor *= 128
    }
    throw malformed('a number without an end')
  }
}

/** The error for a block whose bytes are not what its codec says. */
export function malformed(what: string, cause?: unknown): AppError {
  return new AppError('invalid_block', `A block is malformed: ${what}`, { cause })
}
