import { Resolver } from 'node:dns/promises'
import { httpGet } from '../node/http-get.ts'
import { formatIpnsName } from './ipns-name.ts'
import { maxRecordBytes } from './ipns-record.ts'
import type { NameSource } from './names.ts'

/** What the DNS says when a domain, or its TXT records, do not exist: an answer, and no fault. */
const absent = new Set(['ENODATA', 'ENOTFOUND'])
const gatewayTimeoutMs = 5_000

/**
 * Names as this machine can look them up: domains by the DNS servers of the system, IPNS by the trustless gateways that
 * the operator named. With `dnslink` off no domain is looked up.
 */
export function systemNames({
  gateways,
  dnslink,
}: {
  readonly gateways: readonly string[]
  readonly dnslink: boolean
}): NameSource {
  return {
    async findRecord(name, signal) {
      for (const origin of gateways) {
        const url = new URL(`/ipns/${formatIpnsName(name)}?format=ipns-record`, origin)
        try {
          const answer = await httpGet(url, {
            policy: undefined,
            maxBytes: maxRecordBytes,
            timeoutMs: gatewayTimeoutMs,
            signal,
            accept: 'application/vnd.ipfs.ipns-record',
          })
          if (answer.status === 200) return answer.body
        } catch {
          signal.throwIfAborted() // else it is that gateway's fault, and the next may know
        }
      }
      return undefined
    },
    async findTxt(domain, signal) {
      if (!dnslink) return []
      const resolver = new Resolver({ timeout: 2_000, tries: 2 })
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
    },
  }
}
