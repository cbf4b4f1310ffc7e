import type { BlockSink } from '../ipfs/block.ts'
import { DirectoryBuilder } from '../ipfs/directory-builder.ts'
import type { ImportedNode, Layout } from '../ipfs/layout.ts'
import { AppError } from '../lib/errors.ts'
import { ChunkFeed } from './chunk-feed.ts'
import { failpoint } from '../lib/failpoint.ts'

/** Takes the bytes of one file. A promise is back-pressure. */
export interface FileTaker {
  write(piece: Uint8Array): Promise<void> | void
  end(): Promise<void> | void
}

/** What files became. */
export interface ImportedFiles {
  readonly node: ImportedNode
  /** False: it is the one file itself. */
  readonly isFolder: boolean
  readonly numberOfFiles: number
}

/** Makes a DAG of one file, or of many with paths that share their first segment, while they come in. */
export class FolderImport {
  readonly layout: Layout
  readonly #sink: BlockSink
  readonly #builder = new DirectoryBuilder()
  readonly #feed: ChunkFeed
  #only: { readonly path: readonly string[]; readonly node: ImportedNode } | undefined

  constructor(sink: BlockSink, layout: Layout) {
    this.#sink = sink
    this.layout = layout
    this.#feed = new ChunkFeed(sink, layout)
  }

  /** Begins a file. One at a time. */
  openFile(path: readonly string[]): FileTaker {
    const file = this.#feed.openFile()
    const add = this.#add.bind(this)
    return {
      write: (piece) => file.write(piece),
      async end() {
        failpoint('folder-file-next')
        add(path, await file.finish())
      },
    }
  }

  /** Every file with its path. */
  files(): Iterable<{ path: readonly string[]; node: ImportedNode }> {
    return this.#builder.files()
  }

  /**
   * Makes the directories. A file without a folder stays a file unless it is wrapped; a folder's own name is no part
   * of it unless it is wrapped.
   */
  async finish({ isWrapped }: { isWrapped: boolean }, signal?: AbortSignal): Promise<ImportedFiles> {
    const numberOfFiles = this.#builder.fileCount
    const only = this.#only
    if (only === undefined) throw new AppError('invalid_request', 'Nothing was uploaded')
    if (numberOfFiles === 1 && only.path.length === 1 && !isWrapped) {
      return { node: only.node, isFolder: false, numberOfFiles }
    }
    const below = isWrapped ? undefined : only.path[0]
    return {
      node: await this.#builder.finish(this.#sink, this.layout, { below, signal }),
      isFolder: true,
      numberOfFiles,
    }
  }

  #add(path: readonly string[], node: ImportedNode): void {
    this.#builder.addFile(path, node)
    this.#only ??= { path, node }
  }
}
