import type { PinListRow } from '@pinyon/contract/schemas/files.ts'
import type { z } from 'zod'
import type { FileWithKeyvalues } from '../files/get-file.ts'
import { presentTime } from './present-time.ts'

/** Every file has one copy here, kept by this installation. */
const regions = [{ regionId: 'LOCAL', currentReplicationCount: 1, desiredReplicationCount: 1 }]

/** A file as pinList shows it. */
export function presentPinListRow({ file, keyvalues }: FileWithKeyvalues): z.infer<typeof PinListRow> {
  return {
    id: file.id,
    ipfs_pin_hash: file.cid,
    size: file.size_bytes,
    user_id: file.account_id,
    date_pinned: presentTime(file.created_at),
    date_unpinned: presentTime(file.released_at),
    metadata: { name: file.name, keyvalues: Object.keys(keyvalues).length === 0 ? null : { ...keyvalues } },
    regions: file.state === 'released' ? [] : regions,
    mime_type: file.mime_type,
    number_of_files: file.number_of_files,
  }
}
