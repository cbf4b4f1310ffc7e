import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSink } from './block.ts'
import { cidLength } from './cid.ts'
import { sortByName, type PbLink } from './dag-pb.ts'
import { Folder } from './folder.ts'
import { putNode, putShardedDirectory, type PutDirectory } from './hamt.ts'
import type { ImportedNode, Layout } from './layout.ts'
import { encodeUnixFs } from './unixfs.ts'

/**
 * A directory is sharded when the bytes of its names and CIDs together are more than this. Kubo's rule since 0.40
 * (`>`, by links: https://specs.ipfs.tech/ipips/ipip-0499/).
 */
const maxUnshardedBytes = 256 * 1024

/**
 * Puts a tree of files together while they arrive, in any order, and makes its directories at the end as Kubo does.
 * Holds about 150 bytes a file.
 */
export class DirectoryBuilder {
  readonly #root = new Folder()
  #fileCount = 0

  /** How many files were added. */
  get fileCount(): number {
    return this.#fileCount
  }

  /** Adds a file under its path. Throws `folder_conflict` when something stands there, or a file stands in the way. */
  addFile(path: readonly string[], node: ImportedNode): void {
    const name = path.at(-1)
    if (name === undefined) throw new AppError('invalid_path', 'A file without a name cannot stand in a folder')
    const folder = this.#folder(path, path.length - 1)
    const before = folder.children.get(name)
    if (before !== undefined) {
      const is = before instanceof Folder ? 'is both a file and a folder' : 'stands twice'
      throw new AppError('folder_conflict', `${quote(path)} ${is} in this upload`)
    }
    folder.addFile(name, node)
    this.#fileCount++
  }

  /** Makes sure that there is a folder under the path. Throws `folder_conflict` when a file stands in the way. */
  addFolder(path: readonly string[]): void {
    this.#folder(path, path.length)
  }

  /** Every file with its path, folder by folder. */
  *files(): Generator<{ path: string[]; node: ImportedNode }> {
    yield* filesOf(this.#root, [])
  }

  /**
   * Puts the directories, deepest first, and gives back the topmost: the whole tree, or the folder at the top that
   * `below` names. Once only: it uses up what was added. Throws `not_found` when no such folder is there.
   */
  async finish(
    sink: BlockSink,
    layout: Layout,
    { below, signal }: { below?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<ImportedNode> {
    const top = below === undefined ? this.#root : this.#root.children.get(below)
    if (!(top instanceof Folder))
      throw new AppError('not_found', `There is no folder ${quote([below ?? ''])} at the top`)
    return putFolder(top, sink, layout, new LoopShare(), signal)
  }

  #folder(path: readonly string[], depth: number): Folder {
    let folder = this.#root
    for (let i = 0; i < depth; i++) {
      const name = path[i] ?? ''
      const child = folder.children.get(name) ?? folder.addFolder(name)
      if (!(child instanceof Folder)) {
        throw new AppError(
          'folder_conflict',
          `${quote(path.slice(0, i + 1))} is both a file and a folder in this upload`,
        )
      }
      folder = child
    }
    return folder
  }
}

async function putFolder(
  folder: Folder,
  sink: BlockSink,
  layout: Layout,
  share: LoopShare,
  signal: AbortSignal | undefined,
): Promise<ImportedNode> {
  for (const [name, child] of folder.children) {
    if (child instanceof Folder) folder.replace(name, await putFolder(child, sink, layout, share, signal))
  }
  signal?.throwIfAborted()
  if (share.isOver()) await share.pass()
  const names = [...folder.children.keys()]
  const put = isLarge(folder)
    ? await putShardedDirectory({ names, link: (index) => folder.link(names[index] ?? '') }, sink, layout, share)
    : await putPlainDirectory(folder, names, sink, layout)
  const below = folder.totals
  return {
    cid: put.cid,
    contentBytes: below.contentBytes,
    cumulativeBytes: put.cumulativeBytes,
    blockCount: below.blockCount + put.ownBlocks,
  }
}

function putPlainDirectory(
  folder: Folder,
  names: readonly string[],
  sink: BlockSink,
  layout: Layout,
): Promise<PutDirectory> {
  let bytesBelow = 0
  const links: PbLink[] = []
  for (const name of names) {
    const { cid, tsize } = folder.link(name)
    bytesBelow += tsize
    links.push({ cid, name, tsize })
  }
  return putNode(sortByName(links), encodeUnixFs({ type: 'directory' }), bytesBelow, sink, layout)
}

function isLarge(folder: Folder): boolean {
  let bytes = 0
  for (const name of folder.children.keys()) {
    bytes += Buffer.byteLength(name) + cidLength(folder.link(name).cid)
    if (bytes > maxUnshardedBytes) return true
  }
  return false
}

function* filesOf(folder: Folder, above: readonly string[]): Generator<{ path: string[]; node: ImportedNode }> {
  for (const [name, child] of folder.children) {
    const path = [...above, name]
    if (child instanceof Folder) yield* filesOf(child, path)
    else yield { path, node: folder.node(name) }
  }
}

function quote(path: readonly string[]): string {
  return JSON.stringify(path.join('/'))
}
