import type { AppError } from '../lib/errors.ts'
import type { NewBlock, PackLocation } from './blob-store.ts'
import type { FileOps } from './file-ops.ts'
import type { OwnPack } from './own-pack.ts'
import { packName } from './pack-names.ts'
import { PackWriter } from './pack-writer.ts'

interface PackWritersOptions {
  readonly ops: FileOps
  readonly dir: string
  readonly writerId: string
  readonly segmentBytes: number
  readonly flushBytes: number
  readonly directFromBytes: number
  readonly report: (fault: AppError) => void
}

/**
 * The packs of one writer id, in two lines that do not wait for each other: what uploads bring, and what compaction moves.
 * Each has packs of its own, which are numbered together.
 */
export class PackWriters {
  readonly #uploads: PackWriter
  readonly #open: () => PackWriter
  /** Made when something is moved: most processes never do. */
  #moves: PackWriter | undefined

  constructor({ writerId, ...options }: PackWritersOptions) {
    let sequence = 0
    this.#open = () => new PackWriter({ ...options, newName: () => packName(writerId, ++sequence) })
    this.#uploads = this.#open()
  }

  /** The pack of that name when it is one of this writer. */
  find(pack: string): OwnPack | undefined {
    return this.#uploads.find(pack) ?? this.#moves?.find(pack)
  }

  /** See `PackWriter.append`. */
  append(
    blocks: readonly NewBlock[],
    { isApart, take }: { isApart: boolean; take: (sizeBytes: number) => void },
  ): Promise<PackLocation[]> {
    if (!isApart) return this.#uploads.append(blocks, take)
    this.#moves ??= this.#open()
    return this.#moves.append(blocks, take)
  }

  /** See `BlobStore.sync`. */
  async sync(names: Iterable<string>): Promise<void> {
    await Promise.all(Array.from(names, (name) => this.#of(name).sync([name])))
  }

  /** See `BlobStore.seal`. */
  seal(name: string): Promise<void> {
    return this.#of(name).seal(name)
  }

  /** See `PackWriter.forget`. */
  forget(name: string): void {
    this.#of(name).forget(name)
  }

  /** No further appends; fails when what there was cannot be made durable. */
  async close(): Promise<void> {
    const ends = await Promise.allSettled([this.#uploads.close(), this.#moves?.close()])
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  #of(name: string): PackWriter {
    return this.#moves?.find(name) === undefined ? this.#uploads : this.#moves
  }
}
