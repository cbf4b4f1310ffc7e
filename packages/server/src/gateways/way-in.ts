import { AppError } from '../lib/errors.ts'
import { hashSecretText } from '../lib/secret-text.ts'
import type { ServedGateway } from './served-gateways.ts'

/** What a request shows of itself to a gateway. */
export interface Shown {
  readonly token: string | undefined
  /** Scheme, host and port of the page that it comes from. */
  readonly origin: string | undefined
  readonly address: string
}

/** What lets a request in. `anyone`: the gateway has no controls, and shows what its account holds. */
export type WayIn = 'token' | 'origin' | 'address' | 'anyone'

/**
 * Which control lets a request in. Throws `credentials_missing` (as Pinata's programs know it: ERR_ID:00024) with the
 * ways that there are, `account_disabled`.
 */
export function requireWayIn(gateway: ServedGateway, { token, origin, address }: Shown): WayIn {
  if (gateway.isDisabled) {
    throw new AppError('account_disabled', 'The account of this gateway is disabled. ERR_ID:00022')
  }
  const { tokens, origins, addresses } = gateway.controls
  if (tokens.size === 0 && origins.size === 0 && addresses === undefined) return 'anyone'
  if (token !== undefined && tokens.has(hashSecretText(token))) return 'token'
  if (origin !== undefined && origins.has(origin)) return 'origin'
  if (addresses?.check(address, address.includes(':') ? 'ipv6' : 'ipv4') === true) return 'address'
  const ways = [
    ...(tokens.size > 0
      ? [
          token === undefined
            ? 'a gateway key (pinataGatewayToken or x-pinata-gateway-token)'
            : 'a gateway key that it knows',
        ]
      : []),
    ...(origins.size > 0 ? ['to be asked from a page of an allowed origin'] : []),
    ...(addresses === undefined ? [] : ['to be asked from an allowed address']),
  ]
  throw new AppError('credentials_missing', `This gateway wants ${ways.join(', or ')}. ERR_ID:00024`)
}

/** What a gateway says of content that its account has not pinned. */
export function notHeld(): AppError {
  return new AppError('forbidden', 'The owner of this gateway has not pinned this CID. ERR_ID:00006')
}
