import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { isJournaled } from '../db/journal.ts'
import { dialectOf } from '../db/runner.ts'
import { recordFileAdded } from '../files/file-events.ts'
import { type KeyvalueValue, keyvalueRows, readKeyvalues, requireKeyvalues } from '../files/keyvalues.ts'
import { type FileRow, findHeldUpload, insertFile } from '../files/queries.ts'
import { findKeyvalues, insertKeyvalues } from '../files/keyvalue-queries.ts'
import { holdGroupIfThere, requireGroup } from '../groups/get-group.ts'
import { formatCid } from '../ipfs/cid.ts'
import { placeInGroup } from '../keys/reach.ts'
import { chargeUpload, requireUploadAllowed } from '../keys/upload-bounds.ts'
import { foldText } from '../lib/fold.ts'
import { replaceDamaged } from '../pins/written-blocks.ts'
import { networkNumbers } from '../pins/network.ts'
import { publishPin } from '../pins/publish-pin.ts'
import { releaseHolder } from '../pins/release-pin.ts'
import type { Services } from '../services.ts'
import { addToTotals } from '../usage/queries.ts'
import { recordQuotaCrossing } from '../usage/quota-events.ts'
import { requireRoom } from '../usage/quota.ts'
import { isPlain, newFilesOf } from './keep-new-files.ts'
import type { Content } from './content.ts'
import type { UploadChoice } from './upload-choice.ts'

/** A file as an upload leaves it. */
export interface KeptFile {
  readonly file: FileRow
  readonly keyvalues: Readonly<Record<string, KeyvalueValue>>
  /**
   * True: the account held this content by an upload before. Then this is that file, unchanged, unless the upload ends in
   * a row of its own.
   */
  readonly isDuplicate: boolean
}

/** An upload whose row was promised before its bytes came: it gets that row, whatever the account holds already. */
export interface OwnRow {
  readonly id: string
  /** The first thing in the write; throws when the row may not be made any more. */
  readonly claim: (tx: Db) => Promise<void>
  /** Its bytes were acknowledged while its group was there: when that is gone, the file is kept without one. */
  readonly hasBegun?: boolean
}

/**
 * Makes the content a file of the account, in one transaction: whole and durable, or not at all. Throws
 * `quota_reached`, `public_content_refused` and, for a group that is gone, `not_found` by what holds at that moment;
 * `outside_bounds` when the key may not bring it, `invalid_request` for more key-values than a file may carry.
 */
export async function keepFile(
  { db, clock, newId, config }: Pick<Services, 'db' | 'clock' | 'newId' | 'config'>,
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  content: Content,
  choice: Pick<UploadChoice, 'network' | 'name' | 'keyvalues' | 'groupId' | 'pinPolicy' | 'expiresAt'>,
  own?: OwnRow,
): Promise<KeptFile> {
  requireUploadAllowed(caller, content)
  requireKeyvalues(config.limits, choice.keyvalues)
  const wanted = fileOf(caller, content, choice, { id: own?.id ?? newId(), now: clock.now() })
  // Begun anew, a request finds its own blocks, so that it would not be plain again.
  if (own === undefined && !isJournaled(db) && isPlain(caller, content, wanted)) {
    const { keyvalues, pinPolicy } = choice
    const kept = await newFilesOf(db).write({ file: wanted, content, keyvalues, pinPolicy, newId })
    if (kept !== 'alone') {
      content.written.onPublished()
      return { file: kept, keyvalues, isDuplicate: false }
    }
  }
  const keyvalues = keyvalueRows({ ...wanted, file_id: wanted.id }, choice.keyvalues)
  return db.write(async (tx) => {
    await own?.claim(tx)
    const group = { network: choice.network, id: wanted.group_id }
    const file = own?.hasBegun === true ? { ...wanted, group_id: await holdGroupIfThere(tx, caller, group) } : wanted
    if (file === wanted) await requireGroup(tx, caller, group)
    const held = await findHeld(tx, file, caller.reach)
    if (held !== undefined && own === undefined) {
      // Sent again, content that was damaged here becomes whole.
      await replaceDamaged(tx, { ...content.written, at: file.created_at })
      return asDuplicate(tx, held)
    }
    const room = await requireRoom(tx, {
      accountId: caller.accountId,
      isPublic: choice.network === 'public',
      bytes: content.sizeBytes,
    })
    await chargeUpload(tx, caller, content.sizeBytes)
    const { pinId, isNew } = await publishPin(tx, {
      ...content,
      network: choice.network,
      createdAt: file.created_at,
      newId,
    })
    // The same upload may have run beside this one: PostgreSQL let us see it only after we waited for its pin.
    const heldMeanwhile =
      own === undefined && !isNew && dialectOf(tx) === 'postgres' ? await findHeld(tx, file, caller.reach) : undefined
    if (heldMeanwhile !== undefined) {
      await releaseHolder(tx, pinId)
      return asDuplicate(tx, heldMeanwhile)
    }
    const pin_policy = choice.network === 'public' ? (choice.pinPolicy ?? room.pin_policy) : null
    const kept: FileRow = { ...file, pin_id: pinId, pin_policy }
    await insertFile(tx, kept)
    await insertKeyvalues(tx, keyvalues)
    await recordFileAdded(tx, kept, choice.keyvalues, {
      source: 'direct_upload',
      at: kept.created_at,
      isHeard: room.events_until > kept.created_at,
    })
    const charge = { room, bytes: content.sizeBytes, at: kept.created_at }
    await recordQuotaCrossing(tx, caller.accountId, charge)
    await addToTotals(tx, caller.accountId, file.network, { files: 1, bytes: content.sizeBytes })
    return { file: kept, keyvalues: choice.keyvalues, isDuplicate: held !== undefined }
  })
}

function findHeld(
  tx: Db,
  { account_id, network, multihash, codec, created_at }: FileRow,
  reach: Caller['reach'],
): Promise<FileRow | undefined> {
  return findHeldUpload(tx, { account: account_id, network, multihash, codec, now: created_at, reach })
}

async function asDuplicate(tx: Db, file: FileRow): Promise<KeptFile> {
  const keyvalues = readKeyvalues((await findKeyvalues(tx, [file.id])).get(file.id) ?? [])
  return { file, keyvalues, isDuplicate: true }
}

function fileOf(
  caller: Pick<Caller, 'accountId' | 'key' | 'reach' | 'bounds'>,
  { root, sizeBytes, numberOfFiles, mimeType, defaultName }: Content,
  choice: Pick<UploadChoice, 'network' | 'name' | 'groupId' | 'expiresAt'>,
  { id, now }: { id: string; now: number },
): FileRow {
  const name = choice.name ?? defaultName
  return {
    id,
    account_id: caller.accountId,
    network: networkNumbers[choice.network],
    state: 'held',
    source: 'upload',
    pin_id: null,
    cid: formatCid(root),
    multihash: root.multihash,
    codec: root.codec,
    name,
    name_folded: name === null ? null : foldText(name),
    size_bytes: sizeBytes,
    number_of_files: numberOfFiles,
    mime_type: mimeType,
    group_id: placeInGroup(caller, choice.groupId ?? null),
    created_by_key: caller.key?.id ?? null,
    created_at: now,
    updated_at: now,
    expires_at: choice.expiresAt,
    released_at: null,
    pin_status: null,
    pin_policy: null,
    queued_origins: null,
  }
}
