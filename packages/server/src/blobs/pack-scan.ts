import type { PackScan, SectionWithBytes } from './blob-store.ts'
import { PackMissing } from './blob-store.ts'
import { maxFrontBytes, readFront, readHeaderLength } from './car-section.ts'
import { errnoOf, type FileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'
import { storageFault } from './storage-fault.ts'

const bufferBytes = 1024 * 1024
/** Read at a time when payloads are skipped: small sections come many with one read, large ones are jumped over. */
const skipping = { smallBytes: 64 * 1024, largeBytes: 4096, largePayload: 16 * 1024 }

interface ScanOptions {
  readonly ops: FileOps
  readonly dir: string
  readonly pack: string
  /** Where to begin; undefined: behind the header. */
  readonly from: number | undefined
  readonly withBytes: boolean
  /** Bytes of the pack that count, when the file may be longer: what its writer has not finished is not shown. */
  readonly limitBytes: () => number | undefined
}

/**
 * Walks a pack on a descriptor of its own, so that a removal does not wait for it. Payloads are given only `withBytes`,
 * as views of one buffer.
 */
export class DiskPackScan implements PackScan<SectionWithBytes> {
  endBytes: number
  readonly #options: ScanOptions
  #fd = -1
  #fileBytes = 0
  /** What the buffer holds: the file's bytes from `#bufferAt` on. */
  #buffer: Uint8Array = new Uint8Array(0)
  #bufferAt = 0
  #lastPayloadBytes = 0

  constructor(options: ScanOptions) {
    this.#options = options
    this.endBytes = options.from ?? 0
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SectionWithBytes, void> {
    const { ops, dir, pack, from, withBytes, limitBytes } = this.#options
    const path = packPath(dir, pack)
    try {
      this.#fd = await ops.open(path, 'r')
    } catch (error) {
      throw errnoOf(error) === 'ENOENT' ? new PackMissing(pack, { cause: error }) : storageFault(error)
    }
    try {
      const sizeBytes = await ops.sizeOf(this.#fd)
      this.#fileBytes = Math.min(sizeBytes, limitBytes() ?? sizeBytes)
      if (from === undefined && !(await this.#skipHeader())) return
      for (;;) {
        const section = await this.#next(withBytes)
        if (section === undefined) return await this.#requireWhole()
        yield section
      }
    } catch (error) {
      throw storageFault(error)
    } finally {
      await ops.close(this.#fd)
    }
  }

  /** A pack that became shorter because it is removed has no torn tail: its blocks lie elsewhere now. */
  async #requireWhole(): Promise<void> {
    const { ops, pack } = this.#options
    if ((await ops.sizeOf(this.#fd)) < this.#fileBytes && (await ops.isUnlinked(this.#fd))) throw new PackMissing(pack)
  }

  async #skipHeader(): Promise<boolean> {
    const length = readHeaderLength(await this.#view(0, maxFrontBytes))
    if (length === undefined || length > this.#fileBytes) return false
    this.endBytes = length
    return true
  }

  /** The section at `endBytes`, which moves behind it; undefined when no whole one is there. */
  async #next(withBytes: boolean): Promise<SectionWithBytes | undefined> {
    const start = this.endBytes
    const view = await this.#view(start, maxFrontBytes)
    const front = readFront(view, 0)
    if (front === undefined) return undefined
    const end = start + front.payloadAt + front.payloadBytes
    if (end > this.#fileBytes) return undefined
    const cid = view.slice(front.cidAt, front.payloadAt)
    const whole = withBytes ? await this.#view(start, front.payloadAt + front.payloadBytes) : view
    // The file became shorter since its size was asked.
    if (withBytes && whole.length < front.payloadAt + front.payloadBytes) return undefined
    this.endBytes = end
    this.#lastPayloadBytes = front.payloadBytes
    return {
      cid,
      location: { pack: this.#options.pack, offset: start + front.payloadAt, length: front.payloadBytes },
      bytes: withBytes ? whole.subarray(front.payloadAt, front.payloadAt + front.payloadBytes) : empty,
    }
  }

  /** The file's bytes from `at` on: at least `length` of them, fewer only at its end. Valid until the next call. */
  async #view(at: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.#fileBytes - at))
    const have = this.#bufferAt + this.#buffer.length - at
    if (at < this.#bufferAt || have < wanted) await this.#fill(at, wanted)
    return this.#buffer.subarray(at - this.#bufferAt)
  }

  async #fill(at: number, wanted: number): Promise<void> {
    const skip = this.#lastPayloadBytes >= skipping.largePayload ? skipping.largeBytes : skipping.smallBytes
    const room = Math.max(wanted, this.#options.withBytes ? bufferBytes : skip)
    const whole = this.#buffer.buffer.byteLength >= room ? new Uint8Array(this.#buffer.buffer) : new Uint8Array(room)
    const keepFrom = at - this.#bufferAt
    const kept = keepFrom >= 0 && keepFrom < this.#buffer.length ? this.#buffer.subarray(keepFrom) : empty
    whole.set(kept)
    let filled = kept.length
    while (filled < wanted) {
      const length = Math.min(Math.max(room, kept.length), this.#fileBytes - at) - filled
      const count = await this.#options.ops.read(this.#fd, whole.subarray(filled), length, at + filled)
      if (count === 0) break
      filled += count
    }
    this.#buffer = whole.subarray(0, filled)
    this.#bufferAt = at
  }
}

const empty = new Uint8Array(0)
