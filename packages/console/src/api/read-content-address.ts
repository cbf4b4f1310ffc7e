import { base16 } from 'multiformats/bases/base16'
import { base32, base32upper } from 'multiformats/bases/base32'
import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'

/** What people paste when they mean content. */
export type ContentAddress =
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'cid'
      readonly cid: string
      /** What it was taken from: "a CID", "an ipfs:// address". */
      readonly form: string
      /** What stood behind the CID, and leads to a part of the content; empty for none. */
      readonly path: string
    }

/** Parsing takes time by the square of the length; whole small files fit into identity CIDs of this. */
const longest = 2_000
/** The codec of CIDs that name keys (multicodec table). */
const libp2pKey = 0x72
const bases = base32.decoder.or(base32upper.decoder).or(base36.decoder).or(base58btc.decoder).or(base16.decoder)

/** Reads a CID, an `ipfs://` address, an `/ipfs/` path or the URL of a gateway, as people paste them. */
export function readContentAddress(typed: string): ContentAddress {
  const text = typed.trim()
  if (text === '') return { kind: 'none' }
  if (text.length > longest) return { kind: 'wrong', why: 'That is longer than any CID.' }
  if (/^ipns:\/\/|^\/?ipns\/|^https?:\/\/[^/]+\/ipns\/|^https?:\/\/[^/]+\.ipns\./i.test(text))
    return {
      kind: 'wrong',
      why: 'That is an IPNS name, which may lead elsewhere tomorrow. Give the CID that it leads to now.',
    }
  const found = split(text)
  if (found === undefined)
    return { kind: 'wrong', why: 'This URL has no CID in it: no /ipfs/ and no .ipfs. before a host.' }
  const { form, cid, path } = found
  const problem = whatIsWrongWith(cid)
  return problem === undefined ? { kind: 'cid', cid, form, path } : { kind: 'wrong', why: problem }
}

function split(text: string): { form: string; cid: string; path: string } | undefined {
  if (/^https?:\/\//i.test(text)) {
    const [, cidOfHost, pathOfHost = ''] = /^https?:\/\/([^./]+)\.ipfs\.[^/]+(\/[^?#]*)?/i.exec(text) ?? []
    if (cidOfHost !== undefined) return { form: 'the URL of a gateway', cid: cidOfHost, path: tidy(pathOfHost) }
    const [, cid, path = ''] = /^https?:\/\/[^/]+\/ipfs\/([^/?#]+)([^?#]*)/i.exec(text) ?? []
    return cid === undefined ? undefined : { form: 'the URL of a gateway', cid, path: tidy(path) }
  }
  const [, scheme = '', cid = '', path = ''] = /^(ipfs:\/\/(?:ipfs\/)?|\/?ipfs\/)?([^/?#]*)([^?#]*)/i.exec(text) ?? []
  const form = scheme.includes(':') ? 'an ipfs:// address' : scheme === '' ? 'a CID' : 'an /ipfs/ path'
  return { form, cid, path: tidy(path) }
}

function tidy(path: string): string {
  return path === '/' ? '' : path
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
