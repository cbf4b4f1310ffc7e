import { readVarint, varintLength, writeVarint } from '../lib/varint.ts'

/**
 * The header of every pack we write: CARv1 (https://ipld.io/specs/transport/car/carv1/) with one root, the empty
 * identity CID `bafkqaaa`. A pack has no root of its own, but go-car refuses a header without roots.
 */
export const packHeader: Uint8Array = Buffer.concat([
  Uint8Array.of(25, 0xa2, 0x65), // length of what follows; a map of two; a text of five
  Buffer.from('roots'),
  Uint8Array.of(0x81, 0xd8, 42, 0x45, 0x00, 0x01, 0x55, 0x00, 0x00), // a list of one: tag 42, five bytes
  Uint8Array.of(0x67), // a text of seven
  Buffer.from('version'),
  Uint8Array.of(1),
])

/** A header longer than this is no CAR header: what a torn or senseless file begins with. */
const maxHeaderBytes = 64 * 1024
/** The longest CID we can meet: two varints for version and codec, two for the hash, 128 bytes of digest. */
const maxDigestBytes = 128
/** A section longer than this is senseless: blocks of 2 MiB are the largest that travel. */
const maxSectionBytes = 32 * 1024 * 1024
/** Bytes that always suffice to read the front of a section: its length and its CID. */
export const maxFrontBytes = 9 * 5 + maxDigestBytes

/** Bytes of a section in front of its payload. */
export function frontLength(cid: Uint8Array, payloadBytes: number): number {
  return varintLength(cid.length + payloadBytes) + cid.length
}

/** Writes what stands in front of a payload and returns where the next byte goes. */
export function writeFront(cid: Uint8Array, payloadBytes: number, into: Uint8Array, at: number): number {
  const next = writeVarint(cid.length + payloadBytes, into, at)
  into.set(cid, next)
  return next + cid.length
}

/** Length of the CAR header at the start of `bytes`, its own length included; undefined when there is none. */
export function readHeaderLength(bytes: Uint8Array): number | undefined {
  const length = readVarint(bytes, 0)
  if (typeof length === 'string' || length.value === 0 || length.value > maxHeaderBytes) return undefined
  return length.next + length.value
}

/**
 * Reads the front of a section: where its CID and its payload begin and how long the payload is. Undefined when the
 * bytes end inside it (`maxFrontBytes` always suffice) or are no section.
 */
export function readFront(
  bytes: Uint8Array,
  at: number,
): { cidAt: number; payloadAt: number; payloadBytes: number } | undefined {
  const length = readVarint(bytes, at)
  if (typeof length === 'string' || length.value > maxSectionBytes) return undefined
  const payloadAt = skipCid(bytes, length.next)
  if (payloadAt === undefined) return undefined
  const payloadBytes = length.next + length.value - payloadAt
  return payloadBytes < 0 ? undefined : { cidAt: length.next, payloadAt, payloadBytes }
}

/** Where the CID that begins at `at` ends (https://github.com/multiformats/cid#how-does-it-work); undefined when none does. */
function skipCid(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] === 0x12 && bytes[at + 1] === 0x20) return at + 34 <= bytes.length ? at + 34 : undefined
  const version = readVarint(bytes, at)
  if (typeof version === 'string' || version.value !== 1) return undefined
  const codec = readVarint(bytes, version.next)
  if (typeof codec === 'string') return undefined
  const hash = readVarint(bytes, codec.next)
  if (typeof hash === 'string') return undefined
  const digest = readVarint(bytes, hash.next)
  if (typeof digest === 'string' || digest.value > maxDigestBytes) return undefined
  const end = digest.next + digest.value
  return end <= bytes.length ? end : undefined
}
