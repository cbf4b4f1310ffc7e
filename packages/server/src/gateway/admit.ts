import type { ServedGateway, ServedGateways } from '../gateways/served-gateways.ts'
import { notHeld, requireWayIn } from '../gateways/way-in.ts'
import type { Arrival } from './arrival.ts'
import type { Content } from './find-content.ts'
import type { GatewayRequest } from './read-request.ts'
import type { HostRules } from './host-form.ts'

/** What a gateway of an account says of a request before anything of its content is looked at. */
export interface Admission {
  readonly gateway: ServedGateway
  /** True when a control let it in: then for every public content. */
  readonly byControl: boolean
}

/**
 * The gateway of an account that a host belongs to. Custom domains count only where the settings say which host is the
 * installation's own: else somebody could take that.
 */
export async function findDedicated(
  gateways: ServedGateways,
  { hostname }: Arrival,
  { subdomains, own }: HostRules,
): Promise<ServedGateway | undefined> {
  if (own.includes(hostname) || subdomains.includes(hostname)) return undefined
  const above = subdomains.find((host) => hostname.endsWith(`.${host}`))
  if (above !== undefined) {
    const name = hostname.slice(0, -above.length - 1)
    return name.includes('.') ? undefined : gateways.find({ name })
  }
  if (own.length === 0 || !/\.[a-z][a-z\d-]*$/.test(hostname)) return undefined
  return gateways.find({ domain: hostname })
}

/**
 * Lets a request in by a token, the address it comes from, or the page it comes from; where a gateway has none of these,
 * for what its account holds. Throws `credentials_missing` (as Pinata's programs know it: ERR_ID:00024), `account_disabled`.
 */
export function admit(gateway: ServedGateway, arrival: Arrival, request: GatewayRequest): Admission {
  const shown = { token: tokenOf(request), origin: originOf(request), address: arrival.address }
  return { gateway, byControl: requireWayIn(gateway, shown) !== 'anyone' }
}

/** Holds the content of a request against what a gateway may show. Throws `forbidden` (ERR_ID:00006). */
export async function requireHeld(
  gateways: ServedGateways,
  admission: Admission,
  { root }: Pick<Content, 'root'>,
): Promise<void> {
  if (admission.byControl || (await gateways.holds(admission.gateway, root))) return
  throw notHeld()
}

/** What a gateway shows for a content: with swaps it may be another one soon, so nobody keeps it for ever. */
export async function swapContent(
  gateways: ServedGateways,
  { gateway, byControl }: Admission,
  content: Content,
): Promise<Content> {
  const lasting = byControl
    ? 'private'
    : gateway.swaps && content.lasting === 'always'
      ? { ttlMs: 60_000 }
      : content.lasting
  const swapped = await gateways.swapOf(gateway, content.root)
  return swapped === undefined ? { ...content, lasting } : { root: swapped, leading: content.leading, lasting }
}

function tokenOf({ parameters, headers }: GatewayRequest): string | undefined {
  const header = headers['x-pinata-gateway-token']
  return (
    parameters['pinataGatewayToken'] ||
    parameters['token'] ||
    (Array.isArray(header) ? header[0] : header) ||
    /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  )
}

/** Browsers say where a request comes from in Origin for some, in Referer for others. */
function originOf({ headers }: GatewayRequest): string | undefined {
  const text = headers.origin ?? headers.referer
  return text !== undefined && URL.canParse(text) ? new URL(text).origin : undefined
}
