import type { Config } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import type { Clock } from './lib/clock.ts'
import type { Logger } from './lib/log.ts'
import type { ServerIdentity } from './tls/server-identity.ts'

/** Opens what the listeners show over TLS; undefined without. Throws ConfigError when the files named cannot be used. */
export async function openIdentity(
  config: Config,
  deps: { clock: Clock; log: Logger },
): Promise<ServerIdentity | undefined> {
  const { tls, dataDir } = config
  if (tls.kind === 'off') return undefined
  if (tls.kind === 'files') {
    const { openFileIdentity } = await import('./tls/file-identity.ts')
    return openFileIdentity(deps, tls).catch((error: unknown) => {
      throw new ConfigError(
        `PINYON_TLS: the certificate cannot be used: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    })
  }
  // Loaded only here: what makes certificates is large.
  const { localNames, openLocalIdentity } = await import('./tls/local-identity.ts')
  const hostsOf = ({ listen, url }: Config['api']) => [
    listen.host,
    ...(url === undefined ? [] : [new URL(url).hostname]),
  ]
  const names = localNames({ hosts: hostsOf(config.api), gatewayHosts: hostsOf(config.gateway) })
  return openLocalIdentity(deps, { dataDir, names })
}
