import { X509Certificate } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isGoodFor, makeAuthority, type Pair } from './certificates.ts'
import { keepPair, readPair } from './kept-pair.ts'

/** What a certificate has left when a new one is due; an authority must outlive what it signs. */
const authorityLeftMs = 180 * 86_400_000

/** Where the installation of a data directory keeps its authority. */
function authorityFile(dataDir: string): string {
  return join(dataDir, 'tls', 'authority.pem')
}

/**
 * The authority of the installation, made the first time and again half a year before it ends. Whoever trusts it, trusts
 * every certificate that it signs: the file is its owner's alone (0600), and what is handed out is the certificate.
 */
export async function openAuthority(dataDir: string, now: number): Promise<Pair> {
  const file = authorityFile(dataDir)
  const kept = await readPair(file)
  if (kept !== undefined && isGoodFor(kept, [], now + authorityLeftMs)) return kept
  const made = await makeAuthority(`Pinyon authority on ${hostname()}`.slice(0, 64), now)
  return keepPair(file, made, { once: kept === undefined })
}

/** The fingerprint by which people compare authorities. */
export function fingerprintOf({ cert }: Pick<Pair, 'cert'>): string {
  return new X509Certificate(cert).fingerprint256
}
