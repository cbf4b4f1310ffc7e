import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Route } from '@pinyon/contract/route.ts'
import type { Reach } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import { isInRanges } from './address-ranges.ts'

/** Of a request what bounds look at. */
interface Bounded {
  readonly address: string | null
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/**
 * Refuses a request from outside the addresses or origins that a key is bound to, and rows that would show or change
 * more than a key with a reach may see: `outside_bounds`. What is uploaded is looked at where it is kept.
 */
export function requireBounds(
  route: Pick<Route, 'id' | 'method' | 'path' | 'keepsReach'>,
  { bounds, reach }: { readonly bounds: KeyBounds | undefined; readonly reach: Reach | undefined },
  { address, headers }: Bounded,
): void {
  if (bounds === undefined) return
  const { addresses, origins } = bounds
  if (addresses !== undefined && (address === null || !isInRanges(addresses, address))) {
    throw new AppError('outside_bounds', 'This key is bound to other addresses than the one this request comes from.')
  }
  const { origin } = headers
  if (origins !== undefined && (typeof origin !== 'string' || !origins.includes(origin))) {
    throw new AppError('outside_bounds', 'This key is bound to pages of other origins than the one that sent this.')
  }
  if (reach !== undefined && route.keepsReach !== true) {
    throw new AppError(
      'outside_bounds',
      `This key is bound to its own files or to groups, and ${route.method} ${route.path} concerns more than these.`,
    )
  }
}
