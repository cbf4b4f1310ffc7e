import { setImmediate } from 'node:timers/promises'
import type { Caller } from '../caller.ts'
import { mostBytesOf } from '../keys/upload-bounds.ts'
import { FileImport } from '../ipfs/import-file.ts'
import { openBlockWriter } from '../pins/block-writer.ts'
import { getAccountBounds, requirePublicAllowed, UploadRoom } from '../usage/quota.ts'
import { keepFile, type KeptFile } from './keep-file.ts'
import type { UploadServices } from './receive-file.ts'
import type { UploadChoice } from './upload-choice.ts'

/** What JSON is called that was given no name: what the SDKs call it, too. */
const defaultName = 'json'
/** Hashed in one go. */
const sliceBytes = 8 * 1024 * 1024

/**
 * Keeps JSON as a file of the account: compact, members in the order JavaScript gives them (integer-like names first, the
 * others as received), which is what `JSON.stringify` on the client would have made and `readJsonContent` does. Durable when this
 * resolves. Throws what `keepFile` throws.
 */
export async function receiveJson(
  services: UploadServices,
  caller: Caller,
  bytes: Uint8Array,
  choice: Pick<UploadChoice, 'network' | 'name' | 'keyvalues' | 'groupId' | 'pinPolicy' | 'layout' | 'expiresAt'>,
): Promise<KeptFile> {
  const account = await getAccountBounds(services.db.read, caller.accountId)
  if (choice.network === 'public') requirePublicAllowed(account)
  const room = new UploadRoom(services, caller.accountId, account.quota_bytes !== null, mostBytesOf(caller))
  try {
    await room.take(bytes.length)
    await using writer = openBlockWriter(services, {
      accountId: caller.accountId,
      reach: caller.reach,
      network: choice.network,
    })
    const file = new FileImport(writer, choice.layout)
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      // Others have their turn meanwhile.
      if (at > 0) await setImmediate()
      await file.write(bytes.subarray(at, at + sliceBytes))
    }
    const node = await file.finish()
    const written = await writer.finish({ network: choice.network })
    const content = { sizeBytes: node.contentBytes, numberOfFiles: 1, mimeType: 'application/json', defaultName }
    return await keepFile(services, caller, { root: node.cid, written, ...content }, choice)
  } finally {
    room.release()
  }
}
