import { base32 } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'

/** One way to write a CID. */
export interface Spelling {
  readonly name: string
  readonly text: string
}

/** Code of UnixFS and other protobuf blocks (multicodec table). */
const dagPb = 0x70
const sha256 = 0x12

/** Every way people write this CID, the usual one first; empty for what is none. */
export function spellingsOf(text: string): readonly Spelling[] {
  let cid: CID
  try {
    cid = CID.parse(text)
  } catch {
    return [] // not a CID that this page knows how to write otherwise
  }
  const v1 = cid.toV1()
  const hasV0 = cid.code === dagPb && cid.multihash.code === sha256 && cid.multihash.digest.length === 32
  return [
    { name: 'Version 1, base32', text: v1.toString(base32) },
    ...(hasV0 ? [{ name: 'Version 0', text: cid.toV0().toString() }] : []),
    { name: 'Version 1, base36', text: v1.toString(base36) },
    { name: 'Version 1, base58', text: v1.toString(base58btc) },
    { name: 'Multihash, hex', text: toHex(cid.multihash.bytes) },
  ]
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
