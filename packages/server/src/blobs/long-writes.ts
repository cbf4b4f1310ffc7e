import { errnoOf, type FileOps } from './file-ops.ts'
import type { OwnPack } from './own-pack.ts'
import { alignedMemory, pageBytes } from './read-memory.ts'

/** One direct write at most. Copying more would hold the event loop longer than a millisecond. */
const stagingBytes = 4 * 1024 * 1024

/**
 * Writes to packs, long runs of bytes past the page cache (direct I/O) where the file system has that: uploads need no
 * second copy in the kernel then, and push nothing out of its cache. Only whole pages go that way, and only behind what
 * was written before; bytes before the first and behind the last of them go the usual way, so that no page is ever
 * written both ways. One write at a time.
 */
export class LongWrites {
  readonly #ops: FileOps
  readonly #fromBytes: number
  #staging: Uint8Array | undefined

  /** Runs of at least `fromBytes` are long. */
  constructor(ops: FileOps, fromBytes: number) {
    this.#ops = ops
    this.#fromBytes = Math.max(fromBytes, pageBytes)
  }

  /** Writes the first of these bytes, at least one, and returns how many. Throws the system's error. */
  async write(pack: OwnPack, fd: number, pieces: readonly Uint8Array[], position: number): Promise<number> {
    const usual = async (run: readonly Uint8Array[]) => some(await this.#ops.writev(fd, run, position))
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0)
    const headBytes = (pageBytes - (position % pageBytes)) % pageBytes
    if (sizeBytes - headBytes < this.#fromBytes) return usual(pieces)
    const directFd = await this.#openDirect(pack)
    if (directFd === undefined) return usual(pieces)
    if (headBytes > 0) return usual(firstOf(pieces, headBytes))
    try {
      return some(await this.#ops.writeDirect(directFd, this.#layPages(pieces, sizeBytes), position))
    } catch (error) {
      // Some systems open a file this way and refuse the first write.
      if (errnoOf(error) !== 'EINVAL') throw error
      pack.refusesDirect = true
      return usual(pieces)
    }
  }

  async #openDirect(pack: OwnPack): Promise<number | undefined> {
    if (pack.refusesDirect) return undefined
    // Why it cannot be had makes no difference: the usual way says what is wrong with it, if anything is.
    pack.directFd ??= await this.#ops.openDirect(pack.path, 'write').catch(() => undefined)
    pack.refusesDirect = pack.directFd === undefined
    return pack.directFd
  }

  /** The whole pages at the beginning of these bytes, as many as there is room for, in one piece. */
  #layPages(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
    this.#staging ??= alignedMemory(stagingBytes)
    const wholeBytes = Math.min(stagingBytes, sizeBytes - (sizeBytes % pageBytes))
    let at = 0
    for (const piece of firstOf(pieces, wholeBytes)) {
      this.#staging.set(piece, at)
      at += piece.length
    }
    return this.#staging.subarray(0, wholeBytes)
  }
}

/** What is left of the pieces after the first `count` bytes. */
export function behind(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  let whole = 0
  for (const piece of pieces) {
    if (skip < piece.length) break
    skip -= piece.length
    whole++
  }
  const rest = pieces.slice(whole)
  if (rest[0] !== undefined) rest[0] = rest[0].subarray(skip)
  return rest
}

/** The first `count` bytes of the pieces, which have so many. */
function firstOf(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  const first: Uint8Array[] = []
  let left = count
  for (const piece of pieces) {
    if (left === 0) break
    first.push(piece.length <= left ? piece : piece.subarray(0, left))
    left -= Math.min(left, piece.length)
  }
  return first
}

function some(count: number): number {
  if (count === 0) throw new Error('the system wrote nothing and named no error')
  return count
}
