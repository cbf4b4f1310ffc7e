import type { NameSource } from '../../src/ipfs/names/names.ts'
import { formatIpnsName, type IpnsName } from '../../src/ipfs/names/ipns-name.ts'

/** Names with what a test says that they lead to. Records are given out unchecked, as the network would. */
export class PresetNames implements NameSource {
  readonly records = new Map<string, Uint8Array>()
  readonly links = new Map<string, string>()
  /** Look-ups so far, by name. */
  readonly asked: string[] = []

  /** Gives a record out under a name. */
  setRecord(name: IpnsName, record: Uint8Array): void {
    this.records.set(formatIpnsName(name), record)
  }

  /** Gives a domain a DNSLink to a content path. */
  setLink(domain: string, path: string): void {
    this.links.set(`_dnslink.${domain}`, `dnslink=${path}`)
  }

  async findRecord(name: IpnsName): Promise<Uint8Array | undefined> {
    this.asked.push(formatIpnsName(name))
    return this.records.get(formatIpnsName(name))
  }

  async findTxt(domain: string): Promise<string[][]> {
    this.asked.push(domain)
    const link = this.links.get(domain)
    return link === undefined ? [] : [[link]]
  }
}
