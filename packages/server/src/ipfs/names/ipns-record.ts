import { decode } from '@ipld/dag-cbor'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { AppError } from '../../lib/errors.ts'
import { sha256Multihash } from '../multihash.ts'
import { ProtobufReader } from '../protobuf.ts'
import type { IpnsName } from './ipns-name.ts'

/** What a valid record says. */
export interface IpnsRecord {
  /** The record as it was signed. */
  readonly bytes: Uint8Array
  /** A content path, such as `/ipfs/{cid}`. */
  readonly value: string
  readonly validUntil: number
  /** How long its author would have it cached. */
  readonly ttlMs: number
  readonly sequence: bigint
}

/** https://specs.ipfs.tech/ipns/ipns-record/#record-size-limit */
export const maxRecordBytes = 10 * 1024

/** The message of the protobuf, as far as it is looked at. Fields without V2 in their name are those of old programs. */
interface Entry {
  value?: Uint8Array
  signatureV1?: Uint8Array
  validityType?: bigint
  validity?: Uint8Array
  sequence?: bigint
  ttl?: bigint
  publicKey?: Uint8Array
  signatureV2?: Uint8Array
  data?: Uint8Array
}

/**
 * Reads a record and holds it against everything that makes it the word of the name's owner: the signature over its
 * data (a record with only an old signature is none), the key against the name, old fields against the signed ones, and
 * the time (https://specs.ipfs.tech/ipns/ipns-record/#record-verification). Throws `name_invalid`.
 */
export async function verifyIpnsRecord(bytes: Uint8Array, name: IpnsName, now: number): Promise<IpnsRecord> {
  const { entry, data, signature } = readSigned(bytes)
  const key = orInvalid('its key is not readable', () => publicKeyFromProtobuf(keyOf(name, entry)))
  const signed = Buffer.concat([Buffer.from('ipns-signature:'), data])
  if (!(await key.verify(signed, signature))) throw invalid('its signature is not of the key that it is named after')
  const record = recordOf(bytes, entry, data)
  if (record.validUntil <= now) throw invalid(`it held until ${new Date(record.validUntil).toISOString()}`)
  return record
}

/** Reads a record without holding it against anything. Throws `name_invalid` for what is none. */
export function readIpnsRecord(bytes: Uint8Array): IpnsRecord {
  const { entry, data } = readSigned(bytes)
  return recordOf(bytes, entry, data)
}

/**
 * The record that beats the others of its name: the one with the highest number, of several the one that holds the
 * longest (https://specs.ipfs.tech/ipns/ipns-record/#record-verification). There must be one.
 */
export function newestOf(records: readonly IpnsRecord[]): IpnsRecord {
  return records.reduce((best, record) => (isNewer(record, best) ? record : best))
}

function isNewer(one: IpnsRecord, other: IpnsRecord): boolean {
  return one.sequence === other.sequence ? one.validUntil > other.validUntil : one.sequence > other.sequence
}

function readSigned(bytes: Uint8Array): { entry: Entry; data: Uint8Array; signature: Uint8Array } {
  if (bytes.length > maxRecordBytes) throw invalid('it is larger than 10 KiB')
  const entry = orInvalid('it is not readable', () => readEntry(bytes))
  const { signatureV2, data } = entry
  if (signatureV2 === undefined || data === undefined || data.length === 0) {
    throw invalid('it has no signature of version 2')
  }
  return { entry, data, signature: signatureV2 }
}

function recordOf(bytes: Uint8Array, entry: Entry, data: Uint8Array): IpnsRecord {
  const fields = orInvalid('its data is not readable', () => readFields(data))
  requireAgreement(entry, fields)
  const validUntil = Date.parse(Buffer.from(fields.validity).toString('latin1'))
  if (fields.validityType !== 0n || Number.isNaN(validUntil)) throw invalid('it does not say until when it holds')
  return {
    bytes,
    value: Buffer.from(fields.value).toString(),
    validUntil,
    ttlMs: Number(fields.ttl / 1_000_000n),
    sequence: fields.sequence,
  }
}

/** The key stands in the name, or in the record when the name is its hash. */
function keyOf({ multihash }: IpnsName, { publicKey }: Entry): Uint8Array {
  if (multihash[0] === 0) return multihash.subarray(2)
  if (publicKey === undefined) throw new Error('there is none')
  if (Buffer.compare(sha256Multihash([publicKey]), multihash) !== 0) throw new Error('it is not that of the name')
  return publicKey
}

interface Fields {
  readonly value: Uint8Array
  readonly validity: Uint8Array
  readonly validityType: bigint
  readonly sequence: bigint
  readonly ttl: bigint
}

function readFields(data: Uint8Array): Fields {
  const map = decode<Record<string, unknown>>(data)
  const bytesOf = (name: string) => {
    const value = map[name]
    if (!(value instanceof Uint8Array)) throw new TypeError(`${name} is not bytes`)
    return value
  }
  const numberOf = (name: string) => {
    const value = map[name]
    if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) throw new TypeError(`${name} is no number`)
    return BigInt(value as bigint | number) // one of the two, just looked at
  }
  return {
    value: bytesOf('Value'),
    validity: bytesOf('Validity'),
    validityType: numberOf('ValidityType'),
    sequence: numberOf('Sequence'),
    ttl: numberOf('TTL'),
  }
}

/** Where fields of old programs are there, they say the same: else those would be shown something else (IPIP-428). */
function requireAgreement(entry: Entry, fields: Fields): void {
  if (entry.signatureV1 === undefined && entry.value === undefined) return
  const agrees =
    Buffer.compare(entry.value ?? new Uint8Array(0), fields.value) === 0 &&
    Buffer.compare(entry.validity ?? new Uint8Array(0), fields.validity) === 0 &&
    (entry.validityType ?? 0n) === fields.validityType &&
    (entry.sequence ?? 0n) === fields.sequence &&
    (entry.ttl ?? 0n) === fields.ttl
  if (!agrees) throw invalid('what it says twice is not the same')
}

function readEntry(bytes: Uint8Array): Entry {
  const entry: Entry = {}
  const reader = new ProtobufReader(bytes)
  while (reader.next()) {
    if (reader.field === 1) entry.value = reader.bytes()
    else if (reader.field === 2) entry.signatureV1 = reader.bytes()
    else if (reader.field === 3) entry.validityType = reader.uint64()
    else if (reader.field === 4) entry.validity = reader.bytes()
    else if (reader.field === 5) entry.sequence = reader.uint64()
    else if (reader.field === 6) entry.ttl = reader.uint64()
    else if (reader.field === 7) entry.publicKey = reader.bytes()
    else if (reader.field === 8) entry.signatureV2 = reader.bytes()
    else if (reader.field === 9) entry.data = reader.bytes()
    else reader.skip()
  }
  return entry
}

function orInvalid<T>(why: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw invalid(why, cause)
  }
}

function invalid(why: string, cause?: unknown): AppError {
  return new AppError('name_invalid', `The record of this IPNS name is not valid: ${why}.`, { cause })
}
