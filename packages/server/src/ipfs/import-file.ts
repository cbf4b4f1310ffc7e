import { Pieces } from '../lib/pieces.ts'
import { varintLength, writeVarint } from '../lib/varint.ts'
import type { BlockSink } from './block.ts'
import type { Cid } from './cid.ts'
import { codecs } from './codecs.ts'
import { encodePbNode } from './dag-pb.ts'
import { type ImportedNode, type Layout, nodeCid } from './layout.ts'
import { sha256Multihash } from './multihash.ts'
import { encodeUnixFs } from './unixfs.ts'

/**
 * Cuts a file into blocks as Kubo does (fixed size chunks, balanced DAG) and puts them into the sink as they fill,
 * children before parents. The pieces are not copied, unless many small ones follow
 * each other: they belong to the import until the sink has taken them.
 */
export async function importFile(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  sink: BlockSink,
  layout: Layout,
  signal?: AbortSignal,
): Promise<ImportedNode> {
  const file = new FileImport(sink, layout)
  for await (const piece of source) {
    signal?.throwIfAborted()
    const wait = file.write(piece)
    if (wait !== undefined) await wait
  }
  return file.finish()
}

/** How far the import of a file is: nodes without a parent, leaves first, and how many leaves there were. */
export interface ImportState {
  readonly levels: readonly (readonly ImportedNode[])[]
  readonly leafCount: number
}

/** `importFile` for bytes that are pushed. One write at a time: when `write` returns a promise, await it first. */
export class FileImport {
  readonly #sink: BlockSink
  readonly #layout: Layout
  /** The chunk that is being filled. */
  readonly #pieces = new Pieces()
  #pendingBytes = 0
  /** Nodes that have no parent yet, leaves first. No level is ever full: a full one becomes one node of the next. */
  readonly #levels: ImportedNode[][]
  #leafCount: number

  /** With `state` it goes on where another import, into the same sink, stood. */
  constructor(sink: BlockSink, layout: Layout, state: ImportState = { levels: [[]], leafCount: 0 }) {
    this.#sink = sink
    this.#layout = layout
    this.#levels = state.levels.map((level) => [...level])
    this.#leafCount = state.leafCount
  }

  /** How far it is. Only between chunks: what belongs to no leaf yet is not part of it. */
  get state(): ImportState {
    if (this.#pendingBytes > 0) throw new Error('The import stands within a chunk')
    return { levels: this.#levels.map((level) => [...level]), leafCount: this.#leafCount }
  }

  /** Takes the next bytes of the file. A promise means that the sink wants time. */
  write(piece: Uint8Array): Promise<void> | void {
    const { chunkSizeBytes } = this.#layout
    let at = 0
    while (at < piece.length) {
      const end = Math.min(piece.length, at + chunkSizeBytes - this.#pendingBytes)
      this.#pieces.push(at === 0 && end === piece.length ? piece : piece.subarray(at, end))
      this.#pendingBytes += end - at
      at = end
      if (this.#pendingBytes < chunkSizeBytes) return
      const wait = this.#putLeaf()
      if (wait !== undefined) return this.#writeAfter(wait, piece.subarray(at))
    }
  }

  /** The file has ended. Resolves when the sink has taken its last block. */
  async finish(): Promise<ImportedNode> {
    // An empty file is one empty leaf.
    if (this.#pendingBytes > 0 || this.#leafCount === 0) await this.#putLeaf()
    for (let level = 0; ; level++) {
      // Levels are made from the lowest up, and the loop ends at the highest.
      const nodes = this.#levels[level]!
      const [root] = nodes
      const isHighest = level === this.#levels.length - 1
      if (isHighest && nodes.length === 1 && root !== undefined) return root
      if (nodes.length > 0) await this.#putParent(level)
    }
  }

  async #writeAfter(wait: Promise<void>, rest: Uint8Array): Promise<void> {
    await wait
    await this.write(rest)
  }

  #putLeaf(): Promise<void> | void {
    const pieces = this.#pieces.takeAll()
    const contentBytes = this.#pendingBytes
    this.#pendingBytes = 0
    this.#leafCount++
    const bytes = this.#layout.rawLeaves ? pieces : wrapLeaf(pieces, contentBytes)
    const wait = this.#put(0, bytes, { contentBytes, bytesBelow: 0, blocksBelow: 0 }, this.#layout.rawLeaves)
    return this.#isFull(0) ? this.#closeFullLevels(wait) : wait
  }

  async #closeFullLevels(wait: Promise<void> | void): Promise<void> {
    await wait
    for (let level = 0; this.#isFull(level); level++) await this.#putParent(level)
  }

  #isFull(level: number): boolean {
    return this.#levels[level]?.length === this.#layout.maxLinks
  }

  #putParent(level: number): Promise<void> | void {
    const children = this.#levels[level] ?? []
    this.#levels[level] = []
    const total = { contentBytes: 0, bytesBelow: 0, blocksBelow: 0 }
    for (const child of children) {
      total.contentBytes += child.contentBytes
      total.bytesBelow += child.cumulativeBytes
      total.blocksBelow += child.blockCount
    }
    const bytes = encodePbNode({
      data: encodeUnixFs({
        type: 'file',
        fileSize: total.contentBytes,
        blockSizes: children.map((child) => child.contentBytes),
      }),
      links: children.map((child) => ({ cid: child.cid, name: '', tsize: child.cumulativeBytes })),
    })
    return this.#put(level + 1, [bytes], total, false)
  }

  #put(
    level: number,
    bytes: readonly Uint8Array[],
    { contentBytes, bytesBelow, blocksBelow }: { contentBytes: number; bytesBelow: number; blocksBelow: number },
    isRaw: boolean,
  ): Promise<void> | void {
    const multihash = sha256Multihash(bytes)
    const cid: Cid = isRaw ? { version: 1, codec: codecs.raw, multihash } : nodeCid(this.#layout, multihash)
    let sizeBytes = 0
    for (const piece of bytes) sizeBytes += piece.length
    const nodes = (this.#levels[level] ??= [])
    nodes.push({ cid, contentBytes, cumulativeBytes: sizeBytes + bytesBelow, blockCount: blocksBelow + 1 })
    return this.#sink.put({ ...cid, bytes, sizeBytes })
  }
}

/** A dag-pb leaf around the pieces: UnixFS type file, data, size; the data field stays away where there is none. */
function wrapLeaf(pieces: readonly Uint8Array[], length: number): Uint8Array[] {
  const lengthBytes = varintLength(length)
  const unixFsBytes = length === 0 ? 4 : 4 + 2 * lengthBytes + length
  const head = new Uint8Array(1 + varintLength(unixFsBytes) + 2 + (length === 0 ? 0 : 1 + lengthBytes))
  head[0] = 0x0a
  let at = writeVarint(unixFsBytes, head, 1)
  head[at++] = 0x08
  head[at++] = 0x02
  if (length > 0) {
    head[at++] = 0x12
    writeVarint(length, head, at)
  }
  const tail = new Uint8Array(1 + lengthBytes)
  tail[0] = 0x18
  writeVarint(length, tail, 1)
  return [head, ...pieces, tail]
}
