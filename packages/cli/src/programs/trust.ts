import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'

type Env = Readonly<Record<string, string | undefined>>

/** Files of a program's own trust, and the variables that name them. */
export interface Trust {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Variables with a file of all authorities that a program trusts: OpenSSL, Go, Ruby; Python's requests; curl; git. */
const bundleVariables = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO', 'CARGO_HTTP_CAINFO']

/**
 * Writes what a program of ours is to trust: `authority` beside all that it trusted before. Those files are its alone,
 * and gone when it ends; nothing of the system or of the user changes.
 */
export async function openTrust(env: Env, authority: string): Promise<Trust> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-run-'))
  const bundle = join(dir, 'authorities.pem')
  const extra = join(dir, 'authority.pem')
  const named = bundleVariables.flatMap((name) => readAuthorities(env[name]))
  const usual = named.length > 0 ? named : [...getCACertificates('system'), ...getCACertificates('bundled')]
  const before = readAuthorities(env['NODE_EXTRA_CA_CERTS'])
  await writeFile(bundle, concatenate([...new Set([...usual, ...before, authority])]))
  await writeFile(extra, concatenate([...before, authority]))
  return {
    dir,
    env: {
      ...Object.fromEntries(bundleVariables.map((name) => [name, bundle])),
      NODE_EXTRA_CA_CERTS: extra,
      DENO_CERT: extra,
    },
    close: () => rm(dir, { recursive: true, force: true }),
  }
}

function readAuthorities(file: string | undefined): string[] {
  if (file === undefined || !existsSync(file)) return []
  return readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
}

function concatenate(certificates: readonly string[]): string {
  return certificates.map((each) => `${each.trim()}\n`).join('')
}
