import { lookup, resolveTxt } from 'node:dns/promises'
import type { DialPolicy, NamedBy } from './dial-policy.ts'
import { DialRefused } from './checked-lookup.ts'
import { type PeerAddress, readOrigin } from './origin.ts'

/** Names behind names that are followed. */
const maxDepth = 3
/** Addresses that one name may stand for. */
const maxOfName = 20

/**
 * The multiaddrs without names that an address stands for, all of which may be dialled. WebSocket over TLS keeps its
 * name beside the address, which the server's certificate is for. Throws `DialRefused` when there is none, and what
 * the look-up throws.
 */
export async function resolvePeerAddress(
  policy: DialPolicy,
  { peerId, address, namedBy }: { peerId: string; address: PeerAddress; namedBy: NamedBy },
  depth = 0,
): Promise<string[]> {
  const { host, rest } = address
  if (host.kind === 'dnsaddr') return resolveDnsaddr(policy, { peerId, name: host.value, namedBy }, depth)
  const ips = await addressesOf(host)
  const reasons: string[] = []
  const allowed = ips.filter((ip) => {
    const reason = policy.reasonAgainst(ip, { namedBy, provesItself: true })
    if (reason !== undefined) reasons.push(reason)
    return reason === undefined
  })
  if (allowed.length === 0) throw new DialRefused(reasons[0] ?? `${host.value} has no address`)
  const isNamed = host.kind !== 'ip4' && host.kind !== 'ip6'
  return allowed.map((ip) => `/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}${isNamed ? withName(rest, host.value) : rest}`)
}

async function addressesOf(host: PeerAddress['host']): Promise<string[]> {
  if (host.kind === 'ip4' || host.kind === 'ip6') return [host.value]
  const family = host.kind === 'dns4' ? 4 : host.kind === 'dns6' ? 6 : 0
  const found = await lookup(host.value, { all: true, family })
  return found.slice(0, maxOfName).map(({ address }) => address)
}

/** `/tls/ws` of a name, dialled by an address, has to say which name. */
function withName(rest: string, name: string): string {
  return rest.replace(/\/(wss|tls\/ws)$/, `/tls/sni/${name}/ws`)
}

/** https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md */
async function resolveDnsaddr(
  policy: DialPolicy,
  { peerId, name, namedBy }: { peerId: string; name: string; namedBy: NamedBy },
  depth: number,
): Promise<string[]> {
  if (depth >= maxDepth) throw new DialRefused(`${name} leads to too many other names`)
  const records = await resolveTxt(`_dnsaddr.${name}`)
  const found: string[] = []
  let refused: unknown = new DialRefused(`${name} names no address of this peer`)
  for (const record of records.slice(0, maxOfName)) {
    const origin = readOrigin(record.join('').replace(/^dnsaddr=/, ''))
    if (origin.kind !== 'peer' || origin.peerId !== peerId) continue
    try {
      found.push(...(await resolvePeerAddress(policy, { peerId, address: origin.address, namedBy }, depth + 1)))
    } catch (error) {
      refused = error
    }
  }
  if (found.length === 0) throw refused
  return found
}
