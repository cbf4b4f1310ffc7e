import type { SizedBlockSource } from '../ipfs/find-block.ts'

/**
 * As `source`. Where a block is absent `requireHeld` is asked whether what is read is still held: what ended while somebody
 * read it is gone, which `requireHeld` throws, and is no block that was lost.
 */
export function whileHeld(source: SizedBlockSource, requireHeld: () => Promise<void>): SizedBlockSource {
  const orGone = async <Found>(found: Found | undefined | Promise<Found | undefined>): Promise<Found | undefined> => {
    const value = await found
    if (value === undefined) await requireHeld()
    return value
  }
  return {
    ...(source.sizeOf === undefined ? {} : { sizeOf: (multihash) => orGone(source.sizeOf?.(multihash)) }),
    get: (multihash, codec) => orGone(source.get(multihash, codec)),
  }
}
