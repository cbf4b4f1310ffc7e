import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'

/** What is signed: Pinata's typed data (reference: signatures). */
export interface SignedContent {
  /** `0x` and 40 hex digits. */
  readonly address: string
  readonly cid: string
  /** ISO time of the first upload. */
  readonly date: string
}

/**
 * The address that made an EIP-712 signature (https://eips.ethereum.org/EIPS/eip-712) over a content, in lower case;
 * undefined when it is no signature.
 */
export function recoverSigner(content: SignedContent, signature: string): string | undefined {
  const bytes = Buffer.from(signature.replace(/^0x/i, ''), 'hex')
  if (bytes.length !== 65) return undefined
  const recovery = (bytes[64] ?? 0) % 27 // 27 and 28 by Ethereum's yellow paper, 0 and 1 by others
  if (recovery > 1) return undefined
  try {
    const recovered = secp256k1.Signature.fromBytes(bytes.subarray(0, 64), 'compact').addRecoveryBit(recovery)
    const point = recovered.recoverPublicKey(hashOf(content)).toBytes(false)
    return `0x${Buffer.from(keccak_256(point.subarray(1))).toString('hex', 12)}`
  } catch {
    return undefined // its numbers are not on the curve
  }
}

/** `keccak256(0x1901 ‖ domain ‖ message)`. */
function hashOf({ address, cid, date }: SignedContent): Uint8Array {
  const domain = [
    text('EIP712Domain(string name,string version,uint256 chainId)'),
    text('Sign Content'),
    text('1.0.0'),
    word(Buffer.from([1])),
  ]
  const message = [
    text('Sign(address address,string cid,string date)'),
    word(Buffer.from(address.slice(2), 'hex')),
    text(cid),
    text(date),
  ]
  const hashes = [domain, message].map((words) => keccak_256(Buffer.concat(words)))
  return keccak_256(Buffer.concat([Buffer.from([0x19, 0x01]), ...hashes]))
}

function text(value: string): Uint8Array {
  return keccak_256(Buffer.from(value))
}

/** 32 bytes, filled up on the left. */
function word(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.alloc(32 - bytes.length), bytes])
}
