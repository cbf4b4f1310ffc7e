import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { CidText, Id } from '../schemas/common.ts'
import { defaults } from './defaults.ts'

// Parts of Pinata's service that this one does not have: they say so, in their dialect, to every valid key.
const unsupported = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  scope: null,
  countsUse: false,
} as const satisfies Partial<Route>
const vectors = { ...unsupported, tag: 'Vectors', description: 'Answers 501: there is no vector search here.' } as const
const x402 = { ...unsupported, tag: 'x402', description: 'Answers 501: nothing is sold here.' } as const

const IdParams = z.object({ id: Id })
const CidParams = z.object({ id: Id, cid: CidText })

/** POST /v3/vectorize/files/{file_id}. */
export const vectorsAdd = route({
  ...vectors,
  id: 'vectorsAdd',
  method: 'POST',
  path: '/v3/vectorize/files/:id',
  params: IdParams,
  summary: 'Vectorise a file',
})

/** DELETE /v3/vectorize/files/{file_id}. */
export const vectorsDelete = route({
  ...vectors,
  id: 'vectorsDelete',
  method: 'DELETE',
  path: '/v3/vectorize/files/:id',
  params: IdParams,
  summary: 'Delete the vectors of a file',
})

/** POST /v3/vectorize/groups/{group_id}/query. */
export const vectorsQuery = route({
  ...vectors,
  id: 'vectorsQuery',
  method: 'POST',
  path: '/v3/vectorize/groups/:id/query',
  params: IdParams,
  summary: 'Search a group by meaning',
})

const instructions = '/v3/x402/payment_instructions'

/** GET /v3/x402/payment_instructions. */
export const x402List = route({
  ...x402,
  id: 'x402List',
  method: 'GET',
  path: instructions,
  summary: 'List payment instructions',
})

/** POST /v3/x402/payment_instructions. */
export const x402Create = route({
  ...x402,
  id: 'x402Create',
  method: 'POST',
  path: instructions,
  summary: 'Make payment instructions',
})

/** GET /v3/x402/payment_instructions/{id}. */
export const x402Get = route({
  ...x402,
  id: 'x402Get',
  method: 'GET',
  path: `${instructions}/:id`,
  params: IdParams,
  summary: 'Get payment instructions',
})

/** PATCH /v3/x402/payment_instructions/{id}. */
export const x402Update = route({
  ...x402,
  id: 'x402Update',
  method: 'PATCH',
  path: `${instructions}/:id`,
  params: IdParams,
  summary: 'Change payment instructions',
})

/** DELETE /v3/x402/payment_instructions/{id}. */
export const x402Delete = route({
  ...x402,
  id: 'x402Delete',
  method: 'DELETE',
  path: `${instructions}/:id`,
  params: IdParams,
  summary: 'Delete payment instructions',
})

/** GET /v3/x402/payment_instructions/{id}/cids. */
export const x402Cids = route({
  ...x402,
  id: 'x402Cids',
  method: 'GET',
  path: `${instructions}/:id/cids`,
  params: IdParams,
  summary: 'List the CIDs of payment instructions',
})

/** PUT /v3/x402/payment_instructions/{id}/cids/{cid}. */
export const x402AddCid = route({
  ...x402,
  id: 'x402AddCid',
  method: 'PUT',
  path: `${instructions}/:id/cids/:cid`,
  params: CidParams,
  summary: 'Attach a CID to payment instructions',
})

/** DELETE /v3/x402/payment_instructions/{id}/cids/{cid}. */
export const x402RemoveCid = route({
  ...x402,
  id: 'x402RemoveCid',
  method: 'DELETE',
  path: `${instructions}/:id/cids/:cid`,
  params: CidParams,
  summary: 'Take a CID from payment instructions',
})
