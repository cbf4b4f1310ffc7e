import { randomFillSync } from 'node:crypto'
import { rmSync, statfsSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../lib/log.ts'
import { AppError } from '../lib/errors.ts'
import type { Database } from './interface.ts'
import { withWrites } from './with-writes.ts'

const MiB = 1024 * 1024
const largestBytes = 32 * MiB
/** On a small file system less: uploads are refused while a quarter of it is free, and the reserve must not lift that. */
const shareOfDisk = 1 / 16
/** With less than this nothing can be opened: the database makes files of its own when it starts. */
const leastFreeBytes = 4 * MiB
/** How often room is looked for, after the first start and after it was given up. */
const lookMs = 5_000

/**
 * Room on the disk that is held by a file of random bytes, so that there is some to give up when somebody else has
 * filled the disk: deleting and revoking write to the database too, and without them nothing could make room again.
 */
export class DiskReserve {
  readonly #dir: string
  readonly #path: string
  readonly #log: Pick<Logger, 'warn' | 'info'>
  #isHeld = false
  #timer: NodeJS.Timeout | undefined
  #making: Promise<void> | undefined

  /** `dir` is the data directory. Processes that share it share its reserve. */
  constructor(dir: string, log: Pick<Logger, 'warn' | 'info'>) {
    this.#dir = dir
    this.#path = join(dir, 'reserve')
    this.#log = log
  }

  /**
   * Takes over what is there, or has it made in some seconds. On a disk that is full already it is given up at once, so
   * that the program can start.
   */
  open(): void {
    const { sizeBytes, freeBytes } = this.#wanted()
    const there = sizeOf(this.#path)
    this.#isHeld = there === sizeBytes
    // Of another size on a disk that has grown or shrunk.
    if (there !== undefined && !this.#isHeld) rmSync(this.#path, { force: true })
    if (!this.#isHeld) this.#lookLater()
    else if (freeBytes < leastFreeBytes) this.giveUp()
  }

  /** How much is held, or would be: while less than that is free, room is short. */
  get sizeBytes(): number {
    return this.#wanted().sizeBytes
  }

  /** Whether the room is there to be given up. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Gives the room to whoever needs it now; it is taken again when there is enough. Does nothing when it is given up. */
  giveUp(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    try {
      // Perhaps another process of the installation has given it up.
      rmSync(this.#path, { force: true })
      this.#log.warn({ dir: this.#dir }, 'the disk is full: the reserve is given up for deletions')
    } catch (error) {
      this.#log.warn({ err: error }, 'the disk is full, and the reserve cannot be given up')
    }
    this.#lookLater()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#making
  }

  #lookLater(): void {
    this.#timer ??= setInterval(() => {
      this.#making ??= this.#make().finally(() => (this.#making = undefined))
    }, lookMs).unref()
  }

  async #make(): Promise<void> {
    try {
      const { sizeBytes, freeBytes } = this.#wanted()
      // Or has made it.
      if (sizeOf(this.#path) !== sizeBytes) {
        if (freeBytes < 2 * sizeBytes) return
        await fill(this.#path, sizeBytes)
      }
      this.#isHeld = true
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#log.info({ sizeBytes }, 'the reserve for a full disk is there')
    } catch (error) {
      this.#log.warn({ err: error }, 'the reserve for a full disk cannot be made')
    }
  }

  #wanted(): { sizeBytes: number; freeBytes: number } {
    const { blocks, bavail, bsize } = statfsSync(this.#dir)
    return { sizeBytes: Math.floor(Math.min(largestBytes, blocks * bsize * shareOfDisk)), freeBytes: bavail * bsize }
  }
}

/**
 * A database whose writes give up the reserve when the disk is full, and are then tried once more: SQLite has also
 * copied its log by then, which makes room in it.
 */
export function withReserve(db: Database, reserve: Pick<DiskReserve, 'giveUp'>): Database {
  return withWrites(db, async (operation) => {
    try {
      return await db.write(operation)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'storage_full') throw error
      reserve.giveUp()
      return db.write(operation)
    }
  })
}

/** Random, since some file systems keep no room for zeros. Under its name only when it is whole. */
async function fill(path: string, sizeBytes: number): Promise<void> {
  const piece = randomFillSync(Buffer.alloc(Math.min(MiB, sizeBytes)))
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    for (let at = 0; at < sizeBytes; at += piece.length)
      await file.write(piece, 0, Math.min(piece.length, sizeBytes - at))
    await file.sync()
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size
}
