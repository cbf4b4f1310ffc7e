import type { Caller } from '../caller.ts'
import { isResumed } from '../db/journal.ts'
import { lockPins } from './created-at.ts'
import { type AddPin, type PinServices, withNewPin } from './pin-by-cid.ts'
import type { PinRequest } from './pin-request.ts'
import { endPin, getPinRow, noSuchPin, recordRemoval } from './remove-pin.ts'
import type { WantedPin } from './wanted-pin.ts'

/**
 * Puts a new pin in the place of one of the account, in one step: the new one has an id and a time of its own and takes
 * over nothing; the old one is gone at once. The CID may be the same: content that is held stays so, and a fetch that is
 * under way goes on. Throws `not_found`, and what `pinByCid` throws; then the old one stays.
 */
export async function replacePin(
  services: PinServices,
  caller: Caller,
  id: string,
  wanted: WantedPin,
  signal: AbortSignal,
): Promise<PinRequest> {
  const { db, clock, newId } = services
  // Before anything is prepared: ids of others are as unknown ones whatever comes with them.
  if (!isResumed(db)) await getPinRow(db.read, caller, id)
  return withNewPin(services, caller, wanted, signal, (add: AddPin) =>
    db.write(async (tx) => {
      await lockPins(tx, caller.accountId)
      const old = await getPinRow(tx, caller, id)
      const end = async () => {
        const at = clock.now()
        if ((await endPin(tx, old, at)) === undefined) throw noSuchPin()
        await recordRemoval(tx, caller, old, { id: newId(), at })
      }
      // What the old one holds counts no more for the quota; what is being fetched for it goes on for the new one.
      if (old.state === 'held') await end()
      const made = await add(tx)
      if (old.state !== 'held') await end()
      return made
    }),
  )
}
