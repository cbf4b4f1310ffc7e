import type { File, PinListRow, Pinned, UploadedFile } from '@pinyon/contract/schemas/files.ts'
import type { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import type { z } from 'zod'
import type { Denials } from '../denials/denials.ts'
import type { FileWithKeyvalues } from '../files/get-file.ts'
import type { KeyvalueValue } from '../files/keyvalues.ts'
import { readPinPolicy } from '../files/pin-policy.ts'
import type { KeptFile } from '../uploads/keep-file.ts'
import { presentTime } from './present-time.ts'

/** Whether and why the operator has taken the content of a file down. */
export function presentTakenDown(
  denials: Pick<Denials, 'find'>,
  { multihash }: Pick<FileWithKeyvalues['file'], 'multihash'>,
): { reason: string; at: string } | undefined {
  const denied = denials.find(multihash)
  return denied === undefined ? undefined : { reason: denied.reason, at: presentTime(denied.deniedAt) }
}

/** A file as v3 shows it; with `denials` it is marked when its content is taken down. */
export function presentFile(
  { file, keyvalues }: FileWithKeyvalues,
  denials?: Pick<Denials, 'find'>,
): z.infer<typeof File> {
  const takenDown = denials && presentTakenDown(denials, file)
  return {
    id: file.id,
    name: file.name,
    cid: file.cid,
    size: file.size_bytes,
    number_of_files: file.number_of_files,
    mime_type: file.mime_type,
    group_id: file.group_id,
    keyvalues: presentAsText(keyvalues),
    created_at: presentTime(file.created_at),
    expires_at: presentTime(file.expires_at),
    network: file.network === 1 ? 'public' : 'private',
    ...(takenDown === undefined ? {} : { taken_down: takenDown }),
  }
}

/** A file with all that is known of it; `groups` has the names of groups by id. */
export function presentExported(listed: FileWithKeyvalues, groups: ReadonlyMap<string, string>): ExportedFile {
  return {
    ...presentFile(listed),
    keyvalues: { ...listed.keyvalues },
    kind: listed.file.source === 'cid' ? 'cid' : 'upload',
    group: groups.get(listed.file.group_id ?? '') ?? null,
  }
}

/** What a v3 upload answers. `is_duplicate` stands there only when it is one. */
export function presentUploaded(kept: KeptFile): z.infer<typeof UploadedFile> {
  return {
    ...presentFile(kept),
    user_id: kept.file.account_id,
    vectorized: false,
    ...(kept.isDuplicate ? { is_duplicate: true } : {}),
  }
}

/** What pinFileToIPFS and pinJSONToIPFS answer (reference: legacy pinning). */
export function presentPinned({ file, keyvalues, isDuplicate }: KeptFile): z.infer<typeof Pinned> {
  return {
    IpfsHash: file.cid,
    PinSize: file.size_bytes,
    Timestamp: presentTime(file.created_at),
    ...(isDuplicate ? { isDuplicate: true } : {}),
    ID: file.id,
    Name: file.name,
    NumberOfFiles: file.number_of_files,
    MimeType: file.mime_type,
    GroupId: file.group_id,
    Keyvalues: Object.keys(keyvalues).length === 0 ? null : presentAsText(keyvalues),
  }
}

/** Key-values as text only: Go clients read nothing else. */
function presentAsText(keyvalues: Readonly<Record<string, KeyvalueValue>>): Record<string, string> {
  return Object.fromEntries(Object.entries(keyvalues).map(([key, value]) => [key, String(value)]))
}

/**
 * A row of pinList. Content is here once, so this installation is one copy in each region that somebody named; without
 * any it is a region itself, since clients read the list and expect one.
 */
export function presentPinListRow({ file, keyvalues }: FileWithKeyvalues): z.infer<typeof PinListRow> {
  return {
    id: file.id,
    ipfs_pin_hash: file.cid,
    size: file.size_bytes,
    user_id: file.account_id,
    date_pinned: presentTime(file.created_at),
    date_unpinned: presentTime(file.released_at),
    metadata: { name: file.name, keyvalues: Object.keys(keyvalues).length === 0 ? null : { ...keyvalues } },
    regions: readPinPolicy(file.pin_policy).map(({ id, desiredReplicationCount }) => ({
      regionId: id,
      currentReplicationCount: Math.min(1, desiredReplicationCount),
      desiredReplicationCount,
    })),
    mime_type: file.mime_type,
    number_of_files: file.number_of_files,
  }
}
