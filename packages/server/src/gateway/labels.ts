import { formatCid, type Cid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { domainOfLabel, inlineDomain, isDomainName } from '../ipfs/names/dnslink.ts'
import { findIpnsName, formatIpnsName } from '../ipfs/names/ipns-name.ts'
import { AppError } from '../lib/errors.ts'

/** What stands in front of `.ipfs.` or `.ipns.` of a host. */
export interface Label {
  readonly space: 'ipfs' | 'ipns'
  readonly label: string
}

/** The label of a CID: version 1 in base32, or the key of a name in base36. Throws `invalid_request` above 63 characters. */
export function labelOfCid(cid: Cid): Label {
  if (cid.codec === codecs.libp2pKey) return { space: 'ipns', label: short(formatIpnsName(cid)) }
  return { space: 'ipfs', label: short(formatCid({ ...cid, version: 1 })) }
}

/** The label of a name of IPNS, whatever it is written as, or of a domain. Throws `invalid_request`. */
export function labelOfName(name: string): Label {
  const key = findIpnsName(name)
  if (key !== undefined) return { space: 'ipns', label: short(formatIpnsName(key)) }
  if (!isDomainName(name)) throw notAName(name)
  return { space: 'ipns', label: short(inlineDomain(name.toLowerCase())) }
}

/** The name that a label of `.ipns.` stands for: a key, or a domain, written out or in one label. Throws `invalid_request`. */
export function nameOfLabel(label: string): string {
  if (findIpnsName(label) !== undefined) return label
  const domain = label.includes('.') ? label : domainOfLabel(label)
  if (!isDomainName(domain)) throw notAName(label)
  return domain
}

/** What is longer fits in no DNS name, so nobody is sent there. */
function short(label: string): string {
  if (label.length > 63) {
    throw new AppError(
      'invalid_request',
      'CID incompatible with DNS label length limit of 63: ask for it on a gateway with content paths.',
    )
  }
  return label
}

/** The refusal of what is neither a key nor a domain. */
export function notAName(text: string): AppError {
  return new AppError(
    'invalid_request',
    `invalid path "/ipns/${text.slice(0, 300)}": it is neither an IPNS name nor a domain.`,
  )
}
