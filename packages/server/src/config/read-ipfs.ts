import { isIP } from 'node:net'
import { ConfigError } from './config-error.ts'
import type { IpfsSettings } from './config.ts'
import { choice, list, requireCidr, requireOrigin, text, type Environment } from './values.ts'

/** The settings of the IPFS node. Throws ConfigError for what is no multiaddr, CIDR range, peer id or origin. */
export function readIpfs(env: Environment): IpfsSettings {
  const kind = choice(env, 'PINYON_IPFS', ['embedded', 'off'], 'embedded')
  const network =
    text(env, 'PINYON_IPFS_NETWORK') === undefined
      ? undefined
      : choice(env, 'PINYON_IPFS_NETWORK', ['local', 'public'], 'local')
  const listens = list(env, 'PINYON_IPFS_LISTEN')
  for (const address of listens) {
    if (!/^\/ip[46]\/[^/]+\/tcp\/\d{1,5}(\/ws)?$/.test(address) || isIP(address.split('/')[2] ?? '') === 0) {
      throw new ConfigError(
        `PINYON_IPFS_LISTEN must be multiaddrs such as /ip4/0.0.0.0/tcp/8401,/ip4/0.0.0.0/tcp/8402/ws (${JSON.stringify(address)} is not one).`,
      )
    }
  }
  const announce = list(env, 'PINYON_IPFS_ANNOUNCE')
  for (const address of announce) {
    if (
      !/^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d{1,5}(\/ws|\/wss|\/tls\/ws|\/tls\/sni\/[^/]+\/ws)?(\/p2p\/\w+)?$/.test(
        address,
      )
    ) {
      throw new ConfigError(
        `PINYON_IPFS_ANNOUNCE must be multiaddrs such as /ip4/203.0.113.7/tcp/8401 or /dns4/pin.example.org/tcp/443/wss (${JSON.stringify(address)} is not one).`,
      )
    }
  }
  return {
    kind,
    network,
    listen: listens,
    announce,
    dialPrivate: list(env, 'PINYON_DIAL_PRIVATE').map((cidr) => requireCidr('PINYON_DIAL_PRIVATE', cidr)),
    deny: list(env, 'PINYON_IPFS_DENY').map((each) =>
      /^(12D3KooW|Qm|16Uiu2)\w{40,60}$/.test(each) ? each : requireCidr('PINYON_IPFS_DENY', each),
    ),
    gateways: list(env, 'PINYON_IPFS_GATEWAYS').map((origin) => requireOrigin('PINYON_IPFS_GATEWAYS', origin)),
    dnsServers: list(env, 'PINYON_DNS_SERVERS').map(requireDnsServer),
  }
}

/** An address with or without a port, that of IPv6 in brackets where a port follows. */
function requireDnsServer(server: string): string {
  const [, bracketed, plain, port = '53'] =
    /^(?:\[([^\]]+)\]|([^:]+|[^[]*:[^[]*:[^[]*?))(?::(\d{1,5}))?$/.exec(server) ?? []
  if (isIP(bracketed ?? plain ?? '') === 0 || Number(port) > 65_535) {
    throw new ConfigError(
      `PINYON_DNS_SERVERS must be addresses with or without a port, such as 192.0.2.53,[2001:db8::53]:53 (${JSON.stringify(server)} is not one).`,
    )
  }
  return server
}
