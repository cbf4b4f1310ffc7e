import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { fingerprintOf, openAuthority } from './authority.ts'
import { isGoodFor, issueCertificate, type Pair } from './certificates.ts'
import { keepPair, readPair } from './kept-pair.ts'
import { ChangingIdentity, type ServerIdentity } from './server-identity.ts'

const day = 86_400_000
/** A certificate is renewed when it has less left. */
const renewalMs = 30 * day

/** An identity that renews itself. */
export interface LocalIdentity extends ServerIdentity {
  /** Renews the certificate if it is due. The timer does this twice a day. */
  renewIfDue(): Promise<void>
}

/**
 * The certificate of this installation's listeners, signed by its own authority and kept in the data directory. A new one
 * is made when it has 30 days left, when its authority is another one, and when a name is missing in it.
 */
export async function openLocalIdentity(
  { clock, log }: { clock: Clock; log: Logger },
  { dataDir, names }: { dataDir: string; names: readonly string[] },
): Promise<LocalIdentity> {
  const file = join(dataDir, 'tls', 'server.pem')
  const current = async (): Promise<Pair> => {
    const now = clock.now()
    const authority = await openAuthority(dataDir, now)
    const kept = await readPair(file)
    if (kept !== undefined && isSignedBy(kept, authority) && isGoodFor(kept, names, now + renewalMs)) return kept
    const made = await issueCertificate(authority, names, now)
    log.info({ names, authority: fingerprintOf(authority) }, 'a certificate was made for the listeners')
    return keepPair(file, made, { once: false })
  }
  const identity = new ChangingIdentity(await current())
  const renewIfDue = async () => {
    const pair = await current()
    if (pair.cert !== identity.pair.cert) identity.change(pair)
  }
  const timer = setInterval(() => {
    renewIfDue().catch((error: unknown) => log.error({ err: error }, 'the certificate could not be renewed'))
  }, day / 2).unref()
  return {
    get pair() {
      return identity.pair
    },
    onChange: (listener) => identity.onChange(listener),
    renewIfDue,
    close: () => clearInterval(timer),
  }
}

function isSignedBy(kept: Pair, authority: Pair): boolean {
  return new X509Certificate(kept.cert).checkIssued(new X509Certificate(authority.cert))
}

/**
 * The names under which listeners are asked for: this machine's own, those of the addresses they are given, and below
 * each name of the gateway one for every CID (https://specs.ipfs.tech/http-gateways/subdomain-gateway/).
 */
export function localNames({
  hosts,
  gatewayHosts,
}: {
  hosts: readonly string[]
  gatewayHosts: readonly string[]
}): string[] {
  const bare = (host: string) => host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const isEverywhere = (host: string) => host === '0.0.0.0' || host === '::'
  const gateways = gatewayHosts.map(bare).filter((host) => !isEverywhere(host))
  return [
    ...new Set([
      'localhost',
      '127.0.0.1',
      '::1',
      '*.ipfs.localhost',
      ...hosts.map(bare).filter((host) => !isEverywhere(host)),
      ...gateways,
      ...gateways.filter((host) => isIP(host) === 0).map((host) => `*.ipfs.${host}`),
    ]),
  ]
}
