import { varintLength, writeVarint } from '../lib/varint.ts'
import { type Cid, cidBytes } from './cid.ts'

/** Payloads up to here are copied together; larger ones go out as they are. */
const smallBytes = 16 * 1024
const pieceBytes = 64 * 1024

/**
 * Frames blocks as a CARv1 (https://ipld.io/specs/transport/car/carv1/): the header, then sections. Small sections are
 * gathered, so that a DAG of little blocks does not cost a write for each.
 */
export class CarPieces {
  #gathered = Buffer.allocUnsafe(pieceBytes)
  #used = 0

  constructor(roots: readonly Cid[]) {
    const header = headerOf(roots)
    this.#reserve(header.length + 9)
    this.#used = writeVarint(header.length, this.#gathered, 0)
    this.#write(header)
  }

  /** Takes the next block and gives what is ready to go out. */
  *add(cid: Cid, block: Uint8Array): Generator<Uint8Array> {
    const id = cidBytes(cid)
    const length = id.length + block.length
    const copied = block.length <= smallBytes ? length : id.length
    if (this.#used + varintLength(length) + copied > this.#gathered.length) yield* this.end()
    this.#used = writeVarint(length, this.#gathered, this.#used)
    this.#write(id)
    if (block.length <= smallBytes) {
      this.#write(block)
    } else {
      yield* this.end()
      yield block
    }
  }

  /** What is still gathered. */
  *end(): Generator<Uint8Array> {
    if (this.#used === 0) return
    const piece = this.#gathered.subarray(0, this.#used)
    const rest = this.#gathered.subarray(this.#used)
    // What is left of the buffer is used on, so that fronts of large blocks do not cost a buffer each.
    this.#gathered = rest.length > 2 * smallBytes ? rest : Buffer.allocUnsafe(pieceBytes)
    this.#used = 0
    yield piece
  }

  #write(bytes: Uint8Array): void {
    this.#gathered.set(bytes, this.#used)
    this.#used += bytes.length
  }

  #reserve(length: number): void {
    if (length > this.#gathered.length) this.#gathered = Buffer.allocUnsafe(length)
  }
}

/** `{ roots: [...], version: 1 }` in dag-cbor. */
function headerOf(roots: readonly Cid[]): Uint8Array {
  const parts = [Buffer.of(0xa2, 0x65), Buffer.from('roots'), head(4, roots.length)]
  for (const root of roots) {
    const id = cidBytes(root)
    parts.push(Buffer.of(0xd8, 42), head(2, id.length + 1), Buffer.of(0), Buffer.from(id))
  }
  parts.push(Buffer.of(0x67), Buffer.from('version'), Buffer.of(1))
  return Buffer.concat(parts)
}

/** Major type and argument of a dag-cbor item, in the shortest form. */
function head(major: number, argument: number): Buffer<ArrayBuffer> {
  if (argument < 24) return Buffer.of((major << 5) | argument)
  if (argument < 256) return Buffer.of((major << 5) | 24, argument)
  return Buffer.of((major << 5) | 25, argument >> 8, argument & 255)
}
