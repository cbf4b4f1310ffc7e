import { normalisePermissions, type Granted } from '@pinyon/contract/permissions.ts'
import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'
import type { Reach } from '../caller.ts'
import type { Database } from '../db/database.ts'
import { nobodyElse, type Notices } from '../db/notices.ts'
import { Recent } from '../lib/recent.ts'
import { findKeyForCheck, listKeysByIds, type KeyRow } from './queries.ts'

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
  /** Those of them that have, by id. */
  readonly limitedBy: readonly string[]
  readonly bounds: KeyBounds | undefined
  readonly reach: Reach | undefined
  /** The keys above it, the topmost first: it ends with each of them. */
  readonly above: readonly KeyAbove[]
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly accountDisabledAt: number | null
}

/** A key above another, as far as the other depends on it. */
export interface KeyAbove {
  readonly id: string
  readonly publicPart: string
  readonly name: string
  readonly expiresAt: number | null
  readonly revokedAt: number | null
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
  readonly #rows: Recent<{ key: CheckedKey; loadedAt: number }>
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
    this.#rows = new Recent({ forMs: ttlMs, max: maxKeys, elapsedMs })
    notices.on((notice) => {
      if (notice === 'missed') this.#drop(() => true)
      else if (notice.kind === keyChanged) this.#drop((key) => dependsOn(key, notice.subject))
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

  /** A key has changed, and with it all below it. */
  forget(publicPart: string): void {
    this.#drop((key) => dependsOn(key, publicPart))
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
    const above = row.parent_id === null ? [] : await listKeysByIds(this.#db.read, idsAbove(row.ancestors))
    const key = toCheckedKey(row, above)
    if (epoch === this.#epoch) this.#rows.set(publicPart, { key, loadedAt })
    return key
  }
}

/** Ids of the keys above one, the topmost first, as they are stored. */
export function idsAbove(ancestors: string): string[] {
  return JSON.parse(ancestors) as string[] // written by us
}

function dependsOn(key: CheckedKey, publicPart: string): boolean {
  return key.publicPart === publicPart || key.above.some((each) => each.publicPart === publicPart)
}

/** A row of the database as a key to check. */
function toCheckedKey(
  row: NonNullable<Awaited<ReturnType<typeof findKeyForCheck>>>,
  above: readonly KeyRow[],
): CheckedKey {
  const limitedBy = [...above, row].filter(({ max_uses }) => max_uses !== null).map(({ id }) => id)
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
    limited: limitedBy.length > 0,
    limitedBy,
    above: above.map((key) => ({
      id: key.id,
      publicPart: key.public_part,
      name: key.name,
      expiresAt: key.expires_at,
      revokedAt: key.revoked_at,
    })),
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
