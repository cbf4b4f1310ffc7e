import { normalisePermissions, type Granted } from '@pinyon/contract/permissions.ts'
import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import { LRUCache } from 'lru-cache'
import type { Reach } from '../caller.ts'
import type { Database } from '../db/database.ts'
import { nobodyElse, type Notices } from '../db/notices.ts'
import { findKeyForCheck, type KeyRow } from './queries.ts'

/** A key as checking a credential sees it. */
export interface CheckedKey {
  readonly id: string
  readonly accountId: string
  readonly publicPart: string
  readonly name: string
  readonly granted: Granted
  readonly secretHash: string
  /** The secret before the last regeneration, and until when it is good. */
  readonly previousSecretHash: string | null
  readonly previousUntil: number | null
  readonly regeneratedAt: number | null
  /** Whether it, or a key above it, has max uses. */
  readonly limited: boolean
  readonly bounds: KeyBounds | undefined
  readonly reach: Reach | undefined
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly accountDisabledAt: number | null
}

/** How long a row may be believed: bounds how late a revocation is noticed that another process could not tell of. */
const ttlMs = 500
const maxKeys = 10_000
/** What processes tell each other. */
const keyChanged = 'key'
const accountChanged = 'account'

/**
 * Rows of keys looked up lately. Whoever changes a key says `forget` after the commit and before the answer, so the next
 * request here sees the change. Other processes are told; what they do not hear they see within half a second.
 */
export class KeyCache {
  readonly #db: Pick<Database, 'read'>
  readonly #elapsedMs: () => number
  readonly #rows = new LRUCache<string, { key: CheckedKey; loadedAt: number }>({ max: maxKeys })
  readonly #loading = new Map<string, Promise<CheckedKey | undefined>>()
  readonly #notices: Notices
  #epoch = 0

  /** `elapsedMs` is monotonic: a wall clock set back must not make rows live longer. */
  constructor({
    db,
    notices = nobodyElse,
    elapsedMs = () => performance.now(),
  }: {
    db: Pick<Database, 'read'>
    notices?: Notices
    elapsedMs?: () => number
  }) {
    this.#db = db
    this.#notices = notices
    this.#elapsedMs = elapsedMs
    notices.on((notice) => {
      if (notice === 'missed') this.#drop(() => true)
      else if (notice.kind === keyChanged) this.#drop((key) => key.publicPart === notice.subject)
      else if (notice.kind === accountChanged) this.#drop((key) => key.accountId === notice.subject)
    })
  }

  /** The key with this public part, at most half a second old; undefined when there is none. */
  find(publicPart: string): Promise<CheckedKey | undefined> | CheckedKey {
    const row = this.#rows.get(publicPart)
    if (row !== undefined && this.#elapsedMs() - row.loadedAt < ttlMs) return row.key
    const loading = this.#loading.get(publicPart)
    if (loading !== undefined) return loading
    const load = this.#load(publicPart).finally(() => {
      if (this.#loading.get(publicPart) === load) this.#loading.delete(publicPart)
    })
    this.#loading.set(publicPart, load)
    return load
  }

  /** A key has changed. */
  forget(publicPart: string): void {
    this.#drop((key) => key.publicPart === publicPart)
    this.#notices.tell({ kind: keyChanged, subject: publicPart })
  }

  /** An account was disabled or enabled: all its keys have changed. */
  forgetAccount(accountId: string): void {
    this.#drop((key) => key.accountId === accountId)
    this.#notices.tell({ kind: accountChanged, subject: accountId })
  }

  /** What is being read now may have been read before the change: nobody else gets it, and it is not kept. */
  #drop(isChanged: (key: CheckedKey) => boolean): void {
    for (const [publicPart, { key }] of this.#rows) if (isChanged(key)) this.#rows.delete(publicPart)
    this.#epoch++
    this.#loading.clear()
  }

  async #load(publicPart: string): Promise<CheckedKey | undefined> {
    const epoch = this.#epoch
    const loadedAt = this.#elapsedMs()
    const row = await findKeyForCheck(this.#db.read, publicPart)
    // Unknown ones are not kept: a key made a moment later must work at once.
    if (row === undefined) return undefined
    const key = toCheckedKey(row)
    if (epoch === this.#epoch) this.#rows.set(publicPart, { key, loadedAt })
    return key
  }
}

/** A row of the database as a key to check. */
function toCheckedKey(row: NonNullable<Awaited<ReturnType<typeof findKeyForCheck>>>): CheckedKey {
  return {
    id: row.id,
    accountId: row.account_id,
    publicPart: row.public_part,
    name: row.name,
    granted: readGranted(row.permissions),
    secretHash: row.secret_hash,
    previousSecretHash: row.previous_secret_hash,
    previousUntil: row.previous_until,
    regeneratedAt: row.regenerated_at,
    limited: row.max_uses !== null,
    ...readBounds(row),
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    accountDisabledAt: row.account_disabled_at,
  }
}

/** What a stored key is bound to, and what it reaches of the files of its account. */
export function readBounds(row: Pick<KeyRow, 'bounds' | 'own_1' | 'own_2' | 'own_3'>): {
  bounds: KeyBounds | undefined
  reach: Reach | undefined
} {
  if (row.bounds === null) return { bounds: undefined, reach: undefined }
  const bounds = JSON.parse(row.bounds) as KeyBounds // written by us, from what the schema had checked
  const owner = ownerOf(row)
  const { groups } = bounds
  return { bounds, reach: owner === undefined && groups === undefined ? undefined : { owner, groups } }
}

/** The lowest key with `own` on the way down to this one: what it and those below it made is reached. */
function ownerOf({ own_1, own_2, own_3 }: Pick<KeyRow, 'own_1' | 'own_2' | 'own_3'>): Reach['owner'] {
  if (own_3 !== null) return { keyId: own_3, level: 3 }
  if (own_2 !== null) return { keyId: own_2, level: 2 }
  return own_1 === null ? undefined : { keyId: own_1, level: 1 }
}

/** What a stored key may do. Scopes that this program does not know are left out. */
export function readGranted(permissions: string): Granted {
  return normalisePermissions(JSON.parse(permissions)) // written by us, from what the schema had checked
}
