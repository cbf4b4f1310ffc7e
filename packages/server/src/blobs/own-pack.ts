import type { AppError } from '../lib/errors.ts'
import { packHeader } from './car-section.ts'
import type { FileOps } from './file-ops.ts'
import { storageFault } from './storage-fault.ts'
import { failpoint } from '../lib/failpoint.ts'

interface Waiter {
  readonly targetBytes: number
  readonly done: PromiseWithResolvers<void>
}

/**
 * A pack that this process appends to: how far it is given out, written and on stable storage, and the syncs that
 * callers share. Bytes only ever get written in order, by one writer.
 */
export class OwnPack {
  readonly name: string
  readonly path: string
  /** The writing descriptor; undefined before the file exists and after it was given back. */
  fd: number | undefined
  /** A second one, which writes past the page cache; undefined until it is needed. */
  directFd: number | undefined
  /** There is no such second one, or it takes no writes. */
  refusesDirect = false
  /** Where the next section goes. */
  allocatedBytes = packHeader.length
  /** Up to here the kernel has it. */
  writtenBytes = 0
  /** Up to here it is on stable storage. */
  syncedBytes = 0
  /** No more sections are given out. */
  sealed = false
  /** Settled when the append that was given out last is. */
  lastAppend: Promise<void> = Promise.resolve()
  /** Why the pack was given up; every sync that names it fails with this. */
  fault: AppError | undefined
  readonly #ops: FileOps
  readonly #dir: string
  readonly #onFault: (pack: OwnPack) => void
  readonly #waiters: Waiter[] = []
  #nameIsDurable = false
  #syncing = false
  #flushedBytes = 0

  /** `onFault` is called once, when a sync failed. */
  constructor(ops: FileOps, dir: string, name: string, path: string, onFault: (pack: OwnPack) => void) {
    this.#ops = ops
    this.#dir = dir
    this.#onFault = onFault
    this.name = name
    this.path = path
  }

  /** How long the file may stay when no more is written: after a failed sync only what an earlier one has covered. */
  get soundBytes(): number {
    return this.fault === undefined ? this.writtenBytes : this.syncedBytes
  }

  get syncing(): boolean {
    return this.#syncing
  }

  /** Bytes written that no sync has been started for. */
  get unflushedBytes(): number {
    return this.writtenBytes - this.#flushedBytes
  }

  /**
   * Resolves when what is written now is on stable storage. A sync that runs already may have started before, so it
   * does not count; all who come while it runs share the next one. Never two at once: of a failed write-back Linux
   * tells only one of them.
   */
  async sync(): Promise<void> {
    if (this.fault !== undefined) throw this.fault
    if (this.syncedBytes >= this.writtenBytes) return
    const waiter = { targetBytes: this.writtenBytes, done: Promise.withResolvers<void>() }
    this.#waiters.push(waiter)
    if (!this.#syncing) void this.#run()
    await waiter.done.promise
  }

  async #run(): Promise<void> {
    this.#syncing = true
    while (this.#waiters.length > 0) {
      const coveredBytes = this.writtenBytes
      this.#flushedBytes = coveredBytes
      try {
        await this.#syncFileAndName()
      } catch (error) {
        this.#giveUp(storageFault(error))
        break
      }
      failpoint('pack-synced')
      this.syncedBytes = Math.max(this.syncedBytes, coveredBytes)
      this.#releaseUpTo(coveredBytes)
    }
    this.#syncing = false
  }

  /** Linux reports a failed write-back once: another fdatasync would succeed with the bytes gone. */
  #giveUp(fault: AppError): void {
    this.fault = fault
    this.sealed = true
    for (const { done } of this.#waiters.splice(0)) done.reject(fault)
    this.#onFault(this)
  }

  #releaseUpTo(sizeBytes: number): void {
    // Targets only grow, so those that are covered stand in front.
    const uncovered = this.#waiters.findIndex(({ targetBytes }) => targetBytes > sizeBytes)
    for (const { done } of this.#waiters.splice(0, uncovered === -1 ? this.#waiters.length : uncovered)) done.resolve()
  }

  async #syncFileAndName(): Promise<void> {
    if (this.fd === undefined) throw new Error(`pack ${this.name} has bytes to sync but is not open`)
    await this.#ops.fdatasync(this.fd)
    if (this.#nameIsDurable) return
    await this.#ops.syncDirectory(this.#dir)
    this.#nameIsDurable = true
  }
}
