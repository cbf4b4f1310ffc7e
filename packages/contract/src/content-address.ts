/** What people paste when they mean content, taken apart. Whether `cid` is a CID is not looked at. */
export type AddressParts =
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'parts'
      readonly cid: string
      /** What it was taken from: "a CID", "an ipfs:// address". */
      readonly form: string
      /** What stood behind the CID, and leads to a part of the content; empty for none. */
      readonly path: string
    }

/** Whole small files fit into identity CIDs of this; addresses that are longer are none. */
const longest = 2_000

/** Takes a CID, an `ipfs://` address, an `/ipfs/` path or the URL of a gateway apart, as people paste them. */
export function splitContentAddress(typed: string): AddressParts {
  const text = typed.trim()
  if (text === '') return { kind: 'none' }
  if (text.length > longest) return { kind: 'wrong', why: 'That is longer than any CID.' }
  if (/^ipns:\/\/|^\/?ipns\/|^https?:\/\/[^/]+\/ipns\/|^https?:\/\/[^/]+\.ipns\./i.test(text))
    return {
      kind: 'wrong',
      why: 'That is an IPNS name, which may lead elsewhere tomorrow. Give the CID that it leads to now.',
    }
  if (!/^https?:\/\//i.test(text)) {
    const [, scheme = '', cid = '', path = ''] = /^(ipfs:\/\/(?:ipfs\/)?|\/?ipfs\/)?([^/?#]*)([^?#]*)/i.exec(text) ?? []
    const form = scheme.includes(':') ? 'an ipfs:// address' : scheme === '' ? 'a CID' : 'an /ipfs/ path'
    return { kind: 'parts', form, cid, path: tidy(path) }
  }
  const form = 'the URL of a gateway'
  const [, cidOfHost, pathOfHost = ''] = /^https?:\/\/([^./]+)\.ipfs\.[^/]+(\/[^?#]*)?/i.exec(text) ?? []
  if (cidOfHost !== undefined) return { kind: 'parts', form, cid: cidOfHost, path: tidy(pathOfHost) }
  const [, cid, path = ''] = /^https?:\/\/[^/]+\/ipfs\/([^/?#]+)([^?#]*)/i.exec(text) ?? []
  if (cid === undefined)
    return { kind: 'wrong', why: 'This URL has no CID in it: no /ipfs/ and no .ipfs. before a host.' }
  return { kind: 'parts', form, cid, path: tidy(path) }
}

function tidy(path: string): string {
  return path === '/' ? '' : path
}
