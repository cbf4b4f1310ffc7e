import { createHash, hash as hashOnce } from 'node:crypto'
import { AppError } from '../lib/errors.ts'
import { readVarint, varintLength, writeVarint } from '../lib/varint.ts'

/** A hash function that blocks may be addressed by: its multicodec number, the name `node:crypto` has, its digest length. */
interface HashFunction {
  readonly name: string
  readonly algorithm: string
  readonly digestBytes: number
}

/**
 * Functions without known collisions that `node:crypto` brings (https://github.com/multiformats/multicodec). Weak ones
 * (md5, sha1, murmur3) and shortened digests are left out, as in Kubo's verified fetching.
 */
const functions = new Map<number, HashFunction>([
  [0x12, { name: 'sha2-256', algorithm: 'sha256', digestBytes: 32 }],
  [0x13, { name: 'sha2-512', algorithm: 'sha512', digestBytes: 64 }],
  [0x14, { name: 'sha3-512', algorithm: 'sha3-512', digestBytes: 64 }],
  [0x15, { name: 'sha3-384', algorithm: 'sha3-384', digestBytes: 48 }],
  [0x16, { name: 'sha3-256', algorithm: 'sha3-256', digestBytes: 32 }],
  [0x20, { name: 'sha2-384', algorithm: 'sha384', digestBytes: 48 }],
  [0xb240, { name: 'blake2b-512', algorithm: 'blake2b512', digestBytes: 64 }],
  [0xb260, { name: 'blake2s-256', algorithm: 'blake2s256', digestBytes: 32 }],
])

/** The function whose digest is the content itself. Such blocks are never stored. */
const identity = 0x00

/** The longest content an identity CID may carry; the bound Kubo has too. */
const maxIdentityBytes = 128

/** Multihash of the bytes of all pieces by sha2-256. */
export function sha256Multihash(pieces: readonly Uint8Array[]): Uint8Array {
  const multihash = new Uint8Array(34)
  multihash[0] = 0x12
  multihash[1] = 0x20
  multihash.set(digestOf('sha256', pieces), 2)
  return multihash
}

/** Multihash of bytes by the function with this multicodec number; undefined for functions that are not accepted. */
export function multihashOf(code: number, bytes: Uint8Array): Uint8Array | undefined {
  if (code === 0x12) return sha256Multihash([bytes])
  const known = functions.get(code)
  if (known === undefined) return undefined
  const multihash = new Uint8Array(varintLength(code) + 1 + known.digestBytes)
  const digestAt = writeVarint(known.digestBytes, multihash, writeVarint(code, multihash, 0))
  multihash.set(digestOf(known.algorithm, [bytes]), digestAt)
  return multihash
}

/** Multihash that holds the bytes themselves. Throws `unsupported_hash` above 128 bytes. */
export function identityMultihash(bytes: Uint8Array): Uint8Array {
  if (bytes.length > maxIdentityBytes) {
    throw new AppError('unsupported_hash', `An identity CID may hold at most ${maxIdentityBytes} bytes`)
  }
  const multihash = new Uint8Array(1 + varintLength(bytes.length) + bytes.length)
  multihash[0] = identity
  multihash.set(bytes, writeVarint(bytes.length, multihash, 1))
  return multihash
}

/** The bytes an identity multihash holds, as a view; undefined for every other function. */
export function identityBytes(multihash: Uint8Array): Uint8Array | undefined {
  if (multihash[0] !== identity) return undefined
  const { digest } = readMultihash(multihash)
  return digest
}

/**
 * Refuses what bytes cannot be trusted under: functions that are unknown or weak, shortened digests, identity above
 * 128 bytes. Throws `unsupported_hash`.
 */
export function requireHash(multihash: Uint8Array): void {
  readMultihash(multihash)
}

/** True when the bytes are those the multihash names. Throws `unsupported_hash` as `requireHash` does. */
export function verifyBytes(multihash: Uint8Array, bytes: Uint8Array): boolean {
  return verifyPieces(multihash, [bytes])
}

/** `verifyBytes` for bytes in several pieces. */
export function verifyPieces(multihash: Uint8Array, pieces: readonly Uint8Array[]): boolean {
  const { algorithm, digest } = readMultihash(multihash)
  const actual = algorithm === undefined ? Buffer.concat(pieces) : digestOf(algorithm, pieces)
  return Buffer.compare(actual, digest) === 0
}

function digestOf(algorithm: string, pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return hashOnce(algorithm, only, 'buffer')
  const hash = createHash(algorithm)
  for (const piece of pieces) hash.update(piece)
  return hash.digest()
}

function readMultihash(multihash: Uint8Array): { algorithm: string | undefined; digest: Uint8Array } {
  const code = readVarint(multihash, 0)
  const length = typeof code === 'string' ? code : readVarint(multihash, code.next)
  if (typeof code === 'string' || typeof length === 'string' || length.next + length.value !== multihash.length) {
    throw new AppError('unsupported_hash', 'The multihash of the CID is malformed')
  }
  const digest = multihash.subarray(length.next)
  if (code.value === identity) {
    if (digest.length > maxIdentityBytes) {
      throw new AppError('unsupported_hash', `An identity CID may hold at most ${maxIdentityBytes} bytes`)
    }
    return { algorithm: undefined, digest }
  }
  const known = functions.get(code.value)
  if (known === undefined) {
    throw new AppError('unsupported_hash', `Hash function 0x${code.value.toString(16)} is not accepted; use sha2-256`)
  }
  if (digest.length !== known.digestBytes) {
    throw new AppError(
      'unsupported_hash',
      `A ${known.name} digest has ${known.digestBytes} bytes, not ${digest.length}`,
    )
  }
  return { algorithm: known.algorithm, digest }
}
