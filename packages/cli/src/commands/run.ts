import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { routes } from '@pinyon/contract/routes.ts'
import { openAuthority } from '@pinyon/server/tls/authority.ts'
import { issueCertificate, makeAuthority, type Pair } from '@pinyon/server/tls/certificates.ts'
import { readApiUrl, type Context } from '../context.ts'
import { defaultDataDir } from '../data-dir.ts'
import { UsageError } from '../exit.ts'
import { environmentFor } from '../programs/child-environment.ts'
import { pinataNames } from '../programs/pinata-hosts.ts'
import { proxyOf } from '../programs/proxy-beyond.ts'
import { endAs, runChild, type ChildEnd } from '../programs/run-child.ts'
import { openStandIn } from '../programs/stand-in.ts'
import { openTrust } from '../programs/trust.ts'

/** Options of `run`. */
export interface RunOptions {
  readonly only?: boolean
  readonly gateway?: string
  readonly dataDir?: string
}

/**
 * Runs a program whose Pinata hosts are compiled in against this server, and ends as it ends. Only that program is led
 * here, through its environment: neither the program nor the system changes.
 */
export async function run(context: Context, command: readonly string[], options: RunOptions): Promise<void> {
  if (command.length === 0) throw new UsageError('Name the program: ./pinyon run -- node app.js')
  const apiUrl = await context.apiUrl()
  const gatewayUrl = await findGateway(context, options)
  const authority = await authorityFor(context, options)
  const pair = await issueCertificate(authority, pinataNames, Date.now())
  const only = options.only === true
  const standIn = await openStandIn({ apiUrl, gatewayUrl }, pair, { only, proxyFor: proxyOf(context.env) })
  const trust = await openTrust(context.env, authority.cert)
  let end: ChildEnd
  try {
    end = await runChild(command, await environmentFor(context.env, standIn, trust, { only }))
  } finally {
    await trust.close()
    await standIn.close()
  }
  endAs(end)
}

/** The authority of the installation where its data directory can be read here, else one for this run alone. */
async function authorityFor(context: Context, { dataDir }: RunOptions): Promise<Pair> {
  const dir = resolve(dataDir ?? context.env['PINYON_DATA_DIR'] ?? defaultDataDir)
  return existsSync(join(dir, 'keys')) ? openAuthority(dir, Date.now()) : makeAuthority('Pinyon run', Date.now())
}

async function findGateway(context: Context, { gateway }: RunOptions): Promise<string | undefined> {
  const named = gateway ?? context.env['PINYON_GATEWAY_URL']
  if (named !== undefined) return readApiUrl(named)
  try {
    return (await (await context.client()).call(routes.whoami, { signal: context.signal })).urls.gateway
  } catch {
    // Without a key nobody can be asked. Programs that read from a gateway are told how to name it.
    return undefined
  }
}
