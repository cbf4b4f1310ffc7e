import { route } from '../../route.ts'
import { Account, UpdateOwnAccount } from '../../schemas/accounts.ts'
import { base, own } from './defaults.ts'

const account = { ...own, tag: 'Account' } as const

/** GET /pinyon/v1/account: the caller's own. */
export const accountGet = route({
  ...account,
  id: 'accountGet',
  method: 'GET',
  path: `${base}/account`,
  scope: 'account.get',
  resource: 'org:read',
  response: Account,
  summary: 'Get your account',
})

/** PATCH /pinyon/v1/account. */
export const accountUpdate = route({
  ...account,
  id: 'accountUpdate',
  method: 'PATCH',
  path: `${base}/account`,
  scope: 'account.update',
  bodyKind: 'json',
  body: UpdateOwnAccount,
  response: Account,
  rateClass: 'write',
  summary: 'Change your account',
  description: 'With `publicContent: "refused"` nothing of this account can become public.',
})
