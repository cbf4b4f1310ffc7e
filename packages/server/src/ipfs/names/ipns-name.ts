import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { type Cid, cidBytes, parseCid } from '../cid.ts'
import { codecs } from '../codecs.ts'

/** An IPNS name: the multihash of a public key, or the key itself by the identity function. */
export interface IpnsName {
  readonly multihash: Uint8Array
}

/**
 * Reads an IPNS name in any spelling: a peer id in base58 (`12D3…`, `Qm…`), or a CID of a key, which some programs write
 * with another codec (https://specs.ipfs.tech/ipns/ipns-record/#ipns-name). Undefined when it is neither.
 */
export function findIpnsName(text: string): IpnsName | undefined {
  if (text.includes('.') || text.length < 10 || text.length > 200) return undefined
  const multihash = ofPeerId(text) ?? ofCid(text)
  return multihash !== undefined && isOfKey(multihash) ? { multihash } : undefined
}

/** The spelling that is one DNS label in any case: a CID of the codec libp2p-key in base36. */
export function formatIpnsName({ multihash }: IpnsName): string {
  return base36.encode(cidBytes({ version: 1, codec: codecs.libp2pKey, multihash }))
}

function ofPeerId(text: string): Uint8Array | undefined {
  if (!/^(1|Qm)[1-9A-HJ-NP-Za-km-z]+$/.test(text)) return undefined
  return base58btc.decode(`z${text}`)
}

function ofCid(text: string): Uint8Array | undefined {
  let cid: Cid
  try {
    cid = parseCid(text)
  } catch {
    return undefined // then it may be a domain, or nothing
  }
  return cid.codec === codecs.libp2pKey || cid.codec === codecs.dagPb ? cid.multihash : undefined
}

/** sha2-256 of a key, or a key of at most 42 bytes in itself (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md). */
function isOfKey(multihash: Uint8Array): boolean {
  const [code, length = 0] = multihash
  if (length !== multihash.length - 2) return false
  return (code === 0x12 && length === 32) || (code === 0 && length > 0 && length <= 42)
}
