import type { Generated } from 'kysely'
import type {
  EventRelayTable,
  EventTable,
  QuotaRefusalTable,
  WebhookDeliveryTable,
  WebhookTable,
} from './event-tables.ts'
import type {
  GatewayDomainTable,
  GatewayPluginTable,
  GatewayRestrictionTable,
  GatewayTable,
  TrafficTable,
} from './gateway-tables.ts'

/**
 * The tables, one schema on SQLite and PostgreSQL. Times are integer milliseconds, ids UUIDv7 text unless said
 * otherwise, booleans 0 or 1, networks 0 private, 1 public (and 2 in `pin_blocks` while a pin is staging).
 */
export interface Schema {
  installation: InstallationTable
  accounts: AccountTable
  account_totals: AccountTotalTable
  users: UserTable
  members: MemberTable
  sessions: SessionTable
  invites: InviteTable
  password_resets: PasswordResetTable
  keys: KeyTable
  key_use_days: KeyUseDayTable
  key_refusals: KeyRefusalTable
  repeated_requests: RepeatedRequestTable
  repeated_writes: RepeatedWriteTable
  rate_counts: RateCountTable
  audit: AuditTable
  groups: GroupTable
  bulks: BulkTable
  bulk_items: BulkItemTable
  files: FileTable
  file_keyvalues: FileKeyvalueTable
  pins: PinTable
  pin_blocks: PinBlockTable
  blocks: BlockTable
  packs: PackTable
  damage: DamageTable
  usage_counts: UsageCountTable
  jobs: JobTable
  fetches: FetchTable
  requests: RequestTable
  pin_counts: PinCountTable
  sign_in_failures: SignInFailureTable
  links: LinkTable
  swaps: SwapTable
  signatures: SignatureTable
  events: EventTable
  event_relay: EventRelayTable
  quota_refusals: QuotaRefusalTable
  uploads: UploadTable
  upload_files: UploadFileTable
  webhooks: WebhookTable
  webhook_deliveries: WebhookDeliveryTable
  gateways: GatewayTable
  gateway_domains: GatewayDomainTable
  gateway_restrictions: GatewayRestrictionTable
  gateway_plugins: GatewayPluginTable
  traffic: TrafficTable
}

/** One row: who this installation is. */
export interface InstallationTable {
  one: number
  id: string
  created_at: number
  /** Set once, by set-up. */
  set_up_at: number | null
  /** Hash of the one-time set-up token; null after set-up. */
  setup_token_hash: string | null
  /** `local` or `public` (design: PINYON_IPFS_NETWORK), as chosen at set-up. */
  network: string
  /** Grows with time; compared at start with what was recorded beside the packs, so an older database is noticed. */
  sequence: number
  /** JSON: what the process that runs the IPFS node says of it, for the others; null before there was one. */
  node: string | null
}

/** Who owns files and pays. */
export interface AccountTable {
  id: string
  name: string
  email: string
  created_at: number
  disabled_at: number | null
  /** Bytes; null is unlimited. */
  quota_bytes: number | null
  /** `allowed` or `refused`. */
  public_content: string
  /** JSON: the regions that new public files carry; null when nobody named any. */
  pin_policy: string | null
  /** Events are recorded until then: somebody listens. */
  events_until: Generated<number>
}

/** Maintained counters per account and network: listed files and the bytes they are charged. */
export interface AccountTotalTable {
  account_id: string
  network: number
  files: number
  bytes: number
  /** How often they changed. */
  changes: Generated<number>
}

export interface UserTable {
  id: string
  email: string
  /** Lower case, trimmed: what is compared. Unique. */
  email_folded: string
  /** Algorithm and parameters are part of the text; null until an invite is accepted. */
  password_hash: string | null
  operator: number
  created_at: number
  disabled_at: number | null
}

/** A user's part in an account: `owner` or `member`. */
export interface MemberTable {
  account_id: string
  user_id: string
  role: string
  created_at: number
}

export interface SessionTable {
  id: string
  user_id: string
  account_id: string
  secret_hash: string
  created_at: number
  last_used_at: number
  expires_at: number
  address: string | null
  agent: string | null
}

export interface InviteTable {
  id: string
  account_id: string
  email: string
  role: string
  token_hash: string
  created_at: number
  expires_at: number
  accepted_at: number | null
}

export interface PasswordResetTable {
  token_hash: string
  user_id: string
  created_at: number
  expires_at: number
  used_at: number | null
}

export interface KeyTable {
  id: string
  account_id: string
  /** The `pinata_api_key`. Unique. */
  public_part: string
  /** SHA-256 of the secret, hex. */
  secret_hash: string
  name: string
  name_folded: string
  /** JSON: the permissions as given, normalised (`admin`, `operator`, `resources`, `endpoints`). */
  permissions: string
  max_uses: number | null
  uses: number
  expires_at: number | null
  created_at: number
  updated_at: number
  last_used_at: number | null
  /** What it was last used for: the id of a row of the route table, and the address it came from. */
  last_used_route: string | null
  last_used_address: string | null
  revoked_at: number | null
  regenerated_at: number | null
  /** The secret before the last regeneration, good until `previous_until`. */
  previous_secret_hash: string | null
  previous_until: number | null
  created_by_user: string | null
  created_by_key: string | null
  /** The key that it is a child of, and all above it as JSON, the topmost first. They never change. */
  parent_id: Generated<string | null>
  ancestors: Generated<string>
  /** JSON: the bounds, those of the keys above included; null when there are none. */
  bounds: Generated<string | null>
  /** Bytes of files kept with it and the keys below it, where it or a key above bounds them. */
  uploaded_bytes: Generated<number>
  /** The keys with the bound `own` from the topmost down to this one. */
  own_1: Generated<string | null>
  own_2: Generated<string | null>
  own_3: Generated<string | null>
}

/** Uses of a key by day (days since 1970, UTC) and row of the route table; written in batches. */
export interface KeyUseDayTable {
  key_id: string
  day: number
  route: string
  uses: number
}

/** What a key was refused: the latest fifty that differ in code of the outcome or row of the route table. */
export interface KeyRefusalTable {
  key_id: string
  reason: string
  route: string
  message: string
  /** The smallest scope that allows it, where one was missing. */
  scope: string | null
  count: number
  first_at: number
  last_at: number
}

/** A request with an `Idempotency-Key`, for a day. */
export interface RepeatedRequestTable {
  id: string
  /** The key, or the user in an account, that asks. */
  caller: string
  /** Of the `Idempotency-Key`. */
  name_hash: string
  /** Of method, address and body. */
  request_hash: string
  /** Who works on it, and until when others believe that. */
  lease: string
  lease_until: number
  /** JSON: status, headers and body; null until it is answered. */
  answer: string | null
  created_at: number
  expires_at: number
}

/** What the nth write of such a request resolved with, kept in that write: it is not made again. */
export interface RepeatedWriteTable {
  request_id: string
  turn: number
  result: Uint8Array
}

/** Requests of a rate class and caller until a time, where several processes count together. */
export interface RateCountTable {
  name: string
  requests: number
  until: number
}

/** Append-only: who did what to what, from where, with what result. */
export interface AuditTable {
  id: string
  at: number
  /** Null for what concerns the installation. */
  account_id: string | null
  /** `user`, `key`, `operator`, `machine`, `anonymous`. */
  actor_kind: string
  actor_id: string | null
  action: string
  target: string | null
  address: string | null
  request_id: string | null
  result: string
  /** JSON, never a secret. */
  detail: string | null
}

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
  /** `pin`, `unpin`, `update`, `move`. */
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

/** The service's promise for a root on a network. */
export interface PinTable {
  id: string
  /** Null while staging without a known root. */
  multihash: Uint8Array | null
  codec: number
  network: number
  /** `staging`, `pinned`, `releasing`. */
  state: string
  /** Content bytes of the DAG as charged, and number of distinct blocks. */
  size_bytes: number
  number_of_blocks: number
  number_of_files: number
  mime_type: string
  /** How many files hold it: kept in the transaction that changes them. */
  holders: number
  created_at: number
  /** The writer that stages it; cleared when published. */
  writer_id: string | null
  /** When the network was last told that its root is here; null when it never was. */
  announced_at: Generated<number | null>
  /** When it is to be told next. */
  announce_at: Generated<number>
}

/** The ledger: a block is live while a row names it. Primary key (block_id, network, pin_id). */
export interface PinBlockTable {
  block_id: number
  network: number
  pin_id: string
}

/** The index: where a block lies. Derived from the packs, ids kept on rebuild. */
export interface BlockTable {
  id: Generated<number>
  multihash: Uint8Array
  pack_id: number
  offset: number
  length: number
}

export interface PackTable {
  id: Generated<number>
  name: string
  writer_id: string
  created_at: number
  /** Set when all live blocks have moved away and the file may go. */
  emptied_at: number | null
  /** Bytes that died since it was looked whether the pack is worth compacting; those that its own process knows of are left out. */
  dead_bytes: Generated<number>
  /** When the last pass that read all of it through began; null before the first. */
  scrubbed_at: Generated<number | null>
  /** When the pass under way began, and behind which offset it goes on; null and 0 when there is none. */
  scrub_began_at: Generated<number | null>
  scrub_offset: Generated<number>
}

/** A block that was found damaged. Rows whose block is forgotten are removed later. */
export interface DamageTable {
  block_id: number
  cid: string
  /** `missing` or `damaged`: see `DamagedBlock`. */
  reason: string
  /** `scrub` or `read`. */
  found_by: string
  found_at: number
  /** How often another copy was looked for, when last, and why there was none. */
  attempts: number
  tried_at: number | null
  outcome: string | null
  repaired_at: number | null
  /** Where the whole block came from: `upload`, or the source that had it. */
  repaired_from: string | null
}

/** What the files of an account need, as last counted; the account '' is the installation. */
export interface UsageCountTable {
  account_id: string
  /** Sum of `account_totals.changes` when counting began: as long as that is the same, the count holds. */
  changes: number
  began_at: number
  counted_at: number
  files: number
  blocks: number
  logical_bytes: number
  unique_bytes: number
  shared_bytes: number
}

export interface JobTable {
  id: string
  kind: string
  /** What it concerns; at most one waiting job per kind and subject. */
  subject: string
  payload: string
  run_at: number
  attempts: number
  lease_until: number | null
  /** Fencing number of the lease. */
  lease: number
  /** When it is due again, having been asked for while it ran. */
  again_at: number | null
  /** Why the last attempt failed; for the operator. */
  last_error: string | null
  created_at: number
  /** Whose turn it is, where a queue is fair to owners: an account. */
  owner: string | null
}

/**
 * What one account wants fetched by CID and is not here yet. All its files of that content share one, other accounts
 * have their own, so nobody learns from it. Gone once the content is pinned.
 */
export interface FetchTable {
  id: string
  account_id: string
  multihash: Uint8Array
  codec: number
  cid: string
  /** `queued` before the first attempt, `fetching` while there is hope, `failed` when given up. */
  state: string
  created_at: number
  deadline_at: number
  attempts: number
  /** The staging that names and protects the blocks fetched so far. */
  staging_id: string | null
  /** Blocks and bytes here so far. */
  number_of_blocks: number
  size_bytes: number
  last_block_at: number | null
  /** When it is tried again; null while it runs or has ended. */
  next_attempt_at: number | null
  /** Why it failed, or what keeps the last attempt: a code, and words for people. */
  reason: string | null
  detail: string | null
  /** JSON: peers and gateways asked in the last attempt, and what came of it. */
  tried: string | null
}

/** A file that waits for a fetch, or whose fetch failed. Gone once the content is pinned. */
export interface RequestTable {
  file_id: string
  fetch_id: string
  /** JSON: the multiaddrs named with the request. */
  origins: string
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

/** How many pins of a status an account has per stretch of time, so that counts need not count. */
export interface PinCountTable {
  account_id: string
  pin_status: number
  /** A bucket of level n is 2^(8n+8) milliseconds of `created_at`. */
  level: number
  bucket: number
  pins: number
}

/** Failed proofs of a password, by a hash of where they came from and whose it should have been. */
export interface SignInFailureTable {
  name: string
  failures: number
  /** When they are forgotten. */
  until: number
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
