/** Blocks of one DAG that may be under way at once. */
const maxWants = 256
const leastBytes = 1024

/**
 * The memory that blocks under way take, shared by all fetches of the process. How large a block is, nobody knows before
 * it is here, so what is expected follows what came: blocks twice as large as before halve the number that is asked for.
 */
export class BlockMemory {
  readonly #maxBytes: number
  #usedBytes = 0

  /** `maxBytes` is 64 MiB unless told. */
  constructor({ maxBytes = 64 * 1024 * 1024 }: { maxBytes?: number } = {}) {
    this.#maxBytes = maxBytes
  }

  /** Whether so much more fits. */
  fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#maxBytes
  }

  /** Takes memory, or gives it back with a negative number. */
  add(bytes: number): void {
    this.#usedBytes += bytes
  }
}

/** One block under way. */
export interface Want {
  /** It is here, and so large. */
  fill(sizeBytes: number): void
  /** It takes no memory any more. Calling it again changes nothing. */
  release(): void
}

/** What one fetch takes of the memory. */
export class WantRoom {
  readonly #memory: BlockMemory
  #expectedBytes = 256 * 1024

  constructor(memory: BlockMemory) {
    this.#memory = memory
  }

  /** Whether another block may be asked for, beside so many that are under way. The first always may. */
  hasRoom(underWay: number): boolean {
    return underWay === 0 || (underWay < maxWants && this.#memory.fits(this.#expectedBytes))
  }

  /** A block is asked for. */
  take(): Want {
    let takenBytes = this.#expectedBytes
    this.#memory.add(takenBytes)
    return {
      fill: (sizeBytes) => {
        this.#memory.add(sizeBytes - takenBytes)
        takenBytes = sizeBytes
        // Larger ones are believed at once, smaller ones bit by bit.
        const before = this.#expectedBytes
        this.#expectedBytes = Math.max(leastBytes, sizeBytes > before ? sizeBytes : before - (before - sizeBytes) / 8)
      },
      release: () => {
        this.#memory.add(-takenBytes)
        takenBytes = 0
      },
    }
  }
}
