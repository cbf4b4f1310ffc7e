/** Names that are looked up: real domains of at least two labels, the last of them not reserved for machines nearby. */
export function isDomainName(text: string): boolean {
  if (text.length > 253 || !/^(?:[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?\.)+[a-z](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(text))
    return false
  return !/(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|onion|invalid|test|arpa)$/i.test(text)
}

/**
 * The name as one DNS label, so that one certificate covers it:
 * https://specs.ipfs.tech/http-gateways/subdomain-gateway/#host-request-header
 */
export function inlineDomain(name: string): string {
  return name.replaceAll('-', '--').replaceAll('.', '-')
}

/** The name that a label stands for. */
export function domainOfLabel(label: string): string {
  return label.replace(/--|-/g, (dash) => (dash === '--' ? '-' : '.'))
}

/** The content path of a DNSLink among TXT records (https://dnslink.dev): the first of those, in the order of their text. */
export function findDnsLink(records: readonly (readonly string[])[]): string | undefined {
  return records
    .map((parts) => parts.join(''))
    .filter((text) => /^dnslink=\/ip[fn]s\/[^/\s]+/.test(text))
    .map((text) => text.slice('dnslink='.length).trim())
    .toSorted()[0]
}
