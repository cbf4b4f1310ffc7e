import type { Db } from '../db/database.ts'
import { keyvalueRows } from '../files/keyvalues.ts'
import { countNewPins, pinStatuses } from '../files/pin-counts.ts'
import { type FileRow, insertFiles } from '../files/queries.ts'
import { insertKeyvalues } from '../files/keyvalue-queries.ts'
import { requireGroup } from '../groups/get-group.ts'
import { AppError } from '../lib/errors.ts'
import { requireRoomIn } from '../usage/quota.ts'
import { lockPinRooms, type PinRoom } from './created-at.ts'
import { fileOf, type NewPin } from './new-pin.ts'
import type { PinRequest } from './pin-request.ts'
import { insertRequests, joinFetches } from './queue-fetch.ts'
import { queuedProgress } from './queries.ts'
import { chooseOrigins } from './wanted-pin.ts'

/**
 * Adds pins whose content is to be fetched, of any accounts: as many statements as for one. They wait for their turn
 * (see `queuedPins`), but for those whose content is being fetched for the account already. For each pin what it came
 * to, or with which outcome it alone is refused: `quota_reached`, `public_content_refused`, `not_found`. Part of the
 * caller's write.
 */
export async function addWaitingPins(tx: Db, pins: readonly NewPin[]): Promise<(PinRequest | AppError)[]> {
  const rooms = await lockPinRooms(
    tx,
    pins.map(({ accountId }) => accountId),
  )
  const places = []
  for (const pin of pins) places.push(await findPlace(tx, rooms, pin))
  const accepted = places.filter((place): place is Exclude<typeof place, AppError> => !(place instanceof AppError))
  // The order of locks: account, fetch, job, file.
  const fetches = await joinFetches(
    tx,
    accepted.map(({ pin }) => ({ ...pin, createdAt: pin.now })),
  )
  const made = accepted.map(({ pin, createdAt, policy }, i) => {
    const fetch = fetches[i]
    const origins = chooseOrigins(pin.wanted.origins)
    const file: FileRow = { ...fileOf(pin, createdAt), pin_policy: policy }
    if (fetch === undefined) file.queued_origins = JSON.stringify(origins)
    else if (fetch.state === 'fetching') file.pin_status = pinStatuses.pinning
    return { file, fetch, origins, keyvalues: pin.wanted.keyvalues }
  })
  await insertFiles(
    tx,
    made.map(({ file }) => file),
  )
  await insertKeyvalues(
    tx,
    made.flatMap(({ file, keyvalues }) => keyvalueRows({ ...file, file_id: file.id }, keyvalues)),
  )
  await insertRequests(
    tx,
    made.flatMap(({ file, fetch, origins }) =>
      fetch === undefined ? [] : [{ file_id: file.id, fetch_id: fetch.id, origins: JSON.stringify(origins) }],
    ),
  )
  await countNewPins(
    tx,
    made.map(({ file }) => file),
  )
  const requests = made.map(({ file, keyvalues, fetch, origins }) => {
    const progress = fetch === undefined ? queuedProgress(file) : { ...fetch, file_id: file.id, origins }
    return { file, keyvalues, fetch: progress }
  })
  return places.map((place) => (place instanceof AppError ? place : requests.shift()!)) // one for each that was accepted
}

interface Place {
  readonly pin: NewPin
  readonly createdAt: number
  readonly policy: string | null
}

async function findPlace(tx: Db, rooms: ReadonlyMap<string, PinRoom>, pin: NewPin): Promise<Place | AppError> {
  const { accountId, groupId, reach } = pin
  const room = rooms.get(accountId)
  if (room === undefined) return new AppError('not_found', 'There is no such account')
  try {
    if (groupId !== null) await requireGroup(tx, { accountId, reach }, { network: 'public', id: groupId })
    // At least a byte, when nobody knows yet how much it is.
    requireRoomIn(room, { isPublic: true, bytes: 1 })
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  return { pin, createdAt: room.allocateCreatedAt(pin.now), policy: room.pin_policy }
}
