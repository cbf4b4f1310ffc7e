import type { Generated } from 'kysely'

// Tables of what accounts hold and give out: files, groups, uploads under way, links. Units as `schema.ts` says.

/** A named set of files of one account and network; a file is in one at most (`files.group_id`). */
export interface GroupTable {
  id: string
  account_id: string
  network: number
  name: string
  name_folded: string
  /** 1: files of this private group can be read at the gateway's `/files/{cid}` without a signature. */
  is_public: number
  created_by_key: string | null
  created_at: number
  updated_at: number
}

/** One operation on many files that goes on behind its answer. */
export interface BulkTable {
  id: string
  account_id: string
  /** `pin`, `unpin`, `update`, `move`, `remove-pins`, `retry-pins`. */
  operation: string
  /** JSON: what is done with each item, and the filter that says which. */
  input: string
  /** Where the list of the filter goes on; null before the first page. */
  page_token: string | null
  /** `staging` (its items come in; not accepted yet), `collecting` (a filter is walked), `running`, `done`, `cancelled`. */
  state: string
  total: number
  done: number
  failed: number
  /** Why it was cancelled. */
  message: string | null
  created_by_key: string | null
  created_by_user: string | null
  created_at: number
  finished_at: number | null
}

/** One file, or one pin to be made, of a bulk operation. */
export interface BulkItemTable {
  bulk_id: string
  /** From 0, in the order of the request or of the list. */
  number: number
  /** The id of a file, or the JSON of a wanted pin. */
  item: string
  /** `waiting`, `done`, `failed`. */
  state: string
  /** Of a pin: the file it became. */
  file_id: string | null
  reason: string | null
  message: string | null
}

/** An account's named holding of a CID. `seq` orders for the search index; lists page by `id`. */
export interface FileTable {
  seq: Generated<number>
  id: string
  account_id: string
  network: number
  /** `held` (listed, relies on a pin), `waiting` (asked for by CID, not here yet), `failed`, `released` (history after unpin). */
  state: string
  /** `upload` or `cid`. */
  source: string
  pin_id: string | null
  /** As it was sent or answered, and its parts for comparison. */
  cid: string
  multihash: Uint8Array
  codec: number
  name: string | null
  name_folded: string | null
  size_bytes: number
  number_of_files: number
  mime_type: string
  group_id: string | null
  created_by_key: string | null
  created_at: number
  updated_at: number
  expires_at: number | null
  /** When it became `released`. */
  released_at: number | null
  /** As the Pinning Services API shows it: 0 queued, 1 pinning, 2 pinned, 3 failed; null for uploads and history. */
  pin_status: number | null
  /** JSON: the regions that somebody named for it; kept and shown, not acted upon. */
  pin_policy: string | null
  /** JSON: the addresses named for a pin that waits and whose fetch nobody has begun; null for all others. */
  queued_origins: string | null
  /** Those of the key that made it, filled by a trigger: who with the bound `own` may see it. */
  own_1: Generated<string | null>
  own_2: Generated<string | null>
  own_3: Generated<string | null>
  /** When its content became durable here, where that was not when it was created. */
  held_at: Generated<number | null>
}

export interface FileKeyvalueTable {
  file_id: string
  account_id: string
  network: number
  key: string
  /** `string`, `number`, `boolean`: as it was sent. */
  kind: string
  /** The value as text; what equality compares. */
  value: string
  /** The value as a number where it is one (numbers, and strings that read as numbers or dates), for range operators. */
  number: number | null
}

/** An upload that comes in more than one request. Its id is the id of the file that it becomes. */
export interface UploadTable {
  id: string
  account_id: string
  /** Who began it: the key, and the upload link where it was one. Null for a session. */
  key_id: string | null
  link_id: string | null
  /** `file`, `folder`, or `part`: a large file of a folder. */
  kind: string
  /** Of a part: the folder, and which of its files. */
  folder_id: string | null
  number: number | null
  /** Of a folder: what is compared when somebody begins it again. */
  manifest_hash: string | null
  /** `open` until its file is there, then `done`: kept for a while for those who missed the answer. */
  state: string
  /** JSON: what was chosen beside the bytes. */
  choice: string
  /** `Upload-Metadata` as it was sent. */
  metadata: string | null
  /** Null while nobody has said. */
  length_bytes: number | null
  /** Bytes that are here for good. */
  offset_bytes: number
  /** Where the last chunk began: it may come again when its answer was lost. */
  began_at: number
  /** Bytes of the quota that are kept for it. */
  reserved_bytes: number
  /** The staging that names and protects its blocks. */
  staging_id: string | null
  /** JSON: the import's unfinished state, and the bytes of the chunk that is not full. */
  layout_state: string | null
  tail: Uint8Array | null
  /** The writer that takes bytes for it now, its fencing number, and until when others leave it to him. */
  writer_id: string | null
  lease: number
  lease_until: number
  /** 1: its staging may name blocks that are no part of it, because somebody did not end in order. */
  is_dirty: number
  /** Of the file, once it is there. */
  cid: string | null
  created_at: number
  expires_at: number
}

/** A file of a folder that is uploaded, in the order of the manifest. */
export interface UploadFileTable {
  upload_id: string
  number: number
  path: string
  size_bytes: number
  /** JSON: the node that it became; null until it is here. */
  node: string | null
}

/** A signed URL that takes one upload (`upload`), or shows a private file (`download`). */
export interface LinkTable {
  /** Of an upload link, also the id of the file that it makes. */
  id: string
  account_id: string
  kind: string
  network: number
  /** What it may be asked with. */
  method: string
  /** The file it shows; of an upload link, the file it made. */
  file_id: string | null
  /** Of a download link: the CID and the path below it that were signed, and JSON of the parameters that were. */
  cid: string | null
  path: string | null
  query: string | null
  /** JSON: what was fixed when an upload link was signed. */
  bounds: string | null
  max_uses: number | null
  uses: number
  used_at: number | null
  starts_at: number
  expires_at: number
  /** When its row may go: nobody looks for it any more. */
  forget_at: number
  created_at: number
  created_by_key: string | null
  created_by_user: string | null
  revoked_at: number | null
}

/** A step in the history of what gateways of an account show in place of a CID. */
export interface SwapTable {
  id: string
  account_id: string
  network: number
  multihash: Uint8Array
  codec: number
  created_by_key: string | null
  created_at: number
  /** Null: from here on they show the CID itself. */
  mapped_cid: string | null
}

/** Who signed a CID (EIP-712). */
export interface SignatureTable {
  id: string
  account_id: string
  network: number
  multihash: Uint8Array
  codec: number
  created_by_key: string | null
  created_at: number
  /** As it was signed. */
  cid: string
  /** In lower case. */
  address: string
  signature: string
}
