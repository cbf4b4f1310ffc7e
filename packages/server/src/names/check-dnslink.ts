import type { Caller } from '../caller.ts'
import { isDomainName } from '../ipfs/names/dnslink.ts'
import { findIpnsName, formatIpnsName } from '../ipfs/names/ipns-name.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { getName } from './manage-names.ts'

/** What a domain needs so that it leads to a name, and what was found there. */
export interface DnsLinkCheck {
  readonly domain: string
  readonly record: { readonly type: 'TXT'; readonly host: string; readonly value: string }
  readonly state: 'set' | 'missing' | 'other' | 'several' | 'unknown'
  readonly found: { host: string; value: string }[]
  readonly message: string
}

/** What stands in a TXT record of a domain that leads to a name (https://dnslink.dev). */
export function dnsLinkOf(name: string): string {
  return `dnslink=/ipns/${name}`
}

/** Records that are shown; a domain may have any number. */
const maxShown = 20

/**
 * Says which TXT record a domain needs to lead to a name, whether it has it, and what to do when not. Throws `not_found`,
 * and `invalid_request` for what is no domain.
 */
export async function checkDnsLink(
  services: Pick<Services, 'db' | 'clock' | 'names' | 'config'>,
  caller: Caller,
  { id, domain: sent }: { id: string; domain: string },
): Promise<DnsLinkCheck> {
  const { row } = await getName(services, caller, id)
  const domain = sent
    .trim()
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^_dnslink\./, '')
  if (!isDomainName(domain))
    throw new AppError('invalid_request', `domain: ${domain.slice(0, 100)} is no domain such as www.example.org.`)
  const record = { type: 'TXT', host: `_dnslink.${domain}`, value: dnsLinkOf(row.name) } as const
  const asked = await look(services, domain)
  const found = (Array.isArray(asked) ? asked : []).slice(0, maxShown)
  const judged = Array.isArray(asked) ? judge(found, record, row.name) : ({ state: 'unknown', message: asked } as const)
  return { domain, record, found, ...judged }
}

/** The DNSLinks that are there, or why that cannot be told. */
async function look(
  { names, config }: Pick<Services, 'names' | 'config'>,
  domain: string,
): Promise<{ host: string; value: string }[] | string> {
  if (config.gateway.dnslink === 'off') return 'This server looks no domains up (PINYON_DNSLINK=off).'
  try {
    const found = await names.readTxt(domain)
    return found.flatMap(({ host, texts }) =>
      texts.filter((text) => text.startsWith('dnslink=')).map((value) => ({ host, value: value.slice(0, 500) })),
    )
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'internal') throw error
    return `${error.message} Try again in a minute.`
  }
}

function judge(
  found: readonly { host: string; value: string }[],
  { host, value }: DnsLinkCheck['record'],
  name: string,
): Pick<DnsLinkCheck, 'state' | 'message'> {
  // Only where nothing stands below `_dnslink` does the domain itself count.
  const below = found.filter((each) => each.host === host)
  const counting = below.length > 0 ? below : found
  const right = counting.filter((each) => leadsTo(each.value, name))
  if (counting.length === 0)
    return { state: 'missing', message: `Add a TXT record for ${host} with the value ${value}.` }
  if (right.length === 0)
    return { state: 'other', message: `It leads elsewhere. Change the TXT record of ${counting[0]!.host} to ${value}.` }
  if (counting.length > 1)
    return {
      state: 'several',
      message: `There are ${counting.length} DNSLinks, and readers take any of them. Keep only ${value}.`,
    }
  return { state: 'set', message: 'The domain leads to this name.' }
}

function leadsTo(value: string, name: string): boolean {
  const [, text = ''] = /^dnslink=\/ipns\/([^/\s]+)\/?\s*$/.exec(value) ?? []
  const found = findIpnsName(text)
  return found !== undefined && formatIpnsName(found) === name
}
