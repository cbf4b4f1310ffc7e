import { httpGet } from '../node/http-get.ts'
import { type AskForRecord, findNewest } from './find-newest.ts'
import { formatIpnsName, type IpnsName } from './ipns-name.ts'
import { maxRecordBytes } from './ipns-record.ts'
import { lookUpTxt } from './look-up-txt.ts'
import type { NameSource } from './names.ts'

const gatewayTimeoutMs = 5_000

/**
 * Names as this machine can look them up: domains by the DNS servers of the system, IPNS by the node and by the
 * trustless gateways that the operator named. With `dnslink` off no domain is looked up.
 */
export function systemNames({
  gateways,
  dnslink,
  dnsServers,
  node,
}: {
  readonly gateways: readonly string[]
  readonly dnslink: boolean
  readonly dnsServers: readonly string[]
  /** What stands for the network: `ipfs/node/node.ts`. */
  readonly node: { findRecord(multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> }
}): NameSource {
  return {
    findRecord(name, signal) {
      const asks = gateways.map((origin) => askGateway(origin, name))
      return findNewest([...asks, (ofAsk) => node.findRecord(name.multihash, ofAsk)], { name, signal })
    },
    async findTxt(domain, signal) {
      return dnslink ? lookUpTxt(domain, { servers: dnsServers, signal }) : []
    },
  }
}

/** https://specs.ipfs.tech/http-gateways/trustless-gateway/#ipns-record-responses */
function askGateway(origin: string, name: IpnsName): AskForRecord {
  const url = new URL(`/ipns/${formatIpnsName(name)}?format=ipns-record`, origin)
  return async (signal) => {
    const { status, body } = await httpGet(url, {
      policy: undefined,
      maxBytes: maxRecordBytes,
      timeoutMs: gatewayTimeoutMs,
      signal,
      accept: 'application/vnd.ipfs.ipns-record',
    })
    return status === 200 ? body : undefined
  }
}
