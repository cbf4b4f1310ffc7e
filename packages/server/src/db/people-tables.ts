import type { Generated } from 'kysely'

// Tables of who uses an installation and what they did: accounts, people, sessions, the audit log. Units as `schema.ts` says.

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
  /** How often a denial was made, changed or lifted. */
  denial_changes: Generated<number>
  /** How often who has served all that they may may have become others. */
  egress_changes: Generated<number>
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
  /** Bytes that the gateway serves for it in a month; null is unlimited. */
  egress_quota_bytes: Generated<number | null>
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

/** Failed proofs of a password, by a hash of where they came from and whose it should have been. */
export interface SignInFailureTable {
  name: string
  failures: number
  /** When they are forgotten. */
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

/** Content that an operator has taken down. A row that was lifted stays. */
export interface DenialTable {
  multihash: Uint8Array
  cid: string
  reason: string
  denied_at: number
  actor_kind: string
  actor_id: string | null
  lifted_at: number | null
  /** The number of its last change: rows after a number are those that changed since. */
  change: number
}

/** Lines of the audit log that are not in the chain yet; a trigger adds them. */
export interface AuditUnsealedTable {
  id: string
}

/** The chain over the audit log; append-only. */
export interface AuditChainTable {
  number: number
  entry_id: string
  /** Whose line it is, so that its people can look for it. */
  account_id: string | null
  /** Hex. */
  hash: string
}

/** One row: where the chain ends. */
export interface AuditHeadTable {
  one: number
  number: number
  hash: string
}

/** A second step of signing in: an authenticator app. */
export interface TotpTable {
  user_id: string
  /** What the secret is derived from. */
  id: string
  created_at: number
  /** Null until a first code was seen. */
  enabled_at: number | null
  /** The step of the last code that was used: no code counts twice. */
  last_step: number
}

/** Codes for when the app is gone; each works once. */
export interface RecoveryCodeTable {
  user_id: string
  code_hash: string
  used_at: number | null
}

/** A link by which several people may join. */
export interface SignUpLinkTable {
  id: string
  token_hash: string
  note: string
  max_uses: number
  uses: number
  /** Of accounts made with it; null: the usual one. */
  quota_bytes: number | null
  created_at: number
  expires_at: number
  revoked_at: number | null
}

/** Somebody who would like an account, until an operator has decided. */
export interface SignUpRequestTable {
  id: string
  email: string
  email_folded: string
  name: string
  note: string
  created_at: number
}
