import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { proofsOf } from './domain-proof.ts'
import { getGatewayWithParts } from './manage-gateways.ts'
import { listGatewayPlugins } from './plugins.ts'

/** Who can read what at a gateway now, and under which hosts. */
export interface Access {
  readonly reads: 'own' | 'public'
  readonly sentences: readonly string[]
  readonly hosts: readonly { readonly host: string; readonly served: boolean }[]
}

const pageWords: Readonly<Record<string, readonly string[]>> = {
  domains: ['Pages (HTML) are shown on custom domains alone; elsewhere they are downloads.'],
  refuse: ['Pages (HTML) are not shown; they are downloads.'],
}

/** Says it in words, by the rules that the gateway serves by. Throws `not_found`. */
export async function describeAccess(
  services: Pick<Services, 'db' | 'config'>,
  caller: Caller,
  id: string,
): Promise<Access> {
  const { gateway, domains, restrictions } = await getGatewayWithParts(services, caller, id)
  const plugins = (await listGatewayPlugins(services, caller, id)).map(({ plugin_id: plugin }) => plugin)
  const proofs = proofsOf(services.config)
  const count = (kind: string) => restrictions.filter((each) => each.kind === kind).length
  const named = [
    count('token') > 0 ? 'whoever shows one of its access tokens' : '',
    count('host') > 0 ? 'pages of its hosts' : '',
    count('ip') > 0 ? 'requests from its addresses' : '',
  ].filter((way) => way !== '')
  const isOpen = named.length === 0
  const waiting = domains.filter(({ proof }) => proof === null || !proofs.includes(proof))
  return {
    reads: isOpen ? 'own' : 'public',
    sentences: [
      isOpen
        ? 'Anyone can read the public files of this account. Nothing else is served.'
        : `Any public content can be read by ${named.join(', or ')}. Everybody else is refused.`,
      'Private files are read by signed links alone.',
      ...(pageWords[gateway.html] ?? []),
      ...(plugins.includes(2) ? ['A CID that was swapped shows the other one.'] : []),
      ...(plugins.includes(1) ? ['Answers carry the signature of the content, where there is one.'] : []),
      ...waiting.map(({ domain }) => `${domain} is not served: its record was not found.`),
    ],
    hosts: [
      ...services.config.gateway.subdomains.map((host) => ({ host: `${gateway.domain}.${host}`, served: true })),
      ...domains.map(({ domain, proof }) => ({ host: domain, served: proof !== null && proofs.includes(proof) })),
    ],
  }
}
