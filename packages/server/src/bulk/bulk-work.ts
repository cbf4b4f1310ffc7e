import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { endFile } from '../files/delete-file.ts'
import { changeFile, type FileChange } from '../files/update-file.ts'
import { moveFile } from '../groups/move-file.ts'
import type { AddPin, PinServices } from '../requests/pin-by-cid.ts'
import { withNewPin } from '../requests/pin-by-cid.ts'
import { endPinOf } from '../requests/remove-pin.ts'
import { retryPinOf } from '../requests/retry-pin.ts'
import type { WantedPin } from '../requests/wanted-pin.ts'

/** What is done with each item; kept as JSON. Items are ids of files of one network, or wanted pins as JSON. */
export type BulkWork =
  | { readonly operation: 'pin' }
  | { readonly operation: 'unpin'; readonly network: NetworkName }
  | { readonly operation: 'update'; readonly network: NetworkName; readonly change: FileChange }
  | { readonly operation: 'move'; readonly network: NetworkName; readonly groupId: string | null }
  | PinWork

/** What is done with pins by CID, whatever their status. Items are their ids. */
type PinWork =
  /** Statuses that the filter named: a pin that has left them before its turn is left alone. */
  | { readonly operation: 'remove-pins'; readonly statuses?: readonly number[] | undefined }
  | { readonly operation: 'retry-pins' }

/** Does what is to be done in its write: once, and together with the note that it was done. False: not any more. */
export type Once = (act: (tx: Db) => Promise<string | null>) => Promise<void>

/**
 * Does the work with one item, by the operation that does it with one alone; `once` opens its write. Throws what that
 * operation throws.
 */
export async function doItem(
  services: PinServices,
  caller: Caller,
  { work, item, signal }: { readonly work: BulkWork; readonly item: string; readonly signal: AbortSignal },
  once: Once,
): Promise<void> {
  const { clock, newId, config } = services
  switch (work.operation) {
    case 'pin': {
      const wanted = JSON.parse(item) as WantedPin // written by `startBulk`
      const write = async (add: AddPin) => {
        let made: Awaited<ReturnType<AddPin>> | undefined
        await once(async (tx) => (made = await add(tx)).file.id)
        if (made === undefined) throw new AlreadyDone()
        return made
      }
      await withNewPin(services, caller, wanted, signal, write)
      return
    }
    case 'unpin': {
      const line = { id: newId(), at: clock.now() }
      await once(async (tx) => {
        await endFile(tx, caller, { network: work.network, id: item }, line)
        return null
      })
      return
    }
    case 'update': {
      const options = { now: clock.now(), limits: config.limits }
      await once(async (tx) => {
        await changeFile(tx, caller, { network: work.network, id: item }, work.change, options)
        return null
      })
      return
    }
    case 'move': {
      const now = clock.now()
      await once(async (tx) => {
        await moveFile(tx, caller, { network: work.network, id: item }, work.groupId, now)
        return null
      })
      return
    }
    case 'remove-pins': {
      const line = { id: newId(), at: clock.now() }
      await once(async (tx) => {
        await endPinOf(tx, caller, item, line, work.statuses)
        return null
      })
      return
    }
    case 'retry-pins': {
      const options = { now: clock.now(), deadlineMs: config.pinning.deadlineMs }
      await once(async (tx) => {
        await retryPinOf(tx, caller, item, options)
        return null
      })
    }
  }
}

/** The item was done before, or the operation was cancelled: nothing is wrong, and nothing was done now. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone'
}
