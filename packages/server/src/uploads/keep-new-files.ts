import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { gatheredOn } from '../db/gathered-writes.ts'
import { recordFileAdded } from '../files/file-events.ts'
import { type Keyvalues, keyvalueRows } from '../files/keyvalues.ts'
import { type FileRow, insertFiles } from '../files/queries.ts'
import { insertKeyvalues } from '../files/keyvalue-queries.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { publishNewPins } from '../pins/publish-pin.ts'
import type { WrittenBlocks } from '../pins/written-blocks.ts'
import { type AccountRoom, addToTotals, lockAccountRooms } from '../usage/queries.ts'
import { recordQuotaCrossing } from '../usage/quota-events.ts'
import type { Content } from './content.ts'

/** An upload that is to be a file of its account. */
export interface NewFile {
  readonly file: FileRow
  readonly content: Content
  readonly keyvalues: Keyvalues
  /** Left out: the account's. */
  readonly pinPolicy: string | undefined
  readonly newId: () => string
}

/** Blocks of an upload that is written together with others: more are a write's worth by themselves. */
const maxBlocks = 64

/** Uploads that wait to be files: those that come at the same time are written together. */
export const newFilesOf = gatheredOn<NewFile, FileRow | 'alone'>(keepNewFiles)

/** Whether an upload of this key needs no look at anything but its account and its content, which was never here. */
export function isPlain(
  { reach, bounds }: Pick<Caller, 'reach' | 'bounds'>,
  { root, written }: Content,
  { group_id }: FileRow,
): boolean {
  if (reach !== undefined || bounds !== undefined || group_id !== null) return false
  return written.blocks.size <= maxBlocks && written.staging === undefined && isRootNew(root.multihash, written)
}

function isRootNew(multihash: Uint8Array, { blocks }: WrittenBlocks): boolean {
  const root = blocks.get(multihashKey(multihash))
  if (root === undefined || 'blockId' in root) return false
  return ![...blocks.values()].some((block) => 'location' in block && block.replacesDamaged)
}

/**
 * Makes plain uploads of any accounts files of theirs: as many statements as for one. An upload that is not as simple as
 * it looked, because its root is pinned meanwhile or its account has hardly room, is kept `alone`, and nothing of it
 * here. Who holds a file has its root pinned, so a root that was not pinned is of no file that could be told again. Part
 * of the caller's write.
 */
async function keepNewFiles(tx: Db, uploads: readonly NewFile[]): Promise<(FileRow | 'alone')[]> {
  const rooms = await lockAccountRooms(
    tx,
    uploads.map(({ file }) => file.account_id),
  )
  const fitting = uploads.filter(({ file }) => fits(rooms.get(file.account_id), file, uploads))
  const pinIds = await publishNewPins(
    tx,
    fitting.map(({ file, content, newId }) => ({
      ...content,
      network: file.network === 1 ? 'public' : 'private',
      createdAt: file.created_at,
      newId,
    })),
  )
  const kept = new Map<NewFile, FileRow>()
  for (const [i, upload] of fitting.entries()) {
    const pin_id = pinIds[i]
    if (pin_id === undefined) continue
    const { file, pinPolicy } = upload
    const policy = pinPolicy ?? rooms.get(file.account_id)?.pin_policy ?? null
    kept.set(upload, { ...file, pin_id, pin_policy: file.network === 1 ? policy : null })
  }
  await insertFiles(tx, [...kept.values()])
  await insertKeyvalues(
    tx,
    [...kept].flatMap(([{ keyvalues }, file]) => keyvalueRows({ ...file, file_id: file.id }, keyvalues)),
  )
  await tell(tx, kept, rooms)
  await addToAllTotals(tx, [...kept.values()])
  return uploads.map((upload) => kept.get(upload) ?? 'alone')
}

/** Whether the file fits into its account with all others that came with it, whatever becomes of them. */
function fits(room: AccountRoom | undefined, file: FileRow, uploads: readonly NewFile[]): boolean {
  if (room === undefined || (file.network === 1 && room.public_content === 'refused')) return false
  if (room.quota_bytes === null) return true
  let bytes = room.used_bytes + room.reserved_bytes
  for (const { file: other } of uploads) if (other.account_id === file.account_id) bytes += other.size_bytes
  return bytes <= room.quota_bytes
}

/** Tells those who listen of the files, and of quotas that they bring near. */
async function tell(tx: Db, kept: ReadonlyMap<NewFile, FileRow>, rooms: ReadonlyMap<string, AccountRoom>) {
  const used = new Map<string, number>()
  for (const [{ keyvalues }, file] of kept) {
    const { account_id: accountId, created_at: at, size_bytes: bytes } = file
    const room = rooms.get(accountId)! // looked up before
    await recordFileAdded(tx, file, keyvalues, { source: 'direct_upload', at, isHeard: room.events_until > at })
    const used_bytes = used.get(accountId) ?? room.used_bytes
    await recordQuotaCrossing(tx, accountId, { room: { ...room, used_bytes }, bytes, at })
    used.set(accountId, used_bytes + bytes)
  }
}

async function addToAllTotals(tx: Db, files: readonly FileRow[]): Promise<void> {
  const totals = new Map<string, { accountId: string; network: number; files: number; bytes: number }>()
  for (const { account_id: accountId, network, size_bytes } of files) {
    const key = `${accountId} ${network}`
    const total = totals.get(key) ?? { accountId, network, files: 0, bytes: 0 }
    totals.set(key, { ...total, files: total.files + 1, bytes: total.bytes + size_bytes })
  }
  // In one order, so that two writes do not wait for each other.
  for (const [, { accountId, network, ...sum }] of [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    await addToTotals(tx, accountId, network, sum)
}
