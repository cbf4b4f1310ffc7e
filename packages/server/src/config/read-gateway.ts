import { availableParallelism, totalmem } from 'node:os'
import { isIP } from 'node:net'
import { ConfigError } from './config-error.ts'
import type { Config } from './config.ts'
import { readOpen } from './read-open.ts'
import { choice, list, listen, text, whole, type Environment } from './values.ts'

/** More than these gain nothing where the main process has other work to do as well. */
const mostByItself = 8
/** Memory that there has to be for each. */
const bytesOfOne = 512 * 1024 * 1024

/** Reads what the gateway is to do. Throws ConfigError. */
export function readGateway(env: Environment, address: string | undefined): Config['gateway'] {
  return {
    listen: listen(env, 'PINYON_GATEWAY_LISTEN', '127.0.0.1:8480'),
    url: address,
    subdomains: readSubdomains(env),
    html: choice(env, 'PINYON_GATEWAY_HTML', ['sandbox', 'origins', 'refuse'], 'sandbox'),
    proxy: choice(env, 'PINYON_GATEWAY_PROXY', ['off', 'on'], 'off') === 'on',
    processes: readProcesses(env),
    dnslink: choice(env, 'PINYON_DNSLINK', ['off', 'names', 'hosts'], 'names'),
    domainProof: choice(env, 'PINYON_DOMAIN_PROOF', ['dns', 'off'], 'dns'),
    firstByteMs: whole(env, 'PINYON_GATEWAY_FIRST_BYTE', { otherwise: 60, from: 1, to: 3_600 }) * 1_000,
    stallMs: whole(env, 'PINYON_GATEWAY_STALL', { otherwise: 120, from: 1, to: 3_600 }) * 1_000,
    open: readOpen(env),
  }
}

/** As many as there are cores and memory for, unless it is said. */
function readProcesses(env: Environment): number {
  // Zero, or more than there is, where nobody limits it.
  const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  const otherwise = Math.max(1, Math.min(availableParallelism(), mostByItself, Math.floor(memory / bytesOfOne)))
  return whole(env, 'PINYON_GATEWAY_PROCESSES', { otherwise, from: 1, to: 64 })
}

function readSubdomains(env: Environment): string[] {
  if (text(env, 'PINYON_GATEWAY_SUBDOMAINS') === 'off') return []
  const hosts = list(env, 'PINYON_GATEWAY_SUBDOMAINS').map((host) => host.toLowerCase())
  for (const host of hosts) {
    if (!/^[a-z\d-]{1,63}(\.[a-z\d-]{1,63})*$/.test(host) || isIP(host) !== 0) {
      throw new ConfigError(
        `PINYON_GATEWAY_SUBDOMAINS must be off, or names of hosts without ports, separated by commas, such as gw.example.org (${JSON.stringify(host)} is not one).`,
      )
    }
  }
  return hosts.length === 0 ? ['localhost'] : hosts
}
