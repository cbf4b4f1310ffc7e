import { closeSync, openSync, readSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Block, BlockSink, BlockSource } from '@pinyon/server/ipfs/block.ts'
import { MultihashTable } from '@pinyon/server/ipfs/multihash-table.ts'

/** Blocks are gathered up to this size before they are written. */
const gatheredBytes = 1_048_576

/** Blocks in a file: put in first, found by their multihash after `finish`. Some 70 bytes of memory a block. */
export class SpooledBlocks implements BlockSink, BlockSource {
  readonly #path: string
  readonly #file: FileHandle
  readonly #table = new MultihashTable()
  readonly #offsets: number[] = []
  readonly #sizes: number[] = []
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #length = 0
  #reading: number | undefined

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Makes the file; fails when it is there. */
  static async create(path: string): Promise<SpooledBlocks> {
    return new SpooledBlocks(path, await open(path, 'wx', 0o600))
  }

  put({ multihash, bytes, sizeBytes }: Block): Promise<void> | undefined {
    const known = this.#table.size
    if (this.#table.add(multihash) < known) return undefined
    this.#offsets.push(this.#length)
    this.#sizes.push(sizeBytes)
    // Copied, since the pieces may be used again once this block is taken.
    for (const piece of bytes) this.#gathered.push(piece.slice())
    this.#gatheredBytes += sizeBytes
    this.#length += sizeBytes
    return this.#gatheredBytes < gatheredBytes ? undefined : this.#write()
  }

  /** Everything is there; from now on blocks are read. */
  async finish(): Promise<void> {
    await this.#write()
    this.#reading = openSync(this.#path, 'r')
  }

  get(multihash: Uint8Array): Uint8Array | undefined {
    if (this.#reading === undefined) throw new Error('Blocks are read after they are all there')
    const number = this.#table.find(multihash)
    const [offset, size] = [this.#offsets[number], this.#sizes[number]]
    if (offset === undefined || size === undefined) return undefined
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size;) {
      const count = readSync(this.#reading, bytes, at, size - at, offset + at)
      if (count === 0) throw new Error(`${this.#path} was cut off`)
      at += count
    }
    return bytes
  }

  async close(): Promise<void> {
    if (this.#reading !== undefined) closeSync(this.#reading)
    this.#reading = undefined
    await this.#file.close()
  }

  async #write(): Promise<void> {
    const bytes = Buffer.concat(this.#gathered, this.#gatheredBytes)
    this.#gathered = []
    this.#gatheredBytes = 0
    for (let at = 0; at < bytes.length;) at += (await this.#file.write(bytes, at)).bytesWritten
  }
}
