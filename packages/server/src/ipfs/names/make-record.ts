import { encode } from '@ipld/dag-cbor'
import { writeVarint } from '../../lib/varint.ts'
import type { NameKey } from './name-key.ts'

/** What a record is to say. */
export interface RecordFields {
  readonly value: string
  readonly sequence: number
  readonly validUntil: number
  readonly ttlMs: number
}

/**
 * A signed record of an IPNS name, with the signature of version 2 and, for old programs, that of version 1
 * (https://specs.ipfs.tech/ipns/ipns-record/#record-creation). The key stands in the name, so it is left out.
 */
export function makeIpnsRecord(key: Pick<NameKey, 'sign'>, fields: RecordFields): Uint8Array {
  const value = Buffer.from(fields.value)
  const validity = Buffer.from(new Date(fields.validUntil).toISOString())
  const sequence = BigInt(fields.sequence)
  const ttl = BigInt(fields.ttlMs) * 1_000_000n
  const data = encode({ Value: value, Validity: validity, ValidityType: 0, Sequence: sequence, TTL: ttl })
  return Buffer.concat([
    bytesField(1, value),
    bytesField(2, key.sign(Buffer.concat([value, validity, Buffer.from('EOL')]))),
    numberField(3, 0n),
    bytesField(4, validity),
    numberField(5, sequence),
    numberField(6, ttl),
    bytesField(8, key.sign(Buffer.concat([Buffer.from('ipns-signature:'), data]))),
    bytesField(9, data),
  ])
}

function bytesField(id: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  const end = writeVarint(bytes.length, head, writeVarint(id * 8 + 2, head, 0))
  return Buffer.concat([head.subarray(0, end), bytes])
}

/** Nanoseconds do not fit the numbers that `writeVarint` writes. */
function numberField(id: number, value: bigint): Buffer {
  const bytes = [id * 8]
  for (let left = value; ; left >>= 7n) {
    const low = Number(left & 0x7fn)
    if (left < 0x80n) return Buffer.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}
