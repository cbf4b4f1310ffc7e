import { encode } from '@ipld/dag-cbor'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { identityMultihash, sha256Multihash } from '../../src/ipfs/multihash.ts'
import type { IpnsName } from '../../src/ipfs/names/ipns-name.ts'
import { writeVarint } from '../../src/lib/varint.ts'

/** What a record is to say, and what is to be wrong with it. */
export interface RecordOptions {
  readonly value: string
  readonly validUntil?: number
  readonly ttlMs?: number
  readonly sequence?: bigint
  /** Another value in the field of old programs. */
  readonly oldValue?: string
  /** Leaves the signature over the data out. */
  readonly unsigned?: boolean
  /** Changes a byte of the signature. */
  readonly forged?: boolean
  /** The key that stands in the record. */
  readonly withKey?: boolean
}

/** Somebody who publishes under a name. Ed25519 keys stand in their name, RSA keys in their records. */
export interface Publisher {
  readonly name: IpnsName
  sign(options: RecordOptions): Promise<Uint8Array>
}

/** A new key with its name. */
export async function makePublisher(type: 'Ed25519' | 'RSA' = 'Ed25519'): Promise<Publisher> {
  const key = type === 'RSA' ? await generateKeyPair('RSA', 2048) : await generateKeyPair('Ed25519')
  const publicKey = publicKeyToProtobuf(key.publicKey)
  return {
    name: { multihash: type === 'RSA' ? sha256Multihash([publicKey]) : identityMultihash(publicKey) },
    async sign({ value, validUntil = Date.now() + 3_600_000, ttlMs = 60_000, sequence = 1n, ...wrong }) {
      const validity = Buffer.from(new Date(validUntil).toISOString())
      const ttl = BigInt(ttlMs) * 1_000_000n
      const bytes = Buffer.from(value)
      const data = encode({ Value: bytes, Validity: validity, ValidityType: 0, Sequence: sequence, TTL: ttl })
      const signature = await key.sign(Buffer.concat([Buffer.from('ipns-signature:'), data]))
      if (wrong.forged === true) signature[10] = (signature[10] ?? 0) ^ 1
      return Buffer.concat([
        ...(wrong.oldValue === undefined
          ? []
          : [
              field(1, Buffer.from(wrong.oldValue)),
              field(2, Buffer.from('whatever')),
              field(4, validity),
              number(5, sequence),
              number(6, ttl),
            ]),
        ...(type === 'RSA' && wrong.withKey !== false ? [field(7, publicKey)] : []),
        ...(wrong.unsigned === true ? [] : [field(8, signature)]),
        field(9, data),
      ])
    },
  }
}

function field(id: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  const end = writeVarint(bytes.length, head, writeVarint(id * 8 + 2, head, 0))
  return Buffer.concat([head.subarray(0, end), bytes])
}

function number(id: number, value: bigint): Buffer {
  const bytes = [id * 8]
  for (let left = value; ; left >>= 7n) {
    const low = Number(left & 0x7fn)
    if (left < 0x80n) return Buffer.from([...bytes, low])
    bytes.push(low | 0x80)
  }
}
