import { z } from 'zod'
import { route } from '../../route.ts'
import { Account, AccountListQuery, CreateAccount, Invite, UpdateAccount } from '../../schemas/accounts.ts'
import { IdParams, base, own } from './defaults.ts'

const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const

/** POST /pinyon/v1/accounts. */
export const accountsCreate = route({
  ...operator,
  id: 'accountsCreate',
  showsSecret: true,
  method: 'POST',
  path: `${base}/accounts`,
  bodyKind: 'json',
  body: CreateAccount,
  rateClass: 'write',
  response: z.object({ account: Account, invite: Invite }),
  summary: 'Make an account',
  description: 'Answers 201 with an invite for its owner.',
})

/** GET /pinyon/v1/accounts. */
export const accountsList = route({
  ...operator,
  id: 'accountsList',
  method: 'GET',
  path: `${base}/accounts`,
  query: AccountListQuery,
  response: z.object({ accounts: z.array(Account), nextPageToken: z.string().nullable() }),
  summary: 'List accounts',
})

/** GET /pinyon/v1/accounts/{id}. */
export const accountsGet = route({
  ...operator,
  id: 'accountsGet',
  method: 'GET',
  path: `${base}/accounts/:id`,
  params: IdParams,
  response: Account,
  summary: 'Get an account',
})

/** PATCH /pinyon/v1/accounts/{id}. */
export const accountsUpdate = route({
  ...operator,
  id: 'accountsUpdate',
  method: 'PATCH',
  path: `${base}/accounts/:id`,
  params: IdParams,
  bodyKind: 'json',
  body: UpdateAccount,
  response: Account,
  rateClass: 'write',
  summary: 'Change quota, settings or state of an account',
  description: 'A disabled account is refused everywhere at once; its files stay.',
})

/** POST /pinyon/v1/operator/signing-keys: rotation. */
export const signingKeysRotate = route({
  ...operator,
  id: 'signingKeysRotate',
  method: 'POST',
  path: `${base}/operator/signing-keys`,
  response: z.object({ kid: z.string(), previous: z.string() }),
  rateClass: 'write',
  summary: 'Rotate the key that signs JWTs',
  description: 'JWTs already given stay valid; new ones are signed by the new key.',
})
