import { createHash } from 'node:crypto'
import type { Part } from './content.ts'
import type { Random } from '../support/random.ts'

const codecs = { raw: 0x55, dagPb: 0x70 } as const

/** The CID of these bytes as a block: CIDv1, sha-256 (https://github.com/multiformats/cid). */
function cidOf(codec: number, block: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([1, codec, 0x12, 32]), createHash('sha256').update(block).digest()])
}

/** Raw bytes inside the CID itself: nothing has to be fetched. */
export function identityCid(random: Random): string {
  return base32(Buffer.concat([Buffer.from([1, codecs.raw, 0x00, 12]), random.bytes(12)]))
}

/** What such CIDs begin with: version, codec, hash function and its length (01 55 12 20). Rigs pin no other raw block. */
export const unknownPrefix = 'bafkrei'

/** Raw bytes that nobody has, by their sha-256. */
export function unknownCid(random: Random): string {
  return base32(Buffer.concat([Buffer.from([1, codecs.raw, 0x12, 32]), random.bytes(32)]))
}

/** A CARv1 (https://ipld.io/specs/transport/car/carv1) of a flat folder of files, each at most one block large. */
export function carOf(files: readonly Part[]): { car: Buffer; cid: string } {
  const leaves = files.map(({ path, bytes }) => ({ path, bytes, cid: cidOf(codecs.raw, bytes) }))
  const sorted = leaves.toSorted((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)))
  const links = sorted.map(({ path, bytes, cid }) =>
    // PBLink: Hash, Name, Tsize (https://ipld.io/specs/codecs/dag-pb/spec).
    field(2, Buffer.concat([field(1, cid), field(2, Buffer.from(path)), Buffer.from([0x18]), varint(bytes.length)])),
  )
  // UnixFS data of a directory: its type alone.
  const root = Buffer.concat([...links, field(1, Buffer.from([8, 1]))])
  const rootCid = cidOf(codecs.dagPb, root)
  const roots = Buffer.concat([Buffer.from([0x81, 0xd8, 0x2a, 0x58, rootCid.length + 1, 0]), rootCid])
  const header = Buffer.concat([Buffer.from([0xa2, 0x65]), Buffer.from('roots'), roots, Buffer.from([0x67]), Buffer.from('version'), Buffer.from([1])]) // prettier-ignore
  const section = (cid: Buffer, block: Buffer) => [varint(cid.length + block.length), cid, block]
  const sections = leaves.flatMap(({ cid, bytes }) => section(cid, bytes))
  return {
    car: Buffer.concat([varint(header.length), header, ...section(rootCid, root), ...sections]),
    cid: base32(rootCid),
  }
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

function base32(bytes: Uint8Array): string {
  let text = 'b'
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31]
    held &= 255
  }
  return bits === 0 ? text : text + alphabet[(held << (5 - bits)) & 31]
}
