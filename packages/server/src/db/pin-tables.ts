import type { Generated } from 'kysely'

// Tables of what is kept and how it comes here: pins, blocks, packs, jobs, fetches. Units as `schema.ts` says.

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

/** How many pins of a status an account has per stretch of time, so that counts need not count. */
export interface PinCountTable {
  account_id: string
  pin_status: number
  /** A bucket of level n is 2^(8n+8) milliseconds of `created_at`. */
  level: number
  bucket: number
  pins: number
}
