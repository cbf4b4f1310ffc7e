import { LRUCache } from 'lru-cache'
import type { Database } from '../db/database.ts'
import { Follower } from '../db/follower.ts'
import type { Notices } from '../db/notices.ts'
import type { Cid } from '../ipfs/cid.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { monthOf, nextMonthOf } from './month.ts'
import { type EgressOwner, findEgressChanges, listLeft, listSharers } from './queries.ts'

interface Options {
  readonly db: Pick<Database, 'read'>
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
  readonly notices?: Notices | undefined
}

/** Who shares a content is asked for again after this. */
const sharersMs = 900

/** Reads who has served all that they may, and follows it until it is closed. */
export async function openEgressLimits(options: Options): Promise<EgressLimits> {
  const limits = new EgressLimits(options)
  await limits.open()
  return limits
}

/**
 * Accounts and gateways that have served as many bytes this month as they may, in memory. While there are none, a request
 * costs a comparison. Whoever changes a quota says `changed` after the commit; what was served is known within seconds.
 */
export class EgressLimits {
  readonly #db: Pick<Database, 'read'>
  readonly #clock: Clock
  readonly #follower: Follower
  /** How much who has a quota may serve yet, as far as this process knows: less what it served itself since it asked. By the ids of accounts and gateways, which are never the same. */
  #left: Map<string, number> = new Map()
  readonly #full = new Set<string>()
  #changes = -1
  #month = -1
  /** Whether all who share a content are full. */
  readonly #sharers = new LRUCache<string, readonly string[]>({ max: 10_000, ttl: sharersMs })

  constructor({ db, clock, log, notices }: Options) {
    this.#db = db
    this.#clock = clock
    const fault = 'it cannot be seen who has served as many bytes as they may'
    this.#follower = new Follower({ read: () => this.#read(), kind: 'egress', notices, log, fault })
  }

  /** Reads for the first time, and begins to follow. */
  async open(): Promise<void> {
    await this.#follower.refresh()
    this.#follower.follow()
  }

  /** A change was committed: resolves when this process knows it, and tells the others. */
  changed(): Promise<void> {
    return this.#follower.changed()
  }

  /** False when a change of more than 0.9 s ago may be unknown here. */
  get isFresh(): boolean {
    return this.#follower.isFresh
  }

  /** Resolves when every change of more than 0.9 s ago is known; undefined when that is so already. */
  fresh(): Promise<void> | undefined {
    return this.#follower.fresh()
  }

  /** To be closed before the database. */
  close(): Promise<void> {
    return this.#follower.close()
  }

  /** Whether anybody has a quota: then what is served is counted sooner, so that less is served above it. */
  get isLimited(): boolean {
    return this.#left.size > 0
  }

  /** Bytes that this process served for an owner: those above a quota are refused here before they are written down. */
  note({ accountId, gatewayId }: EgressOwner, bytes: number): void {
    if (this.#left.size === 0) return
    for (const id of [accountId, gatewayId]) {
      const left = this.#left.get(id)
      if (left === undefined) continue
      this.#left.set(id, left - bytes)
      if (left <= bytes) this.#full.add(id)
    }
  }

  /** For a request to a gateway of an account. Throws `egress_reached`. */
  requireGateway({ id, accountId }: { readonly id: string; readonly accountId: string }): void {
    if (this.#full.size === 0) return
    if (this.#full.has(id)) throw this.#reached('This gateway has')
    this.requireAccount(accountId)
  }

  /** For what is an account's own. Throws `egress_reached`. */
  requireAccount(accountId: string): void {
    if (this.#full.has(accountId)) throw this.#reached('The account that shows this has')
  }

  /** For public content on a host of the installation: while one who holds it may serve it, it is served. Throws `egress_reached`. */
  requireShared(root: Pick<Cid, 'multihash' | 'codec'>): Promise<void> | undefined {
    return this.#full.size === 0 ? undefined : this.#requireShared(root)
  }

  /** True when `requireShared` would surely not throw. */
  isSharedFree(root: Pick<Cid, 'multihash' | 'codec'>): boolean {
    if (this.#full.size === 0) return true
    const sharers = this.#sharers.get(keyOf(root))
    return sharers !== undefined && !this.#areFull(sharers)
  }

  async #requireShared(root: Pick<Cid, 'multihash' | 'codec'>): Promise<void> {
    const key = keyOf(root)
    const known = this.#sharers.get(key)
    const sharers = known ?? (await listSharers(this.#db.read, root))
    if (known === undefined) this.#sharers.set(key, sharers)
    if (this.#areFull(sharers)) throw this.#reached('Every account here that holds this content has')
  }

  #areFull(sharers: readonly string[]): boolean {
    return sharers.length > 0 && sharers.every((id) => this.#full.has(id))
  }

  /** Without numbers: they are the account's own affair. */
  #reached(who: string): AppError {
    const now = this.#clock.now()
    const next = nextMonthOf(now)
    const day = new Date(next).toISOString().slice(0, 10)
    return new AppError(
      'egress_reached',
      `${who} served as many bytes this month as the quota allows. It is served again from ${day} (UTC), or as soon as the quota is raised.`,
      { retryAfterSeconds: Math.max(1, Math.ceil((next - now) / 1_000)) },
    )
  }

  async #read(): Promise<void> {
    const month = monthOf(this.#clock.now())
    const changes = await findEgressChanges(this.#db.read)
    if (changes === this.#changes && month === this.#month) return
    this.#left = new Map((await listLeft(this.#db.read, month)).map(({ id, left }) => [id, left]))
    this.#full.clear()
    for (const [id, left] of this.#left) if (left <= 0) this.#full.add(id)
    this.#changes = changes
    this.#month = month
  }
}

function keyOf({ multihash, codec }: Pick<Cid, 'multihash' | 'codec'>): string {
  return `${codec} ${multihashKey(multihash)}`
}
