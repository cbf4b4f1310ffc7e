import { lookup as systemLookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import type { DialPolicy, NamedBy } from './dial-policy.ts'

/** An address that the rules forbid to dial. The message says which one. */
export class DialRefused extends Error {
  override readonly name = 'DialRefused'
}

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/**
 * A `lookup` for sockets that gives only addresses that may be dialled, so that what is checked is what is dialled.
 * Fails with `DialRefused` when a name leads to none.
 */
export function checkedLookup(policy: DialPolicy, rule: { namedBy: NamedBy; provesItself: boolean }) {
  return (name: string, options: LookupOptions, found: Found): void => {
    systemLookup(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error, [])
      const reasons: string[] = []
      const allowed = addresses.filter(({ address }) => {
        const reason = policy.reasonAgainst(address, rule)
        if (reason !== undefined) reasons.push(reason)
        return reason === undefined
      })
      const [first] = allowed
      if (first === undefined) return found(new DialRefused(`${name}: ${reasons[0] ?? 'it has no address'}`), [])
      if (options.all === true) found(null, allowed)
      else found(null, first.address, first.family)
    })
  }
}
