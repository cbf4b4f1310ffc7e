import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { gatheredOn } from '../db/gathered-writes.ts'
import { recordFileAdded } from '../files/file-events.ts'
import { keyvalueRows } from '../files/keyvalues.ts'
import { countNewPins, pinStatuses } from '../files/pin-counts.ts'
import { type FileRow, insertFile } from '../files/queries.ts'
import { insertKeyvalues } from '../files/keyvalue-queries.ts'
import { requireGroup } from '../groups/get-group.ts'
import { placeInGroup } from '../keys/reach.ts'
import { requireFetchAllowed } from '../keys/upload-bounds.ts'
import { AppError } from '../lib/errors.ts'
import { publishPin, retainPin } from '../pins/publish-pin.ts'
import type { Services } from '../services.ts'
import type { WriteServices } from '../pins/upload-blocks.ts'
import { addToTotals } from '../usage/queries.ts'
import { recordQuotaCrossing } from '../usage/quota-events.ts'
import { requireRoom } from '../usage/quota.ts'
import { addWaitingPins } from './add-waiting-pins.ts'
import { allocateCreatedAt, lockPins } from './created-at.ts'
import { findLocalContent, type LocalContent } from './local-content.ts'
import { fileOf, type NewPin } from './new-pin.ts'
import type { PinRequest } from './pin-request.ts'
import { readRoot, type WantedPin } from './wanted-pin.ts'

/** What making a pin needs. */
export type PinServices = WriteServices & Pick<Services, 'config'>

/**
 * Records that the account wants a CID kept. Always a new pin, with an id of its own, also of a CID that it has pinned.
 * Content that a public pin or the account itself has here is pinned at once; everything else waits to be fetched, as if
 * it were nowhere here. Throws `invalid_cid`, `unsupported_hash`, `unsupported_codec`, `content_denied`, `quota_reached`,
 * `public_content_refused`, and `not_found` for a group that is not there.
 */
export async function pinByCid(
  services: PinServices,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  wanted: WantedPin,
  signal: AbortSignal,
): Promise<PinRequest> {
  const pin = await preparePin(services, caller, wanted, signal)
  if (pin.local === 'absent') return waitingPinsOf(services.db).write(pin)
  return withPrepared(pin, (add) => services.db.write(add))
}

/** Adds a pin as part of a write. */
export type AddPin = (tx: Db) => Promise<PinRequest>

/** Prepares a new pin, and has `write` add it in the write it opens. Throws as `pinByCid`. */
export async function withNewPin(
  services: PinServices,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  wanted: WantedPin,
  signal: AbortSignal,
  write: (add: AddPin) => Promise<PinRequest>,
): Promise<PinRequest> {
  return withPrepared(await preparePin(services, caller, wanted, signal), write)
}

async function preparePin(
  services: PinServices,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  wanted: WantedPin,
  signal: AbortSignal,
): Promise<PreparedPin> {
  requireFetchAllowed(caller)
  const { clock, config, newId } = services
  const root = readRoot(wanted.cid)
  services.denials.requireWelcome(root.multihash)
  const groupId = placeInGroup(caller, wanted.groupId ?? null)
  return {
    accountId: caller.accountId,
    keyId: caller.key?.id ?? null,
    groupId,
    reach: caller.reach,
    root,
    wanted,
    local: await findLocalContent(services, caller, root, signal),
    now: clock.now(),
    deadlineMs: config.pinning.deadlineMs,
    newId,
  }
}

async function withPrepared(pin: PreparedPin, write: (add: AddPin) => Promise<PinRequest>): Promise<PinRequest> {
  try {
    return await write((tx) => addPin(tx, pin))
  } finally {
    if (typeof pin.local !== 'string') await pin.local.writer[Symbol.asyncDispose]()
  }
}

interface PreparedPin extends NewPin {
  readonly local: LocalContent | 'pinned' | 'absent'
}

async function addPin(tx: Db, pin: PreparedPin): Promise<PinRequest> {
  const { accountId, groupId, reach, wanted, now } = pin
  await lockPins(tx, accountId)
  await requireGroup(tx, { accountId, reach }, { network: 'public', id: groupId })
  const createdAt = await allocateCreatedAt(tx, accountId, now)
  const here = await holdContent(tx, pin, createdAt)
  if (here === undefined) return addWaiting(tx, pin)
  const room = await requireRoom(tx, { accountId, isPublic: true, bytes: here.size_bytes })
  const file: FileRow = { ...fileOf(pin, createdAt), ...here, pin_policy: room.pin_policy }
  await insertFile(tx, file)
  const rows = keyvalueRows({ ...file, file_id: file.id }, wanted.keyvalues)
  await insertKeyvalues(tx, rows)
  await recordFileAdded(tx, file, wanted.keyvalues, { source: 'pin_by_cid', at: now })
  await countNewPins(tx, [file])
  await recordQuotaCrossing(tx, accountId, { room, bytes: here.size_bytes, at: now })
  await addToTotals(tx, accountId, file.network, { files: 1, bytes: here.size_bytes })
  return { file, keyvalues: wanted.keyvalues, fetch: undefined }
}

async function addWaiting(tx: Db, pin: NewPin): Promise<PinRequest> {
  const [made] = await addWaitingPins(tx, [pin])
  if (made === undefined || made instanceof AppError) throw made ?? new Error('A pin was left out')
  return made
}

/** Pins that wait to be added to a database: those that come at the same time are written together. */
const waitingPinsOf = gatheredOn<NewPin, PinRequest>(addWaitingPins)

type HeldContent = Pick<FileRow, 'state' | 'pin_status' | 'pin_id' | 'size_bytes' | 'number_of_files' | 'mime_type'>

/** Has the public pin of the root one holder more, making it when its content is here. Undefined when it is not. */
async function holdContent(
  tx: Db,
  { root, local, newId }: PreparedPin,
  createdAt: number,
): Promise<HeldContent | undefined> {
  if (local === 'absent') return undefined
  const held = { state: 'held', pin_status: pinStatuses.pinned }
  const pin = await retainPin(tx, { root, network: 'public' })
  if (pin !== undefined) {
    const { pinId, sizeBytes, numberOfFiles, mimeType } = pin
    return { ...held, pin_id: pinId, size_bytes: sizeBytes, number_of_files: numberOfFiles, mime_type: mimeType }
  }
  if (local === 'pinned') return undefined // it was, a moment ago
  const { content } = local
  const { pinId } = await publishPin(tx, { ...content, network: 'public', createdAt, newId })
  const { sizeBytes, numberOfFiles, mimeType } = content
  return { ...held, pin_id: pinId, size_bytes: sizeBytes, number_of_files: numberOfFiles, mime_type: mimeType }
}
