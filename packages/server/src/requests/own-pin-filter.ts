import { type psaStatuses as statuses, psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { parseCid } from '../ipfs/cid.ts'
import type { PinFilter } from './pin-filter.ts'

/** The filter of the list on our own routes, and of what is done with many of its pins. Throws `invalid_cid`. */
export function ownPinFilter(asked: {
  readonly status?: readonly (typeof statuses)[number][] | undefined
  readonly name?: string | undefined
  readonly cid?: string | undefined
}): PinFilter {
  const { status = psaStatuses, name, cid } = asked
  return {
    statuses: [...new Set(status.map((each) => pinStatuses[each]))],
    contents: cid === undefined ? undefined : [parseCid(cid)],
    name: name === undefined || name === '' ? undefined : { match: 'ipartial', text: name },
  }
}
