import { httpGet } from '../node/http-get.ts'
import { formatIpnsName } from './ipns-name.ts'
import { maxRecordBytes } from './ipns-record.ts'
import { lookUpTxt } from './look-up-txt.ts'
import type { NameSource } from './names.ts'

const gatewayTimeoutMs = 5_000

/**
 * Names as this machine can look them up: domains by the DNS servers of the system, IPNS by the trustless gateways that
 * the operator named. With `dnslink` off no domain is looked up.
 */
export function systemNames({
  gateways,
  dnslink,
  dnsServers,
}: {
  readonly gateways: readonly string[]
  readonly dnslink: boolean
  readonly dnsServers: readonly string[]
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
      return dnslink ? lookUpTxt(domain, { servers: dnsServers, signal }) : []
    },
  }
}
