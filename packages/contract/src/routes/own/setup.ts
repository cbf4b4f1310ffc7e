import { route } from '../../route.ts'
import { SetUp, SetUpDone } from '../../schemas/accounts.ts'
import { base, open } from './defaults.ts'

/** POST /pinyon/v1/setup: once, with the set-up token. */
export const setUp = route({
  ...open,
  id: 'setUp',
  method: 'POST',
  path: `${base}/setup`,
  tag: 'Set-up',
  rateClass: 'setup',
  bodyKind: 'json',
  body: SetUp,
  response: SetUpDone,
  summary: 'Set this installation up',
  description:
    'Makes the owner, the first account and a key with scopes admin and operator. Answers 201; afterwards 409.',
})
