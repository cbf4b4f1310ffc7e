import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isPinataHost } from './pinata-hosts.ts'
import type { StandIn } from './stand-in.ts'
import type { Trust } from './trust.ts'

const leadHome = fileURLToPath(new URL('lead-home.cjs', import.meta.url))

/**
 * The environment by which a program finds the stand-in and trusts it: the proxy variables that cURL, Go, Python and most
 * others heed, and for Node what leads every connection there. What the user's own environment said stays where it can.
 */
export async function environmentFor(
  env: NodeJS.ProcessEnv,
  { proxyPort, tlsPort, proxyCredential }: Pick<StandIn, 'proxyPort' | 'tlsPort' | 'proxyCredential'>,
  trust: Trust,
  { only }: { only: boolean },
): Promise<NodeJS.ProcessEnv> {
  const proxy = `http://${proxyCredential}@127.0.0.1:${proxyPort}`
  const preload = join(trust.dir, 'preload.cjs')
  const ports = { http: proxyPort, tls: tlsPort }
  await writeFile(preload, `require(${JSON.stringify(leadHome)})(${JSON.stringify(ports)}, ${only})\n`)
  const direct = ['localhost', '127.0.0.1', '::1', ...(only ? [] : directHosts(env))].join(',')
  const options = env['NODE_OPTIONS']
  return {
    ...env,
    ...trust.env,
    ...both('HTTPS_PROXY', proxy),
    ...both('HTTP_PROXY', proxy),
    // It stands before the two in some programs.
    ...both('ALL_PROXY', undefined),
    ...both('NO_PROXY', direct),
    NODE_OPTIONS: `${options === undefined ? '' : `${options} `}--require ${JSON.stringify(preload)}`,
  }
}

/** Hosts that the user's environment takes out of proxies, but for rules that would lead past the stand-in. */
function directHosts(env: NodeJS.ProcessEnv): string[] {
  return (env['no_proxy'] ?? env['NO_PROXY'] ?? '')
    .split(/[\s,]+/)
    .filter((entry) => entry !== '' && entry !== '*')
    .filter((entry) => {
      const name = entry
        .toLowerCase()
        .replace(/^\*?\./, '')
        .replace(/:\d+$/, '')
      return !['pinata.cloud', 'mypinata.cloud', 'cloud'].includes(name) && !isPinataHost(name)
    })
}

function both(name: string, value: string | undefined): Record<string, string | undefined> {
  return { [name]: value, [name.toLowerCase()]: value }
}
