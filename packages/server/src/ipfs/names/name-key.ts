import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { AppError } from '../../lib/errors.ts'
import { identityMultihash } from '../multihash.ts'
import { ProtobufReader } from '../protobuf.ts'
import { findIpnsName, formatIpnsName } from './ipns-name.ts'

/** The Ed25519 key of an IPNS name. */
export interface NameKey {
  /** The 32 bytes that all of it is made from. */
  readonly seed: Uint8Array
  /** Its IPNS name, in base36. */
  readonly name: string
  sign(bytes: Uint8Array): Uint8Array
}

/** PKCS #8 of an Ed25519 key up to its seed (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')
/** A key in protobuf up to its bytes (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys). */
const publicHead = Buffer.from('08011220', 'hex')
const privateHead = Buffer.from('08011240', 'hex')
const seedBytes = 32

/** The key of a seed. */
export function nameKeyOf(seed: Uint8Array): NameKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
  const multihash = identityMultihash(Buffer.concat([publicHead, publicBytes(key)]))
  return { seed, name: formatIpnsName({ multihash }), sign: (bytes) => sign(null, bytes, key) }
}

/** The key as other programs read it: PEM, and the protobuf that Kubo's `ipfs key import` takes, in base64. */
export function writeNameKey({ seed }: Pick<NameKey, 'seed'>): { pem: string; protobuf: string } {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
  return {
    pem: key.export({ format: 'pem', type: 'pkcs8' }) as string, // what PEM is exported as
    protobuf: Buffer.concat([privateHead, seed, publicBytes(key)]).toString('base64'),
  }
}

/**
 * Reads a key that another program wrote: PEM (PKCS #8), or the protobuf of libp2p in base64, hexadecimal, base36 or
 * base58. Throws `invalid_request` in words that say what it is instead.
 */
export function readNameKey(text: string): NameKey {
  const sent = text.trim()
  if (findIpnsName(sent) !== undefined)
    throw unreadable('this is a name, which everybody may know, and not its private key')
  return nameKeyOf(sent.startsWith('-----') ? readPem(sent) : readProtobuf(decodeText(sent)))
}

function readPem(text: string): Uint8Array {
  if (text.includes('ENCRYPTED')) throw unreadable('it is encrypted: export it with pem-pkcs8-cleartext')
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch (cause) {
    throw unreadable('this is no private key in PEM (PKCS #8)', cause)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw notEd25519(key.asymmetricKeyType ?? 'unknown')
  const { d = '' } = key.export({ format: 'jwk' })
  return Buffer.from(d, 'base64url')
}

function decodeText(text: string): Uint8Array {
  // Longer ones are of other kinds of keys, and decoding these two takes time that grows with the square of the length.
  const isShort = text.length <= 300
  try {
    if (/^f?(?:[\da-f]{2})+$/i.test(text)) return Buffer.from(text.replace(/^f/i, ''), 'hex')
    if (isShort && /^k[\da-z]+$/.test(text)) return base36.decode(text)
    if (isShort && /^z[1-9A-HJ-NP-Za-km-z]+$/.test(text)) return base58btc.decode(text)
  } catch (cause) {
    throw unreadable('it cannot be decoded', cause)
  }
  const body = /^[mMuU]/.test(text) ? text.slice(1) : text
  if (!/^[\w+/-]+={0,2}$/.test(body)) throw unreadable('it is neither PEM nor base64')
  return Buffer.from(body, 'base64')
}

const kinds = ['RSA', 'Ed25519', 'secp256k1', 'ECDSA']

function readProtobuf(bytes: Uint8Array): Uint8Array {
  let type: number | undefined
  let data: Uint8Array = new Uint8Array(0)
  try {
    const reader = new ProtobufReader(bytes)
    while (reader.next()) {
      if (reader.field === 1) type = reader.varint()
      else if (reader.field === 2) data = reader.bytes()
      else reader.skip()
    }
  } catch (cause) {
    throw unreadable('it is no private key in the protobuf of libp2p', cause)
  }
  if (type === undefined) throw unreadable('it is no private key in the protobuf of libp2p')
  if (type !== 1) throw notEd25519(kinds[type] ?? 'unknown')
  // Old programs wrote the public key once more behind it.
  if (data.length !== 64 && data.length !== 96)
    throw unreadable(data.length === seedBytes ? 'this is a public key' : 'it has not the length of an Ed25519 key')
  const seed = Uint8Array.from(data.subarray(0, seedBytes))
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
  for (let at = seedBytes; at < data.length; at += 32)
    if (Buffer.compare(publicBytes(key), data.subarray(at, at + 32)) !== 0)
      throw unreadable('its public part does not belong to it')
  return seed
}

function publicBytes(key: KeyObject): Buffer {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(x, 'base64url')
}

function notEd25519(kind: string): AppError {
  return unreadable(`its kind is ${kind}, and only Ed25519 keys can be brought here (Kubo makes these by itself)`)
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('invalid_request', `key: ${why}.`, { cause })
}
