import { mkdirSync } from 'node:fs'
import { readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { verifyBytes } from '../ipfs/multihash.ts'
import type { Logger } from '../lib/log.ts'

/** What a file takes of a disk, at least. */
const clusterBytes = 4_096
/** Each takes some 300 bytes of memory. */
const maxEntries = 2_000_000
/** Blocks that wait to be written hold memory: of more, none is kept. */
const maxWriting = 64
const folders = 256
/** How long one answer of the file system about its free bytes is believed, and how often faults are told. */
const freshMs = 1_000
const tellMs = 60_000
/** Verified bytes at hand, for what many ask for, and for what is being written. */
const usualHotBytes = 32 * 1024 * 1024
/** Given up at once when the disk gets short. */
const shrinkEntries = 16

interface Entry {
  readonly file: string
  readonly diskBytes: number
}

/**
 * Blocks on disk, each a file, up to `maxBytes` with what the file system rounds up; those read least lately go first, and
 * they go before their place is taken. Some stay in memory as well. Nothing here is promised to anybody: the index is in memory, what a process before
 * has left is removed, writing is never waited for by a reader, and while less than `minFreeBytes` of the disk are free
 * nothing comes in and what is there goes.
 */
export class BlockCache {
  readonly #dir: string
  readonly #maxBytes: number
  readonly #minFreeBytes: number
  readonly #log: Pick<Logger, 'warn'>
  /** Those read least lately stand first. */
  readonly #entries = new Map<string, Entry>()
  readonly #hot: LRUCache<string, Uint8Array>
  #usedBytes = 0
  #written = 0
  #writing = 0
  #tail: Promise<void>
  #isShort = false
  #lookedAt = -Infinity
  #toldAt = -Infinity

  /** Begins with an empty directory. */
  constructor(options: {
    readonly dir: string
    readonly maxBytes: number
    readonly minFreeBytes: number
    readonly log: Pick<Logger, 'warn'>
    /** Nothing is kept on disk before. */
    readonly after: Promise<void>
    /** What it keeps in memory; 32 MiB unless told. */
    readonly hotBytes?: number
  }) {
    this.#dir = options.dir
    this.#maxBytes = options.maxBytes
    this.#minFreeBytes = options.minFreeBytes
    this.#log = options.log
    this.#hot = new LRUCache({
      maxSize: options.hotBytes ?? usualHotBytes,
      sizeCalculation: ({ length }) => length + 200,
    })
    this.#tail = options.after.catch((error: unknown) => this.#tell(error))
    for (let i = 0; i < folders; i++) mkdirSync(join(this.#dir, String(i)), { recursive: true, mode: 0o700 })
  }

  /** Bytes on disk now, rounded up as the file system does. */
  get sizeBytes(): number {
    return this.#usedBytes
  }

  get blocks(): number {
    return this.#entries.size
  }

  /** The bytes, held against their hash; undefined when they are not here, or not any more. */
  async get(multihash: Uint8Array): Promise<Uint8Array | undefined> {
    const key = multihashKey(multihash)
    const hot = this.#hot.get(key)
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      // Too much was being written when it came.
      if (hot !== undefined) this.put(multihash, hot)
      return hot
    }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (hot !== undefined) return hot
    try {
      const bytes = await readFile(entry.file)
      if (verifyBytes(multihash, bytes)) {
        this.#hot.set(key, bytes)
        return bytes
      }
    } catch (error) {
      // One that was given up meanwhile is gone, which is no fault.
      if (this.#entries.get(key) === entry) this.#tell(error)
    }
    if (this.#entries.get(key) === entry) void this.#inTurn(() => this.#remove(key, entry))
    return undefined
  }

  /** Keeps a block that was held against its hash: in memory at once, on disk soon. */
  put(multihash: Uint8Array, given: Uint8Array): void {
    const key = multihashKey(multihash)
    // What comes from the network may be a view of much more.
    const bytes = given.length < given.buffer.byteLength ? given.slice() : given
    this.#hot.set(key, bytes)
    if (this.#entries.has(key) || this.#writing >= maxWriting) return
    this.#writing++
    void this.#inTurn(() => this.#write(key, bytes)).finally(() => this.#writing--)
  }

  /** Resolves when what was begun is done. */
  async settled(): Promise<void> {
    await this.#tail
  }

  /** Removes everything. */
  async close(): Promise<void> {
    this.#writing = maxWriting
    await this.#tail
    this.#entries.clear()
    this.#hot.clear()
    await rm(this.#dir, { recursive: true, force: true })
  }

  async #write(key: string, bytes: Uint8Array): Promise<void> {
    const diskBytes = Math.ceil(Math.max(1, bytes.length) / clusterBytes) * clusterBytes
    if (this.#entries.has(key) || diskBytes > this.#maxBytes) return
    if (await this.#isDiskShort()) return this.#giveUp(shrinkEntries)
    while (this.#usedBytes + diskBytes > this.#maxBytes || this.#entries.size >= maxEntries) {
      if (this.#entries.size === 0) return // what could not be removed takes all the room
      await this.#giveUp(1)
    }
    const number = this.#written++
    const file = join(this.#dir, String(number % folders), String(number))
    this.#usedBytes += diskBytes
    try {
      await writeFile(file, bytes, { mode: 0o600, flag: 'wx' })
      this.#entries.set(key, { file, diskBytes })
    } catch (error) {
      this.#tell(error)
      await rm(file, { force: true }).catch(() => undefined) // as good as told
      this.#usedBytes -= diskBytes
    }
  }

  async #giveUp(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const [first] = this.#entries
      if (first !== undefined) await this.#remove(...first)
    }
  }

  async #remove(key: string, entry: Entry): Promise<void> {
    if (this.#entries.get(key) !== entry) return
    this.#entries.delete(key)
    // Should that fail, its bytes go on to count.
    await rm(entry.file, { force: true })
    this.#usedBytes -= entry.diskBytes
  }

  async #isDiskShort(): Promise<boolean> {
    const now = performance.now()
    if (now - this.#lookedAt < freshMs) return this.#isShort
    this.#lookedAt = now
    const { bavail, bsize } = await statfs(this.#dir)
    this.#isShort = bavail * bsize < this.#minFreeBytes
    return this.#isShort
  }

  /** One after another, so that there is never more than there may be. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#tail = this.#tail.then(work).catch((error: unknown) => this.#tell(error))
    return this.#tail
  }

  /** A fault of the cache is nobody's but the operator's: what it does not give is fetched. */
  #tell(error: unknown): void {
    const now = performance.now()
    if (now - this.#toldAt < tellMs) return
    this.#toldAt = now
    this.#log.warn({ err: error }, 'the cache of the open mode has a fault; what it has not is fetched again')
  }
}
