import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { recordFileAdded } from '../files/file-events.ts'
import type { FileWithKeyvalues } from '../files/get-file.ts'
import { keyvalueRows } from '../files/keyvalues.ts'
import { type FileRow, insertFile, markHeldAt } from '../files/queries.ts'
import { insertKeyvalues } from '../files/keyvalue-queries.ts'
import { requireGroup } from '../groups/get-group.ts'
import { placeInGroup } from '../keys/reach.ts'
import { chargeUpload, requireCarAllowed, requireUploadAllowed } from '../keys/upload-bounds.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import { publishPin } from '../pins/publish-pin.ts'
import type { WrittenBlocks } from '../pins/written-blocks.ts'
import { changePinCounts, pinStatuses } from '../files/pin-counts.ts'
import { isPinTimeTaken, lockPins } from '../requests/created-at.ts'
import type { Services } from '../services.ts'
import type { CarDag } from '../uploads/car-import.ts'
import { addToTotals } from '../usage/queries.ts'
import { recordQuotaCrossing } from '../usage/quota-events.ts'
import { requireRoom } from '../usage/quota.ts'
import { findImported } from './find-imported.ts'
import type { ImportWish } from './import-wish.ts'

/** A file as an import leaves it. */
export interface ImportedFile extends FileWithKeyvalues {
  /** False: it was here before, and is unchanged. */
  readonly isNew: boolean
}

/**
 * Makes what came in a file of the account, dated as it was where it comes from, in one transaction; the audit log
 * keeps the real time and who did it. Throws `quota_reached`, `public_content_refused`, and `not_found` for a group that
 * is not there.
 */
export async function keepImport(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  wish: ImportWish,
  content: CarDag & { readonly written: WrittenBlocks },
): Promise<ImportedFile> {
  requireUploadAllowed(caller, content)
  requireCarAllowed(caller, content)
  const { accountId, reach } = caller
  const now = clock.now()
  const network = networkNumbers[wish.network]
  return db.write(async (tx) => {
    if (wish.kind === 'cid') await lockPins(tx, accountId)
    // Locks an account with a quota, so that of two imports of the same file the second finds the first.
    const room = await requireRoom(tx, { accountId, isPublic: wish.network === 'public', bytes: content.sizeBytes })
    const found = await findImported(tx, { accountId, reach, root: content.root, now }, wish)
    if ('there' in found) return { ...found.there, isNew: false }
    const groupId = placeInGroup(caller, wish.groupId)
    await requireGroup(tx, caller, { network: wish.network, id: groupId })
    const createdAt = wish.origin?.createdAt ?? now
    await chargeUpload(tx, caller, content.sizeBytes)
    const { pinId } = await publishPin(tx, { ...content, network: wish.network, createdAt: now, newId })
    const file: FileRow = {
      ...newRow(wish, content),
      id: found.id ?? newId(),
      account_id: accountId,
      pin_id: pinId,
      group_id: groupId,
      created_by_key: caller.key?.id ?? null,
      created_at: wish.kind === 'cid' ? await freePinTime(tx, accountId, createdAt) : createdAt,
      updated_at: now,
    }
    await insertFile(tx, file)
    await markHeldAt(tx, file.id, now)
    await insertKeyvalues(tx, keyvalueRows({ ...file, file_id: file.id }, wish.keyvalues))
    await recordFileAdded(tx, file, wish.keyvalues, { source: 'import', at: now })
    await recordAudit(tx, {
      id: newId(),
      at: now,
      accountId,
      actor: actorOf(caller),
      action: 'file.imported',
      target: file.id,
      origin: caller.origin,
      detail: { cid: wish.cid, network: wish.network, ...originOf(wish) },
    })
    await recordQuotaCrossing(tx, accountId, { room, bytes: content.sizeBytes, at: now })
    await addToTotals(tx, accountId, network, { files: 1, bytes: content.sizeBytes })
    if (file.pin_status !== null)
      await changePinCounts(tx, accountId, [{ status: file.pin_status, createdAt: file.created_at, pins: 1 }])
    return { file, keyvalues: wish.keyvalues, isNew: true }
  })
}

function newRow(wish: ImportWish, { root, sizeBytes, numberOfFiles, mimeType }: CarDag) {
  return {
    network: networkNumbers[wish.network],
    state: 'held',
    source: wish.kind,
    cid: wish.cid,
    multihash: root.multihash,
    codec: root.codec,
    name: wish.name,
    name_folded: wish.name === null ? null : foldText(wish.name),
    size_bytes: sizeBytes,
    number_of_files: numberOfFiles,
    // What lists show. Bounds of keys and the gateway go by the bytes, whatever was said.
    mime_type: mimeType === 'directory' ? mimeType : (wish.mimeType ?? mimeType),
    expires_at: wish.expiresAt,
    released_at: null,
    pin_status: wish.kind === 'cid' ? pinStatuses.pinned : null,
    pin_policy: null,
    queued_origins: null,
  }
}

/** What was said of where it comes from; nothing here has checked it. */
function originOf({ origin }: ImportWish): Record<string, string> {
  if (origin === undefined) return {}
  const { source, sourceId, createdAt } = origin
  return { source, sourceId, createdAt: new Date(createdAt).toISOString() }
}

/** The time of a pin, or the first after it that no other pin of the account has. */
async function freePinTime(tx: Db, account: string, createdAt: number): Promise<number> {
  for (let time = createdAt; ; time++) if (!(await isPinTimeTaken(tx, { account, createdAt: time }))) return time
}
