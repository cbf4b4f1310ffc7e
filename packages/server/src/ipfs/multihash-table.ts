import { randomBytes } from 'node:crypto'
import { multihashKey } from './multihash-key.ts'

const digestBytes = 32
const pageDigests = 256

/** Mixed into every place, so that nobody can choose blocks that all want the same one. */
const secret = new Int32Array(randomBytes(8).buffer.slice(0, 8))
// An array of two, made one line above.
const [saltA, saltB] = [secret[0]! | 1, secret[1]! | 1]

/** Numbers by where their digest hashes to, -1 where there is none. */
interface Shard {
  places: Int32Array
  used: number
}

/**
 * A set of multihashes that numbers its members 0, 1, 2, ... in the order they came, in about 50 bytes each and without
 * an object for each: what a walk over millions of blocks can afford. Growing never moves more than a small part.
 */
export class MultihashTable implements Iterable<Uint8Array> {
  /** The 32 bytes of sha2-256 digests, in pages. Members with another hash function stand in `#others`. */
  readonly #pages: Uint8Array[] = []
  readonly #others = new Map<string, number>()
  readonly #othersByNumber = new Map<number, Uint8Array>()
  readonly #shards: Shard[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The number of a member, -1 when it is none. */
  find(multihash: Uint8Array): number {
    if (!isSha256(multihash)) return this.#others.get(multihashKey(multihash)) ?? -1
    const hash = this.#hash(multihash, 2)
    const { places } = this.#shardOf(hash)
    return places[this.#placeOf(places, hash, multihash)] ?? -1
  }

  has(multihash: Uint8Array): boolean {
    return this.find(multihash) >= 0
  }

  /** The number of a member, new or old. It is new when the number is the size there was before. */
  add(multihash: Uint8Array): number {
    if (!isSha256(multihash)) return this.#addOther(multihash)
    const hash = this.#hash(multihash, 2)
    const shard = this.#shardOf(hash)
    const place = this.#placeOf(shard.places, hash, multihash)
    const known = shard.places[place] ?? -1
    if (known >= 0) return known
    const number = this.#size++
    this.#pageFor(number).set(multihash.subarray(2, 2 + digestBytes), (number % pageDigests) * digestBytes)
    shard.places[place] = number
    if (++shard.used * 2 > shard.places.length) this.#grow(shard)
    return number
  }

  /** The member with this number, a copy. */
  at(number: number): Uint8Array {
    const other = this.#othersByNumber.get(number)
    if (other !== undefined) return other.slice()
    const page = this.#pages[Math.floor(number / pageDigests)]
    if (page === undefined || number >= this.#size) throw new RangeError(`No member ${number} of ${this.#size}`)
    const at = (number % pageDigests) * digestBytes
    const multihash = new Uint8Array(2 + digestBytes)
    multihash[0] = 0x12
    multihash[1] = 0x20
    multihash.set(page.subarray(at, at + digestBytes), 2)
    return multihash
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (let number = 0; number < this.#size; number++) yield this.at(number)
  }

  #addOther(multihash: Uint8Array): number {
    const key = multihashKey(multihash)
    const known = this.#others.get(key)
    if (known !== undefined) return known
    const number = this.#size++
    this.#pageFor(number)
    this.#others.set(key, number)
    this.#othersByNumber.set(number, multihash.slice())
    return number
  }

  #pageFor(number: number): Uint8Array {
    const index = Math.floor(number / pageDigests)
    return (this.#pages[index] ??= new Uint8Array(pageDigests * digestBytes))
  }

  /** One of 64. */
  #shardOf(hash: number): Shard {
    return (this.#shards[hash >>> 26] ??= { places: new Int32Array(8).fill(-1), used: 0 })
  }

  /** Where this digest stands, or the free place where it would. Places are at most half used, so there is one. */
  #placeOf(places: Int32Array, hash: number, multihash: Uint8Array): number {
    const mask = places.length - 1
    let place = hash & mask
    for (;;) {
      const number = places[place] ?? -1
      if (number < 0 || this.#isAt(number, multihash)) return place
      place = (place + 1) & mask
    }
  }

  #isAt(number: number, multihash: Uint8Array): boolean {
    const page = this.#pages[Math.floor(number / pageDigests)]
    if (page === undefined) return false
    const at = (number % pageDigests) * digestBytes
    for (let i = 0; i < digestBytes; i++) if (page[at + i] !== multihash[2 + i]) return false
    return true
  }

  #grow(shard: Shard): void {
    const places = new Int32Array(shard.places.length * 2).fill(-1)
    const mask = places.length - 1
    for (const number of shard.places) {
      const page = number < 0 ? undefined : this.#pages[Math.floor(number / pageDigests)]
      if (page === undefined) continue
      let place = this.#hash(page, (number % pageDigests) * digestBytes) & mask
      while ((places[place] ?? -1) >= 0) place = (place + 1) & mask
      places[place] = number
    }
    shard.places = places
  }

  #hash(bytes: Uint8Array, at: number): number {
    const a = wordAt(bytes, at) ^ saltA
    const b = wordAt(bytes, at + 4) ^ saltB
    let hash = Math.imul(a, saltB) ^ Math.imul(b, saltA)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0x2c1b3c6d)
    return (hash ^ (hash >>> 13)) >>> 0
  }
}

function isSha256(multihash: Uint8Array): boolean {
  return multihash.length === 2 + digestBytes && multihash[0] === 0x12 && multihash[1] === digestBytes
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}
