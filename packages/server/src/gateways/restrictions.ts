import { isIP } from 'node:net'
import type { Caller } from '../caller.ts'
import type { ValueKey } from '../keys/value-key.ts'
import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { Services } from '../services.ts'
import { changeGateway } from './manage-gateways.ts'
import { deleteRestriction, insertRestriction, listRestrictions, type RestrictionRow } from './queries.ts'

/** What can let a request in. */
export type RestrictionKind = 'token' | 'ip' | 'host'

/** Of each kind a gateway may have so many. */
const maxPerKind = 500

type ChangeServices = Pick<Services, 'db' | 'clock' | 'newId'>

/** Makes a token that lets requests in. Throws `not_found`, `conflict` when there are too many. */
export function addAccessToken(
  services: ChangeServices & Pick<Services, 'valueKey'>,
  caller: Caller,
  gatewayId: string,
): Promise<RestrictionRow> {
  const id = services.newId()
  const value = hashSecretText(accessTokenText(services.valueKey, id))
  return addRestriction(services, caller, { id, gatewayId, kind: 'token', value })
}

/** The token itself: made from its id, so that it can be shown while only its hash is stored. */
export function accessTokenText(valueKey: ValueKey, id: string): string {
  return `pngw_${valueKey.derive('gateway token', id).toString('base64url')}`
}

/** Lets an address or a range of them in. Throws `invalid_request`, `not_found`, `conflict`. */
export function allowAddress(
  services: ChangeServices,
  caller: Caller,
  { gatewayId, ip }: { gatewayId: string; ip: string },
): Promise<RestrictionRow> {
  return addRestriction(services, caller, { id: services.newId(), gatewayId, kind: 'ip', value: readRange(ip) })
}

/** Lets requests from pages of an origin in. Throws `invalid_request`, `not_found`, `conflict`. */
export function allowHost(
  services: ChangeServices,
  caller: Caller,
  { gatewayId, host }: { gatewayId: string; host: string },
): Promise<RestrictionRow> {
  return addRestriction(services, caller, { id: services.newId(), gatewayId, kind: 'host', value: readOrigin(host) })
}

/** Takes away what lets requests in. Throws `not_found`, also for one of another kind. */
export async function removeRestriction(
  services: ChangeServices,
  caller: Caller,
  { gatewayId, kind, id }: { gatewayId: string; kind: RestrictionKind; id: string },
): Promise<void> {
  await changeGateway(services, caller, gatewayId, async (tx) => {
    if (!(await deleteRestriction(tx, { gatewayId, kind, id }))) {
      throw new AppError('not_found', `This gateway has no such ${wordsOf[kind]}`)
    }
    return { result: undefined, audit: { action: `gateway.${kind}_removed`, detail: { id } } }
  })
}

const wordsOf = { token: 'access token', ip: 'address', host: 'host' } as const

async function addRestriction(
  services: ChangeServices,
  caller: Caller,
  { id, gatewayId, kind, value }: { id: string; gatewayId: string; kind: RestrictionKind; value: string },
): Promise<RestrictionRow> {
  return changeGateway(services, caller, gatewayId, async (tx, now) => {
    const same = (await listRestrictions(tx, [gatewayId])).filter((each) => each.kind === kind)
    if (same.length >= maxPerKind) {
      throw new AppError('conflict', `A gateway may have at most ${maxPerKind} of these. Remove one first.`)
    }
    const result = { id, gateway_id: gatewayId, kind, value, created_at: now }
    if (!(await insertRestriction(tx, result))) {
      throw new AppError('conflict', `This gateway has the ${wordsOf[kind]} ${value} already.`)
    }
    const detail = { id, ...(kind === 'token' ? {} : { value }) }
    return { result, audit: { action: `gateway.${kind}_added`, detail } }
  })
}

/** An IP address or CIDR range, as it was written but for the case. */
function readRange(text: string): string {
  const [address = '', bits, more] = text.trim().toLowerCase().split('/')
  const family = isIP(address)
  const isRange = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
  if (family === 0 || address.includes('%') || !isRange || more !== undefined) {
    throw new AppError(
      'invalid_request',
      'ip: must be an IP address or a CIDR range, such as 192.0.2.7 or 2001:db8::/32',
    )
  }
  return bits === undefined ? address : `${address}/${Number(bits)}`
}

/** An origin as browsers send it: scheme, host and port, nothing behind (RFC 6454 section 6.1). */
function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isOrigin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    /^https?:\/\/[^/?#@\\]+\/?$/i.test(text.trim()) &&
    url.host !== ''
  if (!isOrigin) {
    throw new AppError('invalid_request', 'host: must be an origin, such as https://app.example.org, without a path')
  }
  return url.origin
}
