import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { recordFileAdded } from '../files/file-events.ts'
import { keyvalueRows } from '../files/keyvalues.ts'
import { changePinCounts, pinStatuses } from '../files/pin-counts.ts'
import { markPinningAtOnce } from '../files/pin-status.ts'
import { type FileRow, insertFile, insertKeyvalues } from '../files/queries.ts'
import { requireGroup } from '../groups/get-group.ts'
import type { Cid } from '../ipfs/cid.ts'
import { placeInGroup } from '../keys/reach.ts'
import { requireFetchAllowed } from '../keys/upload-bounds.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import { publishPin, retainPin } from '../pins/publish-pin.ts'
import type { Services } from '../services.ts'
import type { WriteServices } from '../pins/block-writer.ts'
import { addToTotals } from '../usage/queries.ts'
import { recordQuotaCrossing } from '../usage/quota-events.ts'
import { requireRoom } from '../usage/quota.ts'
import { allocateCreatedAt, lockPins } from './created-at.ts'
import { findLocalContent, type LocalContent } from './local-content.ts'
import type { PinRequest } from './pin-request.ts'
import { queueFetch } from './queue-fetch.ts'
import { chooseOrigins, readRoot, type WantedPin } from './wanted-pin.ts'

/** What making a pin needs. */
export type PinServices = WriteServices & Pick<Services, 'config'>

/**
 * Records that the account wants a CID kept. Always a new pin, with an id of its own, also of a CID that it has pinned.
 * Content that a public pin or the account itself has here is pinned at once; everything else waits to be fetched, as if
 * it were nowhere here. Throws `invalid_cid`, `unsupported_hash`, `unsupported_codec`, `quota_reached`,
 * `public_content_refused`, and `not_found` for a group that is not there.
 */
export async function pinByCid(
  services: PinServices,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  wanted: WantedPin,
  signal: AbortSignal,
): Promise<PinRequest> {
  return withNewPin(services, caller, wanted, signal, (add) => services.db.write(add))
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
  requireFetchAllowed(caller)
  const root = readRoot(wanted.cid)
  const groupId = placeInGroup(caller, wanted.groupId ?? null)
  const local = await findLocalContent(services, caller, root, signal)
  const pin = {
    accountId: caller.accountId,
    keyId: caller.key?.id ?? null,
    groupId,
    reach: caller.reach,
    root,
    wanted,
    local,
    now: services.clock.now(),
    deadlineMs: services.config.pinning.deadlineMs,
  }
  try {
    return await write((tx) => addPin(tx, { ...pin, newId: services.newId }))
  } finally {
    if (typeof local !== 'string') await local.writer[Symbol.asyncDispose]()
  }
}

interface NewPin {
  readonly accountId: string
  readonly keyId: string | null
  readonly groupId: string | null
  readonly reach: Caller['reach']
  readonly root: Cid
  readonly wanted: WantedPin
  readonly local: LocalContent | 'pinned' | 'absent'
  readonly now: number
  readonly deadlineMs: number
  readonly newId: () => string
}

async function addPin(tx: Db, pin: NewPin): Promise<PinRequest> {
  const { accountId, groupId, reach, root, wanted, now, deadlineMs, newId } = pin
  await lockPins(tx, accountId)
  await requireGroup(tx, { accountId, reach }, { network: 'public', id: groupId })
  const createdAt = await allocateCreatedAt(tx, accountId, now)
  const here = await holdContent(tx, pin, createdAt)
  // At least a byte, when nobody knows yet how much it is.
  const room = await requireRoom(tx, { accountId, isPublic: true, bytes: here?.size_bytes ?? 1 })
  const file: FileRow = { ...fileOf(pin, createdAt), ...here, pin_policy: room.pin_policy }
  await insertFile(tx, file)
  const rows = keyvalueRows({ ...file, file_id: file.id }, wanted.keyvalues)
  await insertKeyvalues(tx, rows)
  if (here !== undefined) await recordFileAdded(tx, file, wanted.keyvalues, { source: 'pin_by_cid', at: now })
  else {
    const origins = chooseOrigins(wanted.origins)
    const { state } = await queueFetch(tx, { id: newId(), accountId, fileId: file.id, root, origins, now, deadlineMs })
    if (state === 'fetching') {
      file.pin_status = pinStatuses.pinning
      await markPinningAtOnce(tx, file.id)
    }
  }
  const status = file.pin_status ?? pinStatuses.queued
  await changePinCounts(tx, accountId, [{ status, createdAt, pins: 1 }])
  if (here !== undefined) {
    await recordQuotaCrossing(tx, accountId, { room, bytes: here.size_bytes, at: now })
    await addToTotals(tx, accountId, file.network, { files: 1, bytes: here.size_bytes })
  }
  return { file, keyvalues: wanted.keyvalues, fetch: undefined }
}

type HeldContent = Pick<FileRow, 'state' | 'pin_status' | 'pin_id' | 'size_bytes' | 'number_of_files' | 'mime_type'>

/** Has the public pin of the root one holder more, making it when its content is here. Undefined when it is not. */
async function holdContent(
  tx: Db,
  { root, local, newId }: NewPin,
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

/** The file before anything is known of its content. */
function fileOf({ accountId, keyId, groupId, root, wanted, newId }: NewPin, createdAt: number): FileRow {
  return {
    id: newId(),
    account_id: accountId,
    network: networkNumbers.public,
    state: 'waiting',
    source: 'cid',
    pin_id: null,
    cid: wanted.cid,
    multihash: root.multihash,
    codec: root.codec,
    name: wanted.name,
    name_folded: wanted.name === null ? null : foldText(wanted.name),
    size_bytes: 0,
    number_of_files: 0,
    mime_type: '',
    group_id: groupId,
    created_by_key: keyId,
    created_at: createdAt,
    updated_at: createdAt,
    expires_at: null,
    released_at: null,
    pin_status: pinStatuses.queued,
    pin_policy: null,
  }
}
