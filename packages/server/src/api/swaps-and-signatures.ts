import { routes } from '@pinyon/contract/routes.ts'
import type { Signature, Swap } from '@pinyon/contract/schemas/swaps-and-signatures.ts'
import type { z } from 'zod'
import { type Door, door } from '../http/door.ts'
import { parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import type { SignatureRow } from '../signatures/queries.ts'
import { getSignature, removeSignature, signCid } from '../signatures/sign-cid.ts'
import type { SwapRow } from '../swaps/queries.ts'
import { endSwap, getSwapHistory, swapCid } from '../swaps/swap-cid.ts'
import { presentTime } from './present-time.ts'

/** Hot swaps and signatures: what an account says about a CID. */
export const swapAndSignatureDoors: readonly Door[] = [
  door(routes.swapSet, async ({ services, caller, params, body }) => {
    const target = body.swap_cid ?? body.swapCid
    if (target == null) throw new AppError('invalid_request', 'swap_cid: is required')
    return { data: presentSwap(await swapCid(services, caller, readKey(params), parseCid(target))) }
  }),

  door(routes.swapHistory, async ({ services, caller, params }) => ({
    data: (await getSwapHistory(services, caller, readKey(params))).map(presentSwap),
  })),

  door(routes.swapRemove, async ({ services, caller, params }) => {
    await endSwap(services, caller, readKey(params))
    return { data: null }
  }),

  door(routes.signatureAdd, async ({ services, caller, params, body }) => ({
    data: presentSignature(await signCid(services, caller, readKey(params), body)),
  })),

  door(routes.signatureGet, async ({ services, caller, params }) => ({
    data: presentSignature(await getSignature(services, caller, readKey(params))),
  })),

  door(routes.signatureRemove, async ({ services, caller, params }) => {
    await removeSignature(services, caller, readKey(params))
    return { data: null }
  }),
]

function readKey({ network, cid }: { network: 'public' | 'private'; cid: string }) {
  return { network, cid: parseCid(cid) }
}

/** In both spellings: the older SDK reads the one, all others the other. */
function presentSwap({ mapped_cid, created_at }: SwapRow): z.infer<typeof Swap> {
  const createdAt = presentTime(created_at)
  return { mapped_cid, created_at: createdAt, mappedCid: mapped_cid, createdAt }
}

function presentSignature({ cid, signature, address, created_at }: SignatureRow): z.infer<typeof Signature> {
  return { cid, signature, address, created_at: presentTime(created_at) }
}
