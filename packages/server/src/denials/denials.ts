import type { Database } from '../db/database.ts'
import { Follower } from '../db/follower.ts'
import type { Notices } from '../db/notices.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import type { Cid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { type Denylists, type Listed, refuseListed } from './lists/denylists.ts'
import { findLastChange, listChanges } from './queries.ts'

/** What is known in memory of content that is taken down. */
export interface Denied {
  readonly reason: string
  readonly deniedAt: number
}

interface Options {
  readonly db: Pick<Database, 'read'>
  readonly log: Pick<Logger, 'warn'>
  readonly notices?: Notices
  /** Lists in files, that are asked after what was denied here. */
  readonly lists?: Denylists
}

/** Reads what is taken down and follows it until it is closed: nothing may be served before. */
export async function openDenials(options: Options): Promise<Denials> {
  const denials = new Denials(options)
  await denials.refresh()
  denials.follow()
  return denials
}

/**
 * Content that is taken down, by multihash, so every spelling of a CID is meant. Asked in memory for each block. Whoever
 * changes a denial says `changed` after the commit and before the answer; other processes, and a server beside which
 * somebody used the command line, follow within half a second, and the gateway asks `fresh` before each request.
 */
export class Denials {
  readonly #db: Pick<Database, 'read'>
  readonly #lists: Denylists | undefined
  readonly #denied = new Map<string, Denied>()
  readonly #follower: Follower
  #lastChange = 0
  #reads = 0

  constructor({ db, log, notices, lists }: Options) {
    this.#lists = lists
    this.#db = db
    this.#follower = new Follower({
      read: () => this.#read(),
      kind: 'denials',
      notices,
      log,
      fault: 'it cannot be seen whether content was taken down',
    })
  }

  /** Lists in files; undefined where there are none. */
  get lists(): Denylists | undefined {
    return this.#lists
  }

  /** Another number whenever other lists came in force: what was found of a path before says nothing any more. */
  get listsVersion(): number {
    return this.#lists?.version ?? 0
  }

  /** Another number whenever something was taken down or allowed, or other lists came in force. */
  get version(): number {
    return this.#reads + this.listsVersion
  }

  /** Whether content is taken down or listed; identity CIDs never are, since they carry it themselves. */
  isDenied(multihash: Uint8Array): boolean {
    return (
      (this.#denied.size > 0 && this.#denied.has(multihashKey(multihash))) || this.#findListed(multihash) !== undefined
    )
  }

  /** Why and since when; undefined for what is allowed. */
  find(multihash: Uint8Array): Denied | undefined {
    const denied = this.#denied.size === 0 ? undefined : this.#denied.get(multihashKey(multihash))
    if (denied !== undefined) return denied
    const listed = this.#findListed(multihash)
    return listed && { reason: `it is on the list ${listed.list}, line ${listed.line}.`, deniedAt: listed.since }
  }

  /** For whoever reads. Throws `content_taken_down` (410), `unavailable_for_legal_reasons` (451). */
  requireReadable(multihash: Uint8Array): void {
    const denied = this.#denied.size === 0 ? undefined : this.#denied.get(multihashKey(multihash))
    if (denied !== undefined)
      throw new AppError('content_taken_down', `This content was taken down by the operator: ${denied.reason}`)
    const listed = this.#findListed(multihash)
    if (listed !== undefined) refuseListed(listed)
  }

  /** As `requireReadable`, for a path that begins at this root: lists name paths too. */
  requirePath(root: Cid, segments: readonly string[]): void {
    if (this.#lists === undefined || this.#lists.size === 0) return
    const listed = this.#lists.findPath(root, segments)
    if (listed !== undefined) refuseListed(listed)
  }

  /** As `requireReadable`, for a name and a path below it. */
  requireName(name: string, segments: readonly string[]): void {
    if (this.#lists === undefined || this.#lists.size === 0) return
    const listed = this.#lists.findName(name, segments)
    if (listed !== undefined) refuseListed(listed)
  }

  /** For whoever brings content or has it brought. Throws `content_denied` (403). */
  requireWelcome(multihash: Uint8Array): void {
    const denied = this.find(multihash)
    if (denied !== undefined)
      throw new AppError('content_denied', `The operator of this server does not take this content: ${denied.reason}`)
  }

  /** A change was committed: resolves when this process knows it, and tells the others. */
  changed(): Promise<void> {
    return this.#follower.changed()
  }

  /** Reads what changed since the last time. Rejects when the database cannot be read. */
  refresh(): Promise<void> {
    return this.#follower.refresh()
  }

  /** Begins to look by itself, and to listen. */
  follow(): void {
    this.#follower.follow()
  }

  /** False when a denial of more than 0.9 s ago may be unknown here. */
  get isFresh(): boolean {
    return this.#follower.isFresh
  }

  /** Resolves when every denial of more than 0.9 s ago is known; undefined when that is so already. */
  fresh(): Promise<void> | undefined {
    return this.#follower.fresh()
  }

  /** To be closed before the database. */
  close(): Promise<void> {
    return this.#follower.close()
  }

  #findListed(multihash: Uint8Array): Listed | undefined {
    return this.#lists === undefined || multihash[0] === 0 ? undefined : this.#lists.find(multihash)
  }

  async #read(): Promise<void> {
    const lastChange = await findLastChange(this.#db.read)
    if (lastChange === this.#lastChange) return
    // A restored or another database: its numbers say nothing about what is known.
    const isOlder = lastChange < this.#lastChange
    const rows = await listChanges(this.#db.read, isOlder ? 0 : this.#lastChange)
    if (isOlder) this.#denied.clear()
    for (const { multihash, reason, denied_at: deniedAt, lifted_at: liftedAt } of rows) {
      const key = multihashKey(multihash)
      if (liftedAt === null) this.#denied.set(key, { reason, deniedAt })
      else this.#denied.delete(key)
    }
    this.#reads++
    this.#lastChange = Math.max(lastChange, rows.at(-1)?.change ?? 0)
  }
}
