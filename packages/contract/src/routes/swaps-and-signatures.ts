import { z } from 'zod'
import { route, type Route } from '../route.ts'
import { AddSignature, NetworkCidParams, Signature, Swap, SwapCid, SwapQuery } from '../schemas/swaps-and-signatures.ts'
import { defaults } from './defaults.ts'

const common = {
  ...defaults,
  dialect: 'v3',
  credentials: ['key', 'session'],
  cors: 'echo',
  params: NetworkCidParams,
} as const satisfies Partial<Route>
const write = { resource: 'org:files:write', rateClass: 'write' } as const

const swaps = {
  ...common,
  tag: 'Hot swaps',
  path: '/v3/files/:network/swap/:cid',
  aliases: [
    { path: '/v3/files/swap/:cid', params: { network: 'private' } },
    { path: '/v3/ipfs/swap/:cid', params: { network: 'public' } },
  ],
} as const

const signatures = {
  ...common,
  tag: 'Signatures',
  path: '/v3/files/:network/signature/:cid',
  aliases: [{ path: '/v3/ipfs/signature/:cid', params: { network: 'public' } }],
} as const

/** PUT /v3/files/{network}/swap/{cid}. */
export const swapSet = route({
  ...swaps,
  ...write,
  id: 'swapSet',
  method: 'PUT',
  scope: 'swaps.set',
  bodyKind: 'json',
  body: SwapCid,
  response: z.object({ data: Swap }),
  summary: 'Have gateways show another CID',
  description: 'For a CID that the account holds. `swap_cid` or `swapCid`.',
})

/** GET /v3/files/{network}/swap/{cid}. */
export const swapHistory = route({
  ...swaps,
  id: 'swapHistory',
  method: 'GET',
  scope: 'swaps.get',
  resource: 'org:files:read',
  query: SwapQuery,
  response: z.object({ data: z.array(Swap) }),
  summary: 'Read the history of a swap',
  description: 'Newest first, of your own account.',
})

/** DELETE /v3/files/{network}/swap/{cid}. */
export const swapRemove = route({
  ...swaps,
  ...write,
  id: 'swapRemove',
  method: 'DELETE',
  scope: 'swaps.remove',
  response: z.object({ data: z.null() }),
  summary: 'End a swap',
})

/** POST /v3/files/{network}/signature/{cid}. */
export const signatureAdd = route({
  ...signatures,
  ...write,
  id: 'signatureAdd',
  method: 'POST',
  scope: 'signatures.add',
  bodyKind: 'json',
  body: AddSignature,
  response: z.object({ data: Signature }),
  summary: 'Sign a CID',
  description:
    'EIP-712: domain `Sign Content`, version `1.0.0`, chain 1; `Sign(address address,string cid,string date)`, where `date` is `created_at` of your first upload of the CID.',
})

/** GET /v3/files/{network}/signature/{cid}. */
export const signatureGet = route({
  ...signatures,
  id: 'signatureGet',
  method: 'GET',
  scope: 'signatures.get',
  resource: 'org:files:read',
  response: z.object({ data: Signature }),
  summary: 'Read the signature of a CID',
  description: 'Of a public CID whoever signed it; of a private one your own.',
})

/** DELETE /v3/files/{network}/signature/{cid}. */
export const signatureRemove = route({
  ...signatures,
  ...write,
  id: 'signatureRemove',
  method: 'DELETE',
  scope: 'signatures.remove',
  response: z.object({ data: z.null() }),
  summary: 'Remove a signature',
})
