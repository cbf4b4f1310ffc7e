import { z } from 'zod'
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

/** GET /pinyon/v1/setup: whether it was done. */
export const setUpState = route({
  ...open,
  id: 'setUpState',
  method: 'GET',
  path: `${base}/setup`,
  tag: 'Set-up',
  response: z.object({ done: z.boolean() }),
  summary: 'Is this installation set up?',
})
