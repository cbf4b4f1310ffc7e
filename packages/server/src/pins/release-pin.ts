import type { Db } from '../db/database.ts'
import { queueWithdrawal } from './announce-pins.ts'
import { notePinEnd } from './pin-ends.ts'
import { removeHolder } from './queries.ts'

/**
 * One holder of the pin less. Part of the caller's transaction, after the file has let go of the pin. When it was the
 * last, the pin is seen by nobody any more and its blocks are collected afterwards; a `publishPin` or `retainPin` of the
 * same root before that, be it in this very transaction, finds them all. What the network was told of is withdrawn.
 * Throws when nobody held the pin.
 */
export async function releaseHolder(tx: Db, pinId: string): Promise<void> {
  const [pin] = await removeHolder(tx, { id: pinId })
  if (pin === undefined) throw new Error(`Pin ${pinId} has no holder to release`)
  const { holders, multihash, codec, announced_at: announcedAt } = pin
  if (holders > 0) return
  notePinEnd(tx)
  if (multihash !== null && announcedAt !== null) await queueWithdrawal(tx, { multihash, codec })
}
