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

/**
 * Keeps a JSON value as a file of the account: compact, members in the order JavaScript gives them (integer-like names
 * first, the others as received), which is what `JSON.stringify` on the client would have made. Durable when this
 * resolves. Throws what `keepFile` throws.
 */
export async function receiveJson(
  services: UploadServices,
  caller: Caller,
  value: unknown,
  choice: Pick<UploadChoice, 'network' | 'name' | 'keyvalues' | 'groupId' | 'pinPolicy' | 'layout' | 'expiresAt'>,
): Promise<KeptFile> {
  const bytes = Buffer.from(JSON.stringify(value))
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
    await file.write(bytes)
    const node = await file.finish()
    const written = await writer.finish({ network: choice.network })
    const content = { sizeBytes: node.contentBytes, numberOfFiles: 1, mimeType: 'application/json', defaultName }
    return await keepFile(services, caller, { root: node.cid, written, ...content }, choice)
  } finally {
    room.release()
  }
}
