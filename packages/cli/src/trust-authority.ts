import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { defaultDataDir } from './data-dir.ts'
import { UsageError } from './exit.ts'

/**
 * Lets this process trust the authority of an installation beside those that it trusts anyway: the one in the file of
 * PINYON_CA, else that of the data directory, where it can be read here. Throws UsageError when PINYON_CA names nothing
 * of use.
 */
export function trustAuthority(env: NodeJS.ProcessEnv): void {
  const named = env['PINYON_CA']
  const file = named ?? join(env['PINYON_DATA_DIR'] ?? defaultDataDir, 'tls', 'authority.pem')
  const found = readCertificates(file)
  if (found.length > 0) setDefaultCACertificates([...getCACertificates('default'), ...found])
  else if (named !== undefined)
    throw new UsageError(`PINYON_CA: ${named} holds no certificate that can be read. ./pinyon tls ca prints one.`)
}

function readCertificates(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return [] // nothing is there for us: whoever needed it is told that the certificate is not trusted
  }
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
}
