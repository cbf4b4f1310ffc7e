import { z } from 'zod'
import { route } from '../../route.ts'
import { Denial, DenialListQuery, DenialParams, Denylist, DenyContent, Holdings } from '../../schemas/denials.ts'
import { Nothing } from '../../schemas/common.ts'
import { base, own } from './defaults.ts'

const operator = { ...own, scope: null, operator: true, tag: 'Operator' } as const

/** POST /pinyon/v1/denials. */
export const denialsAdd = route({
  ...operator,
  id: 'denialsAdd',
  method: 'POST',
  path: `${base}/denials`,
  bodyKind: 'json',
  body: DenyContent,
  response: Denial,
  rateClass: 'write',
  summary: 'Take content down in all accounts',
  description:
    'From then on the gateway answers 410 on every address that leads to or through it, uploads and pins with it are refused with `CONTENT_DENIED`, and no peer gets it; other processes follow within a second. Files stay in the lists of their owners, marked. 409 `CONFIRMATION_NEEDED` says whom it concerns.',
})

/** GET /pinyon/v1/denials. */
export const denialsList = route({
  ...operator,
  id: 'denialsList',
  method: 'GET',
  path: `${base}/denials`,
  query: DenialListQuery,
  response: z.object({ denials: z.array(Denial), nextPageToken: z.string().nullable() }),
  summary: 'List what was taken down',
})

/** GET /pinyon/v1/denials/{cid}. */
export const denialsGet = route({
  ...operator,
  id: 'denialsGet',
  method: 'GET',
  path: `${base}/denials/:cid`,
  params: DenialParams,
  response: z.object({ denial: Denial.nullable(), holdings: Holdings }),
  summary: 'See whether content is taken down, and whom that concerns',
})

/** DELETE /pinyon/v1/denials/{cid}. */
export const denialsRemove = route({
  ...operator,
  id: 'denialsRemove',
  method: 'DELETE',
  path: `${base}/denials/:cid`,
  params: DenialParams,
  response: Nothing,
  rateClass: 'write',
  summary: 'Allow content again',
  description: 'What is still held can be read again at once.',
})

/** GET /pinyon/v1/denylists. */
export const denylistsList = route({
  ...operator,
  id: 'denylistsList',
  method: 'GET',
  path: `${base}/denylists`,
  response: z.object({ denylists: z.array(Denylist) }),
  summary: 'List the denylists in force',
  description:
    'Files that `PINYON_DENYLISTS` names, as this process has read them. One that changed is read again within half a minute. Of several lines that speak of the same, the last counts.',
})
