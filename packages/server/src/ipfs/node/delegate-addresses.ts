import { networkInterfaces } from 'node:os'

/** As many as a `PinStatus` may carry (https://ipfs.github.io/pinning-services-api-spec/). */
const maxDelegates = 20

/**
 * Addresses to give to clients, each ending in `/p2p/ID`: what the operator announces, else what is listened on, with
 * the machine's own addresses in place of "all". At least one, at most 20.
 */
export function delegateAddresses({
  peerId,
  announce,
  listen,
}: {
  readonly peerId: string
  readonly announce: readonly string[]
  readonly listen: readonly string[]
}): readonly string[] {
  const addresses = announce.length > 0 ? announce : listen.flatMap(concreteAddresses)
  const suffix = `/p2p/${peerId}`
  const bare = addresses.map((address) => address.replace(/\/p2p\/\w+$/, ''))
  return [...new Set(bare)].slice(0, maxDelegates).map((address) => address + suffix)
}

/** The addresses that one address stands for: those of the machine when it says "all of them". */
function concreteAddresses(address: string): string[] {
  const [, family, host, ...rest] = address.split('/')
  if (host !== '0.0.0.0' && host !== '::') return [address]
  const wanted = family === 'ip4' ? 'IPv4' : 'IPv6'
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    // Link-local addresses mean nothing without the name of an interface.
    .filter((each) => each.family === wanted && !each.address.startsWith('fe80:'))
    .toSorted((a, b) => Number(a.internal) - Number(b.internal))
  const outside = own.filter(({ internal }) => !internal)
  return (outside.length > 0 ? outside : own).map((each) => ['', family, each.address, ...rest].join('/'))
}
