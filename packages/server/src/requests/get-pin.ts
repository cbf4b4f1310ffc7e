import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { readKeyvalues } from '../files/keyvalues.ts'
import type { FileRow } from '../files/queries.ts'
import { findKeyvalues } from '../files/keyvalue-queries.ts'
import type { Services } from '../services.ts'
import type { PinRequest } from './pin-request.ts'
import { findFetches, queuedProgress } from './queries.ts'
import { getPinRow } from './remove-pin.ts'

/** A pin of the account, as it is now. Throws `not_found` for what is absent, removed or somebody else's. */
export async function getPin(
  { db }: Pick<Services, 'db'>,
  caller: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<PinRequest> {
  const [pin] = await withFetches(db.read, [await getPinRow(db.read, caller, id)])
  if (pin === undefined) throw new Error('A pin that was read is not there')
  return pin
}

/** Pins with their key-values and the fetches that they wait for. */
export async function withFetches(db: Db, files: readonly FileRow[]): Promise<PinRequest[]> {
  const pins: PinRequest[] = []
  // In slices, since each pin may have a thousand key-values.
  for (let at = 0; at < files.length; at += 50) {
    const slice = files.slice(at, at + 50)
    const ids = slice.map(({ id }) => id)
    const begun = slice.filter((file) => file.state !== 'held' && file.queued_origins === null).map(({ id }) => id)
    const [keyvalues, fetches] = await Promise.all([findKeyvalues(db, ids), findFetches(db, begun)])
    for (const file of slice) {
      pins.push({
        file,
        keyvalues: readKeyvalues(keyvalues.get(file.id) ?? []),
        fetch: queuedProgress(file) ?? fetches.get(file.id),
      })
    }
  }
  return pins
}
