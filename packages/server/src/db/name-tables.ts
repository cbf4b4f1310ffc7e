// Part of the tables of schema.ts: IPNS names that accounts publish under.

/** An IPNS name of an account. Several accounts may have the same key: who has it may publish. */
export interface IpnsNameTable {
  id: string
  account_id: string
  /** Unique within the account. */
  label: string
  /** Base36. */
  name: string
  /** The seed of the Ed25519 key, encrypted: see `names/seal-seed.ts`. */
  sealed_seed: string
  lifetime_ms: number
  ttl_ms: number
  /** Of the last record, here or elsewhere; the next one is higher. */
  sequence: number
  /** What it leads to; null before anything was published. */
  value: string | null
  /** The record as it was signed. */
  record: Uint8Array | null
  published_at: number | null
  valid_until: number | null
  /** When the record is to be signed anew. */
  renew_at: number | null
  /** The CID that `value` begins with, for looking up what leads to it. */
  multihash: Uint8Array | null
  codec: number | null
  /** When the network was told of this record; null until then. */
  told_at: number | null
  /** Why it could not be told the last time. */
  tell_error: string | null
  key_exported_at: number | null
  created_by_key: string | null
  created_at: number
  updated_at: number
}

/** What was published under a name. */
export interface IpnsRecordTable {
  name_id: string
  sequence: number
  value: string
  /** The sequence whose value was published again. */
  rolled_back_to: number | null
  published_at: number
  valid_until: number
  ttl_ms: number
  actor_kind: string
  actor_id: string | null
}
