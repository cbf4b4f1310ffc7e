import type { Caller } from '../caller.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import type { FileRow } from '../files/queries.ts'
import type { Cid } from '../ipfs/cid.ts'
import { foldText } from '../lib/fold.ts'
import { networkNumbers } from '../pins/network.ts'
import type { WantedPin } from './wanted-pin.ts'

/** A pin that is to be made. */
export interface NewPin {
  readonly accountId: string
  readonly keyId: string | null
  readonly groupId: string | null
  readonly reach: Caller['reach']
  readonly root: Cid
  readonly wanted: WantedPin
  readonly now: number
  readonly deadlineMs: number
  readonly newId: () => string
}

/** The file of a new pin before anything is known of its content. */
export function fileOf({ accountId, keyId, groupId, root, wanted, newId }: NewPin, createdAt: number): FileRow {
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
    queued_origins: null,
  }
}
