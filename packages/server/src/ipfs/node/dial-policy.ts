import { BlockList, isIP } from 'node:net'

/** Who named an address: somebody who may (a caller, the operator), or the network (records, what peers say of themselves). */
export type NamedBy = 'caller' | 'network'

/** Ranges that are no public hosts (https://www.iana.org/assignments/iana-ipv4-special-registry/). */
const notPublic4: readonly (readonly [string, number, string])[] = [
  ['0.0.0.0', 8, 'this host'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared by a carrier'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'for documentation'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'for benchmarks'],
  ['198.51.100.0', 24, 'for documentation'],
  ['203.0.113.0', 24, 'for documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
]

/**
 * Of IPv6 only global unicast is public, and of that not what stands for other addresses (Teredo, 6to4) or for
 * documentation (https://www.iana.org/assignments/iana-ipv6-special-registry/).
 */
const notPublic6: readonly (readonly [string, number, string])[] = [
  ['::1', 128, 'loopback'],
  ['fe80::', 10, 'link-local'],
  ['fc00::', 7, 'private'],
  ['ff00::', 8, 'multicast'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'for documentation'],
  ['2002::', 16, 'another way to write an IPv4 address'],
  ['3fff::', 20, 'for documentation'],
]

const special = [...notPublic4.map(toRule('ipv4')), ...notPublic6.map(toRule('ipv6'))]
const loopback = blockListOf(['127.0.0.0/8', '::1'])
const globalUnicast = blockListOf(['2000::/3'])

/**
 * Decides by the address that is really dialled, after names were looked up: only public ones, and what the operator
 * allowed to addresses that callers name.
 */
export class DialPolicy {
  readonly #allowed: BlockList
  readonly #isLocal: boolean

  constructor({ network, dialPrivate }: { network: 'local' | 'public'; dialPrivate: readonly string[] }) {
    this.#isLocal = network === 'local'
    this.#allowed = blockListOf(dialPrivate)
  }

  /**
   * Why an IP address may not be dialled; undefined when it may. `provesItself`: the peer there proves its id, so in
   * network `local` it may be on this machine.
   */
  reasonAgainst(
    address: string,
    { namedBy, provesItself }: { namedBy: NamedBy; provesItself: boolean },
  ): string | undefined {
    const ip = plainAddress(address)
    const family = isIP(ip)
    if (family === 0) return `${address} is not an IP address`
    const type = family === 6 ? 'ipv6' : 'ipv4'
    if (namedBy === 'caller') {
      if (this.#allowed.check(ip, type)) return undefined
      if (this.#isLocal && provesItself && loopback.check(ip, type)) return undefined
    }
    const rule = special.find(({ list }) => list.check(ip, type))
    if (rule === undefined && (family === 4 || globalUnicast.check(ip, type))) return undefined
    return `${ip} is not a public address (${rule?.what ?? 'reserved'}); only public ones are dialled, and those in PINYON_DIAL_PRIVATE`
  }
}

/** IPv4 written as IPv6 is the IPv4 address; a zone is no part of an address. */
function plainAddress(address: string): string {
  const [bare = ''] = address.split('%')
  if (isIP(bare) !== 6) return bare
  // The URL parser has one spelling for each address: mapped ones end in two groups of hexadecimal digits.
  const canonical = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (mapped === null) return canonical
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function toRule(type: 'ipv4' | 'ipv6') {
  return ([address, bits, what]: readonly [string, number, string]) => {
    const list = new BlockList()
    list.addSubnet(address, bits, type)
    return { list, what }
  }
}

/** Addresses and CIDR ranges, which must be right, as a list to look up in. */
export function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}
