import { AppError } from '../lib/errors.ts'
import type { ReadMemory } from './read-memory.ts'

/** Where the payload of one block lies: `length` bytes from `offset` of the pack with that name. */
export interface PackLocation {
  readonly pack: string
  readonly offset: number
  readonly length: number
}

/** A block on its way into a pack: its whole CID as bytes, its payload in one or several pieces. */
export interface NewBlock {
  readonly cid: Uint8Array
  readonly bytes: readonly Uint8Array[]
}

/** A pack as it lies there. */
export interface PackInfo {
  readonly pack: string
  readonly writerId: string
  readonly sizeBytes: number
  /** True while this store may still append to it. */
  readonly current: boolean
}

/** One section of a pack: the CID bytes it carries (a copy) and where its payload lies. Nothing is verified. */
export interface Section {
  readonly cid: Uint8Array
  readonly location: PackLocation
}

/** A section with its payload, a view that is overwritten by the next step of the scan. */
export interface SectionWithBytes extends Section {
  readonly bytes: Uint8Array
}

/** Sections of a pack in order. One scan is iterated once. */
export interface PackScan<T extends Section> extends AsyncIterable<T> {
  /** Where the last section that was given out ends; after the scan, up to where the pack is made of whole sections. */
  readonly endBytes: number
}

/** The reading side of a blob store; what processes that do not write open. */
export interface BlobReader {
  /**
   * Payload bytes as they lie there, NOT verified, in a buffer of their own. Throws `PackMissing` when the pack is
   * gone (moved by compaction: look the block up again) and `StorageDamaged` when the bytes cannot be had whole.
   */
  read(location: PackLocation): Promise<Uint8Array>
  /**
   * As `read`, for one that reads much of a pack and nothing of it again: long runs are read past the page cache, where
   * the file system has that, so that nothing is pushed out of it and nothing is read ahead, for which all others would
   * wait. The bytes lie in `memory`, where it has room for them, and are good until that is cleared.
   */
  readOnce(location: PackLocation, memory: ReadMemory): Promise<Uint8Array>
  /**
   * As `read`, at once; only on stores that have the bytes on a local disk. It holds the event loop until the bytes
   * are there, so it is for small blocks that probably lie in memory.
   */
  readSync?(location: PackLocation): Uint8Array
  /** Later reads of the pack see the bytes that stand under its name now, also where others were put in their place. */
  reopen(pack: string): void
  /** Every pack of every writer, with its size. */
  list(): Promise<PackInfo[]>
  /**
   * Sections whose whole bytes are there, in order, reading as little of the payloads as it can. Stops without an
   * error at a torn, zeroed or senseless tail; `endBytes` then says where. `from` must be where a section begins.
   * Throws `PackMissing`.
   */
  scan(pack: string, options?: { from?: number }): PackScan<Section>
  /** As `scan`, and reads the payloads too. */
  scanBytes(pack: string, options?: { from?: number }): PackScan<SectionWithBytes>
  close(): Promise<void>
}

/**
 * Blocks in packs (CARv1). Every store opened for writing is a writer with its own id and appends only to packs that
 * carry it; any number of writers and readers may have the same packs open.
 */
export interface BlobStore extends BlobReader {
  readonly writerId: string
  /**
   * Appends blocks as sections, in order, side by side in one pack of this writer. Resolves when the kernel (or the
   * service) has them: readable by everybody, not yet durable; only then may the pieces be used again. That is the
   * back-pressure: the store keeps no copy, so a caller bounds memory by bounding what it has not awaited. All or
   * nothing: on error (`storage_full`, `storage_failed`) nothing of these blocks is left, also not of appends that
   * were waiting behind them, and the next append works in another pack. `mayUseReserve` is for compaction: it may use
   * the room that is kept from uploads, because it gives more back. With `isApart`, for compaction too, they go to another
   * pack than all others, and nobody's append or sync waits for them, or fails with them.
   */
  append(
    blocks: readonly NewBlock[],
    options?: { readonly mayUseReserve?: boolean; readonly isApart?: boolean },
  ): Promise<PackLocation[]>
  /**
   * Everything in these packs of this writer whose append resolved before this call is on stable storage. Callers
   * that wait at the same time share one sync. A caller names every pack that its appends went to, because a failed
   * sync is never made good by a later one: the pack is given up, and every sync that names it fails for ever
   * (`storage_failed`), also when other packs are fine.
   */
  sync(packs: Iterable<string>): Promise<void>
  /**
   * No more appends go to this pack of this writer; what it has is made durable. For compaction, which may then move
   * its live blocks and remove it. Nothing happens when it is sealed already. Throws `storage_failed`.
   */
  seal(pack: string): Promise<void>
  /**
   * Cuts a pack of a dead writer to `sizeBytes`, durably. Never below the last byte that the index names: a scan also
   * stops at damage in the middle. Throws `PackMissing`.
   */
  truncate(pack: string, sizeBytes: number): Promise<void>
  /**
   * Removes a pack, durably, and gives its space back in steps, so that syncs beside it do not wait long. Waits for
   * reads of this process; those of others get `PackMissing` once their bytes are gone. A pack of this writer must be
   * sealed. `between` is awaited after each step with the time it began (`performance.now()`); when it fails, the pack
   * is gone all the same, the rest of its space comes back at once, and its error is thrown. Throws `PackMissing`.
   */
  remove(pack: string, options?: { readonly between?: (startedMs: number) => Promise<void> }): Promise<void>
  /**
   * Resolves when an append and its sync would go well now, as far as that can be known: there is room, and a file can be
   * written and synced. Nothing is left of it. Throws `storage_full` and `storage_failed`.
   */
  tryToWrite(): Promise<void>
  /** Waits for appends, syncs everything and gives all descriptors back. Fails when that sync fails. */
  close(): Promise<void>
}

/** The pack is not there (any more). Whoever comes from the index looks the block up again. */
export class PackMissing extends AppError {
  readonly pack: string

  constructor(pack: string, options: { cause?: unknown } = {}) {
    super('storage_failed', 'Stored bytes were moved while they were read; try again', {
      ...options,
      retryAfterSeconds: 1,
    })
    this.name = 'PackMissing'
    this.pack = pack
  }
}

/** Bytes that should be in a pack are not there, or the device refuses to read them. */
export class StorageDamaged extends AppError {
  readonly location: PackLocation

  constructor(location: PackLocation, options: { cause?: unknown } = {}) {
    super('storage_failed', 'Stored bytes are damaged or incomplete', options)
    this.name = 'StorageDamaged'
    this.location = location
  }
}
