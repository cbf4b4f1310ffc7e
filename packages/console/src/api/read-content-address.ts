import { type AddressParts, splitContentAddress } from '@pinyon/contract/content-address.ts'
import { base16 } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'

/** What people paste when they mean content. `cid` is one, and names content. */
export type ContentAddress =
  | Exclude<AddressParts, { readonly kind: 'parts' }>
  | (Omit<Extract<AddressParts, { readonly kind: 'parts' }>, 'kind'> & { readonly kind: 'cid' })

/** The codec of CIDs that name keys (multicodec table). */
const libp2pKey = 0x72
const bases = base32.decoder.or(base32upper.decoder).or(base36.decoder).or(base58btc.decoder).or(base16.decoder)

/** Reads a CID, an `ipfs://` address, an `/ipfs/` path or the URL of a gateway, as people paste them. */
export function readContentAddress(typed: string): ContentAddress {
  const parts = splitContentAddress(typed)
  if (parts.kind !== 'parts') return parts
  const problem = whatIsWrongWith(parts.cid)
  return problem === undefined ? { ...parts, kind: 'cid' } : { kind: 'wrong', why: problem }
}

function whatIsWrongWith(text: string): string | undefined {
  let cid: CID
  try {
    cid = CID.parse(text, bases)
  } catch {
    return 'That is not a CID. CIDs begin with bafy, bafk or Qm; copy it whole.'
  }
  return cid.code === libp2pKey
    ? 'That CID names a key (IPNS), not content. Give the CID that it leads to now.'
    : undefined
}
