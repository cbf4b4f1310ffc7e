import { FileImport, type ImportState } from '../ipfs/import-file.ts'
import type { BlockSink } from '../ipfs/block.ts'
import type { ImportedNode, Layout } from '../ipfs/layout.ts'

/**
 * Two buffers of one chunk each for the files of an upload, one after another. What comes from a socket in small pieces
 * is copied into them: pieces held until a chunk is full cost the garbage collector more than the copy, and a chunk in
 * one piece is hashed and written faster. While one buffer is written, the other fills.
 */
export class ChunkFeed {
  readonly #sink: BlockSink
  readonly #layout: Layout
  #buffer: Buffer | undefined
  #other: Buffer | undefined

  constructor(sink: BlockSink, layout: Layout) {
    this.#sink = sink
    this.#layout = layout
  }

  /** Begins a file, or goes on with one that was paused; the one before must have ended. */
  openFile(paused?: PausedFile): FedFile {
    const file = new FileImport(this.#sink, this.#layout, paused?.state)
    const fed = new FedFile(file, this.#layout.chunkSizeBytes, {
      buffer: () => (this.#buffer ??= Buffer.allocUnsafeSlow(this.#layout.chunkSizeBytes)),
      turn: () => {
        const full = this.#buffer
        this.#buffer = this.#other
        this.#other = full
      },
    })
    if (paused !== undefined && paused.tail.length > 0) void fed.write(paused.tail) // less than a chunk
    return fed
  }
}

/** Where a file stands whose next bytes come later. */
export interface PausedFile {
  readonly state: ImportState
  /** The bytes of the chunk that is not full. */
  readonly tail: Uint8Array
}

interface Buffers {
  buffer(): Buffer
  /** The buffer is full and on its way: go on with the other. */
  turn(): void
}

/** A file that is fed into an import. One write at a time. */
export class FedFile {
  readonly #file: FileImport
  readonly #chunkBytes: number
  readonly #buffers: Buffers
  /** The first piece, as it came: a small file never needs more than this. */
  #first: Uint8Array | undefined
  #usedBytes = 0
  /** The chunk before, on its way into the sink. */
  #pending: Promise<void> | undefined

  constructor(file: FileImport, chunkBytes: number, buffers: Buffers) {
    this.#file = file
    this.#chunkBytes = chunkBytes
    this.#buffers = buffers
  }

  /** Takes the next bytes. They belong to the file until it has ended. */
  write(piece: Uint8Array): Promise<void> | void {
    const first = this.#first
    if (first === undefined && this.#usedBytes === 0 && piece.length < this.#chunkBytes) {
      this.#first = piece
      return
    }
    this.#first = undefined
    // The first piece is shorter than a chunk, so there is nothing to wait for.
    if (first !== undefined) void this.#copy(first, 0)
    return this.#copy(piece, 0)
  }

  /** Where it stands; all full chunks are in the sink then. It can be written on. The tail is a copy. */
  async pause(): Promise<PausedFile> {
    await this.#pending
    const tail = this.#first ?? this.#buffers.buffer().subarray(0, this.#usedBytes)
    return { state: this.#file.state, tail: tail.slice() }
  }

  /** The file has ended. Resolves when all of it is in the sink. */
  async finish(): Promise<ImportedNode> {
    await this.#pending
    if (this.#first !== undefined) await this.#file.write(this.#first)
    else if (this.#usedBytes > 0) await this.#file.write(this.#buffers.buffer().subarray(0, this.#usedBytes))
    return this.#file.finish()
  }

  #copy(piece: Uint8Array, from: number): Promise<void> | void {
    let at = from
    while (at < piece.length) {
      const count = Math.min(piece.length - at, this.#chunkBytes - this.#usedBytes)
      this.#buffers.buffer().set(count === piece.length ? piece : piece.subarray(at, at + count), this.#usedBytes)
      this.#usedBytes += count
      at += count
      if (this.#usedBytes < this.#chunkBytes) return
      const pending = this.#pending
      if (pending !== undefined) return this.#copyAfter(pending, piece, at)
      this.#send()
    }
  }

  async #copyAfter(pending: Promise<void>, piece: Uint8Array, at: number): Promise<void> {
    await pending
    this.#pending = undefined
    this.#send()
    await this.#copy(piece, at)
  }

  /** Hands on the full chunk without waiting for it: whoever fills the next one does. */
  #send(): void {
    const wait = this.#file.write(this.#buffers.buffer())
    this.#buffers.turn()
    this.#usedBytes = 0
    if (wait === undefined) return
    this.#pending = wait
    wait.catch(() => {}) // the next write, or the end, throws it
  }
}
