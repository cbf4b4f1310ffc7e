import { route } from '../../route.ts'
import { RecoveryCodes, TotpBegin, TotpBegun, TotpConfirm, TotpProof, TotpState } from '../../schemas/accounts.ts'
import { Nothing } from '../../schemas/common.ts'
import { base, own } from './defaults.ts'

const session = { ...own, credentials: ['session'], scope: null, cors: 'none', tag: 'Sessions' } as const

/** GET /pinyon/v1/totp. */
export const totpGet = route({
  ...session,
  id: 'totpGet',
  method: 'GET',
  path: `${base}/totp`,
  response: TotpState,
  summary: 'See whether your sign-in wants a code',
})

/** POST /pinyon/v1/totp. */
export const totpBegin = route({
  ...session,
  id: 'totpBegin',
  method: 'POST',
  path: `${base}/totp`,
  showsSecret: true,
  bodyKind: 'json',
  body: TotpBegin,
  response: TotpBegun,
  rateClass: 'password',
  summary: 'Begin to use an authenticator app',
  description:
    'Gives the secret, once (RFC 6238: SHA-1, six digits, 30 seconds). Nothing changes until it is confirmed.',
})

/** POST /pinyon/v1/totp/confirm. */
export const totpConfirm = route({
  ...session,
  id: 'totpConfirm',
  method: 'POST',
  path: `${base}/totp/confirm`,
  showsSecret: true,
  bodyKind: 'json',
  body: TotpConfirm,
  response: RecoveryCodes,
  rateClass: 'password',
  summary: 'Have your sign-in want a code from now on',
  description: 'Wants a first code of the app, ends your other sessions, and gives ten recovery codes, once.',
})

/** POST /pinyon/v1/totp/recovery-codes. */
export const totpRecoveryCodes = route({
  ...session,
  id: 'totpRecoveryCodes',
  method: 'POST',
  path: `${base}/totp/recovery-codes`,
  showsSecret: true,
  bodyKind: 'json',
  body: TotpProof,
  response: RecoveryCodes,
  rateClass: 'password',
  summary: 'Get ten new recovery codes',
  description: 'Those of before end.',
})

/** POST /pinyon/v1/totp/off: a POST, since it has a body. */
export const totpOff = route({
  ...session,
  id: 'totpOff',
  method: 'POST',
  path: `${base}/totp/off`,
  bodyKind: 'json',
  body: TotpProof,
  response: Nothing,
  rateClass: 'password',
  summary: 'Have your sign-in want no code any more',
})
