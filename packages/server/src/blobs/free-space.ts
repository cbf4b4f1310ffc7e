import type { FileOps } from './file-ops.ts'
import { storageFault, storageFull } from './storage-fault.ts'

/** A directory, and how much its disk keeps free. */
export interface Room {
  readonly dir: string
  /** Appends that would leave less are refused. */
  readonly minFreeBytes: number
}

/** How long one answer of the file system is believed, in milliseconds. */
const freshMs = 1000

/**
 * Refuses appends before the disk is full, so that the database, compaction and deletions keep room. The file system
 * is asked at most once a second; in between, what was appended is subtracted.
 */
export class FreeSpace {
  readonly #ops: FileOps
  readonly #dir: string
  readonly #minFreeBytes: number
  readonly #monotonicMs: () => number
  readonly #beside: Room | undefined
  #freeBytes = 0
  #besideBytes = 0
  #sampledAt = -Infinity
  #sampling: Promise<void> | undefined

  constructor(
    ops: FileOps,
    { dir, minFreeBytes, beside }: Room & { readonly beside: Room | undefined },
    monotonicMs: () => number,
  ) {
    this.#ops = ops
    this.#dir = dir
    this.#minFreeBytes = minFreeBytes
    this.#beside = beside
    this.#monotonicMs = monotonicMs
  }

  /** True when `take` would answer from an old sample; then `refresh` first. */
  get stale(): boolean {
    return this.#monotonicMs() - this.#sampledAt >= freshMs
  }

  /** The question that is being asked, if one is; fails as the question does. */
  get pending(): Promise<void> | undefined {
    return this.#sampling
  }

  /** Asks the file system; callers at the same time share one question. */
  refresh(): Promise<void> {
    this.#sampling ??= this.#sample().finally(() => (this.#sampling = undefined))
    return this.#sampling
  }

  /**
   * Throws `storage_full` when `sizeBytes` more would leave too little, else counts them as taken. With `mayUseReserve`
   * half of what is kept may be used; the other half is the database's.
   */
  take(sizeBytes: number, mayUseReserve: boolean): void {
    if (this.#freeBytes - sizeBytes < (mayUseReserve ? this.#minFreeBytes / 2 : this.#minFreeBytes)) {
      throw storageFull(`${this.#freeBytes} bytes free, ${this.#minFreeBytes} are kept`)
    }
    // Uploads would take what is left of it, and then not even deleting could be written down.
    if (this.#beside !== undefined && !mayUseReserve && this.#besideBytes < this.#beside.minFreeBytes)
      throw storageFull(`${this.#besideBytes} bytes free beside the database, ${this.#beside.minFreeBytes} are kept`)
    this.#freeBytes -= sizeBytes
  }

  async #sample(): Promise<void> {
    try {
      const { freeBytes } = await this.#ops.space(this.#dir)
      if (this.#beside !== undefined) this.#besideBytes = (await this.#ops.space(this.#beside.dir)).freeBytes
      this.#freeBytes = freeBytes
      this.#sampledAt = this.#monotonicMs()
    } catch (error) {
      throw storageFault(error)
    }
  }
}
