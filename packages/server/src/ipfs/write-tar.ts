import type { BlockSource } from './block.ts'
import { getBlock } from './find-block.ts'
import { readFile, type ReadableNode } from './read-file.ts'
import type { Node } from './read-node.ts'
import { tarBlockBytes, tarHeader, tarPadding } from './tar-header.ts'
import { tarEntries } from './tar-entries.ts'

/** Throws when a block may not be shown. `below`: the path that it is part of, below the root; empty for a piece of a file. */
export type RequireShown = (multihash: Uint8Array, below: readonly string[]) => void

/**
 * Walks all that would go into an archive without reading files, so that what makes it impossible is known before its
 * first byte: for what the walk does not read, `requireShown` is asked. Throws what that and `tarEntries` do, and
 * `invalid_block` for a file that contradicts itself.
 */
export async function surveyTar(
  source: BlockSource,
  root: Node,
  top: string,
  { signal, requireShown }: { signal: AbortSignal; requireShown: RequireShown },
): Promise<void> {
  for await (const entry of tarEntries(source, root, top, signal)) {
    const below = entry.path.slice(top.length + 1).split('/')
    if (entry.kind === 'raw') requireShown(entry.cid.multihash, below)
    if (entry.kind !== 'node') continue
    const { node } = entry
    requireShown(node.cid.multihash, below)
    if (typeof node.size !== 'number') throw node.size
    if (node.kind === 'file') for (const { multihash } of node.pb.links) requireShown(multihash, [])
  }
}

/**
 * A tar archive of a file or a directory, whose paths begin with `top` (IPIP-288). Holds one block at a time. While
 * reading it throws `BlockUnavailable`, `invalid_block`, and what `surveyTar` does.
 */
export async function* writeTar(
  source: BlockSource,
  root: Node,
  top: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const entry of tarEntries(source, root, top, signal)) {
    if (entry.kind === 'directory') {
      yield tarHeader({ path: `${entry.path}/`, kind: 'directory', sizeBytes: 0 })
      continue
    }
    const node: ReadableNode =
      entry.kind === 'node' ? entry.node : rawNode(entry.cid, await getBlock(source, entry.cid))
    if (node.kind === 'symlink') {
      const target = Buffer.from(node.content).toString()
      yield tarHeader({ path: entry.path, kind: 'symlink', sizeBytes: 0, target })
      continue
    }
    if (typeof node.size !== 'number') throw node.size
    yield tarHeader({ path: entry.path, kind: 'file', sizeBytes: node.size })
    const pieces = readFile(source, node, { signal })
    for (;;) {
      const next = pieces.next()
      const piece = next instanceof Promise ? await next : next
      if (piece === undefined) break
      yield piece
    }
    if (node.size % tarBlockBytes !== 0) yield tarPadding(node.size)
  }
  yield Buffer.alloc(2 * tarBlockBytes)
}

function rawNode(cid: ReadableNode['cid'], block: Uint8Array): ReadableNode {
  return { kind: 'raw', cid, block, size: block.length }
}
