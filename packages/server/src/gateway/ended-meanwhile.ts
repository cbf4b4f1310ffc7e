import { BlockUnavailable } from '../ipfs/find-block.ts'
import { AppError } from '../lib/errors.ts'
import type { GatewayServices } from '../services.ts'
import { notHeld } from './answer.ts'
import type { Asked } from './note-served.ts'

/**
 * What to tell of a request that failed: where public content was unpinned after it was found and before it was read,
 * that it is not here; it was no fault of this server. Everything else as it is. What is private says so by itself
 * (`open-private.ts`).
 */
export async function orEndedMeanwhile(
  { publicPlaces, openBlocks }: GatewayServices,
  { request, content, swapped }: Asked,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof BlockUnavailable) || content === undefined || openBlocks !== undefined) return error
  if (request === undefined || request.space === 'files') return error
  const root = await publicPlaces.find((swapped ?? content).root.multihash)
  return root === undefined ? new AppError('not_found', notHeld, { cause: error }) : error
}
