import { base16, base16upper } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36, base36upper } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { base64, base64pad, base64url, base64urlpad } from 'multiformats/bases/base64'
import { AppError } from '../lib/errors.ts'
import { readVarint, varintLength, writeVarint } from '../lib/varint.ts'
import { fromBase32, toBase32 } from './base32.ts'
import { codecs } from './codecs.ts'

/** The parts of a CID (https://github.com/multiformats/cid). `multihash` is the whole of it: function, length, digest. */
export interface Cid {
  readonly version: 0 | 1
  readonly codec: number
  readonly multihash: Uint8Array
}

/** Longer text is refused before it is decoded: base58 and base36 take time quadratic in their input. */
const maxTextLength = 200

/** No hash function that is accepted has longer digests; identity CIDs are bounded to it as well. */
const maxDigestBytes = 128

const bases = [
  base16,
  base16upper,
  base32,
  base32upper,
  base36,
  base36upper,
  base58btc,
  base64,
  base64pad,
  base64url,
  base64urlpad,
]
const decoders = new Map(bases.map((base) => [base.prefix as string, base.decoder]))

/**
 * Reads a plain CID: version 0, or version 1 in base16, 32, 36, 58 or 64, the first three in either case as Kubo has
 * it. Paths, `ipfs://` and spaces are the caller's. Says nothing about whether the hash function is one we accept
 * (`requireHash`). Throws `invalid_cid`.
 */
export function parseCid(text: string): Cid {
  if (text === '') throw new AppError('invalid_cid', 'The CID is empty')
  if (text.length > maxTextLength) {
    throw new AppError('invalid_cid', `Not a CID: longer than ${maxTextLength} characters`)
  }
  const isVersion0 = text.length === 46 && text.startsWith('Qm')
  const bytes = decodeText(isVersion0 ? `z${text}` : text, text)
  if (!isVersion0 && bytes[0] === 0x12) {
    throw new AppError(
      'invalid_cid',
      `Not a CID: ${printable(text)} is a version 0 CID in another base; it begins with Qm`,
    )
  }
  const { cid, length } = cidFromBytes(bytes)
  if (length !== bytes.length) {
    throw new AppError('invalid_cid', `Not a CID: ${printable(text)} has ${bytes.length - length} bytes after its end`)
  }
  return cid
}

/** The text of a CID as IPFS tools print it: version 0 in base58, version 1 in lower case base32. */
export function formatCid(cid: Cid): string {
  if (cid.version === 0) return base58btc.baseEncode(cid.multihash)
  return `b${toBase32(cidBytes(cid))}`
}

/** The binary form, as it stands in CAR sections and dag-pb links. For version 0 it is the multihash itself, not a copy. */
export function cidBytes(cid: Cid): Uint8Array {
  if (cid.version === 0) return cid.multihash
  const bytes = new Uint8Array(1 + varintLength(cid.codec) + cid.multihash.length)
  bytes[0] = 1
  bytes.set(cid.multihash, writeVarint(cid.codec, bytes, 1))
  return bytes
}

/** How long `cidBytes` is. */
export function cidLength(cid: Cid): number {
  return cid.version === 0 ? cid.multihash.length : 1 + varintLength(cid.codec) + cid.multihash.length
}

/**
 * Reads the CID that begins at `offset` and says how many bytes it takes. `multihash` is a view into `bytes`. Throws
 * `invalid_cid`, also when the bytes end inside it.
 */
export function cidFromBytes(bytes: Uint8Array, offset = 0): { cid: Cid; length: number } {
  if (bytes[offset] === 0x12 && bytes[offset + 1] === 0x20) {
    if (offset + 34 > bytes.length) throw new AppError('invalid_cid', 'Not a CID: it ends too early')
    return { cid: { version: 0, codec: codecs.dagPb, multihash: bytes.subarray(offset, offset + 34) }, length: 34 }
  }
  return shortCid(bytes, offset) ?? longCid(bytes, offset)
}

/** The usual version 1: four numbers of one byte each. Blocks may have a quarter of a million links, so this is quick. */
function shortCid(bytes: Uint8Array, offset: number): { cid: Cid; length: number } | undefined {
  if (offset + 4 > bytes.length || bytes[offset] !== 1) return undefined
  const codec = bytes[offset + 1] ?? 0
  const hash = bytes[offset + 2] ?? 0
  const digestBytes = bytes[offset + 3] ?? 0
  const end = offset + 4 + digestBytes
  if ((codec | hash | digestBytes) >= 0x80 || end > bytes.length) return undefined
  return { cid: { version: 1, codec, multihash: bytes.subarray(offset + 2, end) }, length: end - offset }
}

/** Any version 1; throws when it is none. */
function longCid(bytes: Uint8Array, offset: number): { cid: Cid; length: number } {
  const version = requireVarint(bytes, offset)
  if (version.value !== 1) throw new AppError('invalid_cid', `Not a CID: there is no version ${version.value}`)
  const codec = requireVarint(bytes, version.next)
  if (codec.value > 0x7fffffff) throw new AppError('invalid_cid', 'Not a CID: its codec is out of range')
  const hash = requireVarint(bytes, codec.next)
  const digest = requireVarint(bytes, hash.next)
  if (digest.value > maxDigestBytes) {
    throw new AppError('invalid_cid', `Not an acceptable CID: its digest is longer than ${maxDigestBytes} bytes`)
  }
  const end = digest.next + digest.value
  if (end > bytes.length) throw new AppError('invalid_cid', 'Not a CID: it ends too early')
  return { cid: { version: 1, codec: codec.value, multihash: bytes.subarray(codec.next, end) }, length: end - offset }
}

function decodeText(multibase: string, text: string): Uint8Array {
  const usual = multibase.startsWith('b') ? fromBase32(multibase, 1) : undefined
  if (usual !== undefined) return usual
  const decoder = decoders.get(multibase.charAt(0))
  if (decoder === undefined) throw new AppError('invalid_cid', `Not a CID: ${printable(text)}`)
  try {
    return decoder.decode(multibase)
  } catch (cause) {
    throw new AppError('invalid_cid', `Not a CID: ${printable(text)}`, { cause })
  }
}

function requireVarint(bytes: Uint8Array, at: number): { value: number; next: number } {
  const varint = readVarint(bytes, at)
  if (varint === 'incomplete') throw new AppError('invalid_cid', 'Not a CID: it ends too early')
  if (varint === 'malformed') throw new AppError('invalid_cid', 'Not a CID: it holds a malformed number')
  return varint
}

/** What a client sent, safe to repeat in a message: quoted, control characters and lone surrogates escaped. */
function printable(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
