import { Resolver } from 'node:dns/promises'

/** What the DNS says when a domain, or its TXT records, do not exist: an answer, and no fault. */
const absent = new Set(['ENODATA', 'ENOTFOUND'])

/**
 * The TXT records of a domain, by the servers that the operator named or else those of the system; none when it has none.
 * Rejects when that cannot be told.
 */
export async function lookUpTxt(
  domain: string,
  { servers, signal }: { readonly servers: readonly string[]; readonly signal: AbortSignal },
): Promise<readonly (readonly string[])[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers(servers)
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel)
  try {
    return await resolver.resolveTxt(domain)
  } catch (error) {
    if (absent.has((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
