import { X509Certificate } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fingerprintOf, openAuthority } from '@pinyon/server/tls/authority.ts'
import type { Context } from '../context.ts'
import { defaultDataDir } from '../data-dir.ts'
import { UsageError } from '../exit.ts'

/** Prints the certificate of the installation's authority, which is made the first time. Its key stays where it is. */
export async function printAuthority(context: Context, options: { readonly dataDir?: string }): Promise<void> {
  const dataDir = resolve(options.dataDir ?? context.env['PINYON_DATA_DIR'] ?? defaultDataDir)
  if (!existsSync(join(dataDir, 'keys')))
    throw new UsageError(
      `There is no installation in ${dataDir}. Start the server there, or name its data directory with --data-dir.`,
    )
  const { cert } = await openAuthority(dataDir, Date.now())
  const { subject, validTo } = new X509Certificate(cert)
  context.out.result({ certificate: cert, fingerprint: fingerprintOf({ cert }), subject, validTo }, cert.trimEnd())
}
