import type { BlobStore, NewBlock, PackLocation } from '../blobs/blob-store.ts'
import type { AtWork } from '../lib/at-work.ts'

/**
 * What uploads under way in this process rely on before a row of the ledger says so: stored blocks that they refer to
 * instead of writing them again, packs that hold bytes of theirs, stagings. Reclaim asks here before it takes anything
 * away.
 *
 * The order that makes it safe: an upload first holds a block, which tells it when the block is doomed, and only then
 * looks it up; reclaim dooms a block, which fails when it is held, deletes its row in the same transaction and lifts the
 * doom after the commit. So whichever comes second knows of the first.
 */
export class BlocksInFlight {
  readonly #room: Room
  readonly #held = new Map<string, number>()
  readonly #doomed = new Set<string>()
  readonly #packs = new Map<string, number>()
  readonly #stagings = new Set<string>()
  readonly #appends = new Set<Promise<unknown>>()
  readonly #garbage = new Map<string, number>()
  readonly #use: Use

  /** `maxRoomBytes` (64 MiB unless told) is the memory that uploads share for what they gather; `atWork` is told when they write. */
  constructor({ maxRoomBytes = 64 * 1024 * 1024, atWork }: { maxRoomBytes?: number; atWork?: AtWork } = {}) {
    this.#use = { lastMs: -Infinity, atWork }
    this.#room = { freeBytes: maxRoomBytes, sharedBytes: maxRoomBytes / 2 }
  }

  /** Begins the holds of one upload, which must be disposed of, whatever becomes of it. */
  open(): UploadHolds {
    return new UploadHolds({
      held: this.#held,
      doomed: this.#doomed,
      packs: this.#packs,
      stagings: this.#stagings,
      appends: this.#appends,
      garbage: this.#garbage,
      room: this.#room,
      use: this.#use,
    })
  }

  /** Whether an upload of this process began, or wrote, within the last `ms` milliseconds. */
  usedWithin(ms: number): boolean {
    return performance.now() - this.#use.lastMs < ms
  }

  /**
   * Uploads take these blocks (by `multihashKey`) for absent until `undoom`. Returns those that were doomed, which are
   * all that nobody holds. One reclaim runs at a time.
   */
  doom(keys: Iterable<string>): Set<string> {
    const doomed = new Set<string>()
    for (const key of keys) {
      if (this.#held.has(key)) continue
      this.#doomed.add(key)
      doomed.add(key)
    }
    return doomed
  }

  /** The blocks are gone, or stay after all. */
  undoom(keys: Iterable<string>): void {
    for (const key of keys) this.#doomed.delete(key)
  }

  /** Whether an upload under way has bytes there that no row names yet. */
  isPackHeld(pack: string): boolean {
    return this.#packs.has(pack)
  }

  /** Whether this staging belongs to an upload under way. */
  isStaging(pinId: string): boolean {
    return this.#stagings.has(pinId)
  }

  /** Resolves when every append that is under way now has ended and its pack is held. */
  async appendsEnded(): Promise<void> {
    await Promise.allSettled(this.#appends)
  }

  /** Bytes that uploads left unused, by pack, since this was asked last. */
  takeGarbage(): Map<string, number> {
    const garbage = new Map(this.#garbage)
    this.#garbage.clear()
    return garbage
  }
}

interface Room {
  freeBytes: number
  /** While less than this is free, nobody gets more than it needs. */
  readonly sharedBytes: number
}

interface Use {
  lastMs: number
  readonly atWork: AtWork | undefined
}

interface Shared {
  readonly room: Room
  readonly use: Use
  readonly held: Map<string, number>
  readonly doomed: ReadonlySet<string>
  readonly packs: Map<string, number>
  readonly stagings: Set<string>
  readonly appends: Set<Promise<unknown>>
  readonly garbage: Map<string, number>
}

/** What one upload holds. */
export class UploadHolds implements Disposable {
  readonly #shared: Shared
  readonly #keys = new Set<string>()
  readonly #packs = new Map<string, number>()
  #staging: string | undefined
  /** Undefined before room was asked for, 0 when there was none. */
  #roomBytes: number | undefined
  #used = false
  #disposed = false

  constructor(shared: Shared) {
    this.#shared = shared
    shared.use.lastMs = performance.now()
  }

  /** Holds a block. To be called before it is looked up. False when it is doomed: it counts as absent and is not held. */
  hold(key: string): boolean {
    if (this.#keys.has(key)) return true
    if (this.#shared.doomed.has(key)) return false
    this.#keys.add(key)
    add(this.#shared.held, key, 1)
    return true
  }

  /** Gives blocks back, because they are not stored or a row of the ledger names them now. */
  drop(keys: Iterable<string>): void {
    for (const key of keys) if (this.#keys.delete(key)) add(this.#shared.held, key, -1)
  }

  /** `append` of the store, with the packs that the bytes went to held. */
  async append(packs: BlobStore, blocks: readonly NewBlock[]): Promise<PackLocation[]> {
    this.#shared.use.lastMs = performance.now()
    this.#shared.use.atWork?.touch()
    const appending = packs.append(blocks).then((locations) => {
      for (const { pack, length } of locations) this.#holdPack(pack, length)
      return locations
    })
    this.#shared.appends.add(appending)
    try {
      return await appending
    } finally {
      this.#shared.appends.delete(appending)
    }
  }

  /** All bytes appended so far are named by rows of the ledger now: the packs are given back. */
  dropPacks(): void {
    for (const pack of this.#packs.keys()) add(this.#shared.packs, pack, -1)
    this.#packs.clear()
  }

  /** The staging is kept until the holds end. To be called before its row is made. */
  holdStaging(pinId: string): void {
    this.#staging = pinId
    this.#shared.stagings.add(pinId)
  }

  /**
   * Takes memory for gathering blocks, once: `mostBytes` while half of what there is stays for others, `leastBytes` after
   * that. Returns how much it has; 0 when there was none.
   */
  takeRoom({ mostBytes, leastBytes }: { mostBytes: number; leastBytes: number }): number {
    const { room } = this.#shared
    if (this.#roomBytes === undefined) {
      const wanted = room.freeBytes - mostBytes >= room.sharedBytes ? mostBytes : leastBytes
      this.#roomBytes = room.freeBytes >= wanted && !this.#disposed ? wanted : 0
      room.freeBytes -= this.#roomBytes
    }
    return this.#roomBytes
  }

  /** Bytes that were appended and are not used. */
  leave({ pack, length }: PackLocation): void {
    add(this.#shared.garbage, pack, length)
  }

  /** All that was appended is named by rows of the ledger now, so nothing of it is garbage. */
  markUsed(): void {
    this.#used = true
  }

  /** Gives everything back; packs still held have garbage then, unless it was used. Calling it again changes nothing. */
  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    if (!this.#used) for (const [pack, sizeBytes] of this.#packs) add(this.#shared.garbage, pack, sizeBytes)
    this.dropPacks()
    this.drop(this.#keys)
    this.#shared.room.freeBytes += this.#roomBytes ?? 0
    if (this.#staging !== undefined) this.#shared.stagings.delete(this.#staging)
  }

  #holdPack(pack: string, sizeBytes: number): void {
    // An append that ended after the upload did: nobody will ever name its bytes.
    if (this.#disposed) return add(this.#shared.garbage, pack, sizeBytes)
    if (!this.#packs.has(pack)) add(this.#shared.packs, pack, 1)
    add(this.#packs, pack, sizeBytes)
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
