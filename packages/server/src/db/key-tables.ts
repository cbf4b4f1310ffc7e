import type { Generated } from 'kysely'

// Tables of keys: what they may, what they did, and what they must not do twice or too often. Units as `schema.ts` says.

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
