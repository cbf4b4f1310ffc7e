import { isIP } from 'node:net'
import { isDomainName } from '../ipfs/names/dnslink.ts'
import type { Arrival } from './arrival.ts'

/**
 * What the host of a request says of its content (https://specs.ipfs.tech/http-gateways/subdomain-gateway/,
 * https://specs.ipfs.tech/http-gateways/dnslink-gateway/). `path`: nothing, it stands in the path. `apex`: nothing
 * either, but each content has an origin of its own below this host. `subdomain`: it is the content that the label names.
 * `dnslink`: it is what the DNSLink of the host leads to.
 */
export type HostForm =
  | { readonly kind: 'path' }
  | { readonly kind: 'apex' }
  | {
      readonly kind: 'subdomain'
      readonly space: 'ipfs' | 'ipns'
      readonly label: string
      /** The host above, with its port. */
      readonly apex: string
    }
  | { readonly kind: 'dnslink'; readonly name: string }

/** Which hosts are more than an address. */
export interface HostRules {
  /** Hosts below which each content has an origin of its own. */
  readonly subdomains: readonly string[]
  /** Whether a host that is none of ours may be a website with a DNSLink. */
  readonly dnslinkHosts: boolean
  /** Hosts that are this server's own. */
  readonly own: readonly string[]
}

/** The form that a host asks for. `hasLink` is asked only for hosts that could be websites. */
export async function findHostForm(
  { host, hostname }: Arrival,
  { subdomains, dnslinkHosts, own }: HostRules,
  hasLink: (name: string) => Promise<boolean>,
): Promise<HostForm> {
  const known = findKnownForm(host, hostname, subdomains)
  if (known !== undefined) return known
  if (!dnslinkHosts || own.includes(hostname) || !isDomainName(hostname)) return { kind: 'path' }
  return (await hasLink(hostname)) ? { kind: 'dnslink', name: hostname } : { kind: 'path' }
}

/** Whether what a host asks for follows from the settings alone, so that it is the same as long as the process runs. */
export function isSettled(
  form: HostForm,
  { hostname }: Arrival,
  { subdomains, dnslinkHosts, own }: HostRules,
): boolean {
  if (form.kind === 'subdomain' || own.includes(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return true
  // Others may become gateways of accounts, or websites.
  return own.length === 0 && !dnslinkHosts && !subdomains.some((gateway) => hostname.endsWith(`.${gateway}`))
}

/** As far as the settings tell, at once. */
function findKnownForm(host: string, hostname: string, subdomains: readonly string[]): HostForm | undefined {
  for (const gateway of subdomains) {
    if (hostname === gateway) return { kind: 'apex' }
    if (!hostname.endsWith(`.${gateway}`)) continue
    const [, label, space] = /^(.+)\.(ip[fn]s)$/.exec(hostname.slice(0, -gateway.length - 1)) ?? []
    if (label === undefined) continue
    const port = /:\d+$/.exec(host)?.[0] ?? ''
    return { kind: 'subdomain', space: space === 'ipns' ? 'ipns' : 'ipfs', label, apex: `${gateway}${port}` }
  }
  return undefined
}
