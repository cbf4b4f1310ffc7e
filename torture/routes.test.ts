import { routeList, routes } from '@pinyon/contract/routes.ts'
import { describe, expect, it } from 'vitest'
import { actions } from './load/apply.ts'

const ofNames = 'a publisher is killed, and what it published held to its number, by processes-names.test.ts'

/** Rows that write and are not part of the load, with the reason for each. */
const exceptions: Partial<Record<keyof typeof routes, string>> = {
  setUp: 'it is what opens every installation under test, once',
  inviteAccept: 'so are the accounts of the load made; an accepted invite is an account, which the load goes on with',
  inviteLook: 'changes nothing',
  passwordReset: 'its token comes from the command line on the machine alone',
  passwordChange: 'ends the sessions of the load; what it changes is checked by sessions.test.ts',
  sessionEnd: 'the same write as signOut, by the id of another session',
  switchAccount: 'of the users of the load none belongs to two accounts',
  membersUpdate: 'wants a second user of an account; the rows it changes are those of membersInvite',
  membersRemove: 'wants a second user of an account; the rows it changes are those of membersInvite',
  bulkCancel: 'wants a job of more than 100 items, which is over before anybody asks',
  signatureAdd: 'wants a signature by a wallet over the time of the upload',
  signatureRemove: 'there is none without signatureAdd',
  gatewayPluginsAdd: 'one row of a table, like the other things that a gateway is given',
  gatewayPluginsRemove: 'one row of a table, like the other things that a gateway is given',
  gatewaysCheckDomain: 'writes what DNS says at that moment, which is asked again by itself',
  gatewaysTryAccess: 'changes nothing',
  namesCreate: ofNames,
  namesImport: ofNames,
  namesUpdate: ofNames,
  namesDelete: ofNames,
  namesPublish: ofNames,
  namesRollback: ofNames,
  namesExport: ofNames,
  denialsAdd: 'takes content away from all accounts, which the history would have to follow',
  denialsRemove: 'there is none without denialsAdd',
  signUpJoin: 'signing up is off unless the operator says so',
  signUpLinksMake: 'signing up is off unless the operator says so',
  signUpLinksRevoke: 'signing up is off unless the operator says so',
  signUpLook: 'changes nothing',
  signUpRequest: 'signing up is off unless the operator says so',
  signUpRequestsAccept: 'signing up is off unless the operator says so',
  signUpRequestsRefuse: 'signing up is off unless the operator says so',
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
