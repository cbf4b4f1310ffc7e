import { z } from 'zod'
import { CidText, Network, Time } from './common.ts'

/** A CID on a network. */
export const NetworkCidParams = z.object({ network: Network, cid: CidText })

/** Body of a swap, in both spellings that clients send. */
export const SwapCid = z.object({ swap_cid: CidText.nullish(), swapCid: CidText.nullish() }).meta({ id: 'SwapCid' })

/** Query of a history: the gateway it is asked for. */
export const SwapQuery = z.object({
  domain: z.string().max(300).optional().meta({ description: 'A gateway; the history is the same on all.' }),
})

/** A step in the history of a swap, in both spellings that clients read. */
export const Swap = z
  .object({
    mapped_cid: z.string().nullable().meta({ description: 'Null: the swap was ended.' }),
    created_at: Time,
    mappedCid: z.string().nullable(),
    createdAt: Time,
  })
  .meta({ id: 'Swap' })

/** Body of a signature. */
export const AddSignature = z
  .object({
    signature: z.string().regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 130 hex digits'),
    address: z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits'),
  })
  .meta({ id: 'AddSignature' })

/** A signature of a CID. */
export const Signature = z
  .object({ cid: z.string(), signature: z.string(), address: z.string(), created_at: Time })
  .meta({ id: 'Signature' })
