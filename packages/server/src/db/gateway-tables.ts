import type { Generated } from 'kysely'

// Part of the tables of schema.ts: gateways, and what they served.

/** A gateway of an account, by a name of its own. */
export interface GatewayTable {
  id: string
  account_id: string
  /** Without a suffix, in lower case. Unique. */
  domain: string
  created_at: number
  /** Bytes that it serves in a month; null is unlimited. */
  egress_quota_bytes: Generated<number | null>
  /** What is done with pages: `sandbox`, `domains`, `refuse`. */
  html: Generated<string>
}

/** Bytes that the gateway served in a month. */
export interface EgressTable {
  account_id: string
  /** Empty text: for the account in all. */
  gateway_id: string
  /** When the month began, in UTC. */
  month: number
  bytes: number
}

/** A domain that an owner says is theirs. Several gateways may have the same; only who proves it is reached by it. */
export interface CustomDomainTable {
  id: string
  gateway_id: string
  domain: string
  created_at: number
  /** `dns`: a record shows it. `waived`: the operator asked for no proof. Null: not shown, or no more. */
  proof: string | null
  proven_at: number | null
  checked_at: number | null
  next_check_at: number
  /** Since when a proof that was there is not found. */
  failing_since: number | null
  /** What the last check found wrong, in words. */
  problem: string | null
}

/** What lets a request in at a gateway. */
export interface GatewayRestrictionTable {
  id: string
  gateway_id: string
  /** `token`, `ip`, `host`. */
  kind: string
  /** Of a token the SHA-256, hex: it is made anew from its id whenever it is shown. */
  value: string
  created_at: number
}

export interface GatewayPluginTable {
  gateway_id: string
  plugin_id: number
  created_at: number
}

/** What the gateway served of an account's public files. Empty text: not known, or too many to tell apart. */
export interface TrafficTable {
  account_id: string
  /** When the hour or day began, which `grain` says: `h`, `d`. */
  at: number
  grain: string
  host: string
  cid: string
  file_name: string
  status: number
  user_agent: string
  referer: string
  country: string
  region: string
  requests: number
  bytes: number
}
