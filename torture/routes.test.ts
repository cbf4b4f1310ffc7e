import { routeList, routes } from '@pinyon/contract/routes.ts'
import { describe, expect, it } from 'vitest'
import { actions } from './load/apply.ts'

/** Rows that write and are not part of the load, with the reason for each. */
const exceptions: Partial<Record<keyof typeof routes, string>> = {
  setUp: 'it is what opens every installation under test, once',
  inviteLook: 'changes nothing',
  passwordReset: 'its token comes from the command line on the machine alone',
  passwordChange: 'ends the sessions of the load; what it changes is checked by sessions.test.ts',
  switchAccount: 'of the users of the load none belongs to two accounts',
  bulkCancel: 'wants a job of more than 100 items, which is over before anybody asks',
  bulkRemovePins: 'removes each pin as a single row does, in the slices and jobs of bulkUnpin',
  bulkRetryPins: 'changes when the next attempt is, which no promise is about',
  signatureAdd: 'wants a signature by a wallet over the time of the upload',
  signatureRemove: 'there is none without signatureAdd',
  gatewaysCheckDomain: 'writes what DNS says at that moment, which is asked again by itself',
  gatewaysTryAccess: 'changes nothing',
  gatewaysSetRules: 'one row of a table, like the other things that a gateway is given',
  signUpJoin: 'makes an account and a user as inviteAccept does',
  signUpLook: 'changes nothing',
  signUpRequestsAccept: 'makes an account and its invite as accountsCreate does',
  totpBegin: 'a second step would stand before the sessions of the load',
  totpConfirm: 'a second step would stand before the sessions of the load',
  totpOff: 'there is none without totpConfirm',
  totpRecoveryCodes: 'there are none without totpConfirm',
}

describe('the load', () => {
  const covered = new Set(actions.flatMap(({ covers }) => covers))
  const writes = routeList.filter(({ method }) => method !== 'GET').map(({ id }) => id as keyof typeof routes) // an id of the table
  const notBuilt = new Set(writes.filter((id) => /^(vectors|x402)/.test(id)))

  it('writes by every row that writes, but for those that say why not', () => {
    const missing = writes.filter((id) => !covered.has(id) && exceptions[id] === undefined && !notBuilt.has(id))
    expect(missing).toEqual([])
  })

  it('excepts nothing that it covers, and nothing that is not there', () => {
    const idle = Object.keys(exceptions).filter((id) => covered.has(id as keyof typeof routes) || !(id in routes))
    expect(idle).toEqual([])
  })
})
