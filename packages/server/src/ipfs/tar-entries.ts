import { posix } from 'node:path'
import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSource } from './block.ts'
import { type Cid, formatCid } from './cid.ts'
import { codecs } from './codecs.ts'
import { BlockUnavailable } from './find-block.ts'
import { DirectoryEntries } from './list-directory.ts'
import { type DirectoryNode, findNode, type Node } from './read-node.ts'

/** Something that becomes an entry of an archive. Raw leaves are not read to find it. */
export type TarEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'raw'; readonly path: string; readonly cid: Cid }
  | { readonly kind: 'node'; readonly path: string; readonly node: Extract<Node, { kind: 'file' | 'raw' | 'symlink' }> }

/** Bounds of an archive; `too_large` above them. */
const maxEntries = 100_000
const maxDepth = 256

/**
 * All that lies in a directory, or the one file, under paths that begin with `top`, parents first. Paths never lead out
 * of `top`, nor through a link. While walking it throws `invalid_path` for names that would, `not_acceptable` for what
 * is no UnixFS, `too_large`, `BlockUnavailable`.
 */
export async function* tarEntries(
  source: BlockSource,
  root: Node,
  top: string,
  signal: AbortSignal,
): AsyncGenerator<TarEntry> {
  if (root.kind === 'file' || root.kind === 'raw' || root.kind === 'symlink') {
    yield { kind: 'node', path: top, node: root }
    return
  }
  if (root.kind !== 'directory') throw noUnixFs(root.cid)
  const share = new LoopShare()
  const links = new Set<string>()
  const frames = [frameOf(source, root, top)]
  yield { kind: 'directory', path: top }
  let count = 0
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    signal.throwIfAborted()
    if (share.isOver()) await share.pass()
    const next = frame.entries.next()
    const entry = next instanceof Promise ? await next : next
    if (entry === undefined) {
      frames.pop()
      continue
    }
    if (++count > maxEntries)
      throw new AppError(
        'too_large',
        `There are more than ${maxEntries} files: too many for an archive. Ask for a part, or with format=car.`,
      )
    const path = pathBelow(frame.path, entry.name, top)
    requireNoLinkAbove(path, links)
    if (entry.cid.codec === codecs.raw) {
      yield { kind: 'raw', path, cid: entry.cid }
      continue
    }
    const finding = findNode(source, entry.cid)
    const node = finding instanceof Promise ? await finding : finding
    if (node === undefined) throw new BlockUnavailable(entry.cid)
    if (node.kind === 'directory') {
      if (frames.length === maxDepth)
        throw new AppError('too_large', `There are directories in more than ${maxDepth} levels.`)
      yield { kind: 'directory', path }
      frames.push(frameOf(source, node, path))
    } else if (node.kind === 'file' || node.kind === 'symlink' || node.kind === 'raw') {
      if (node.kind === 'symlink') links.add(path)
      yield { kind: 'node', path, node }
    } else throw noUnixFs(entry.cid)
  }
}

function frameOf(source: BlockSource, node: DirectoryNode, path: string) {
  return { path, entries: new DirectoryEntries(source, node) }
}

/** Names come from whoever made the content. One that leads elsewhere would write there when the archive is unpacked. */
function pathBelow(parent: string, name: string, top: string): string {
  const path = posix.join(parent, name)
  // oxlint-disable-next-line no-control-regex -- control characters are what must not pass
  const isUnfit = /[\u0000-\u001f\u007f]/.test(name) || name.split('\\').includes('..')
  if (isUnfit || !path.startsWith(`${top}/`) || path === `${top}/` || path === parent) {
    throw new AppError(
      'invalid_path',
      `An entry is called ${JSON.stringify(name.slice(0, 100))}: unpacked, it would lie elsewhere. format=car gives the content as it is.`,
    )
  }
  return path.replace(/\/$/, '')
}

function requireNoLinkAbove(path: string, links: ReadonlySet<string>): void {
  if (links.size === 0) return
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
    if (links.has(path.slice(0, at))) {
      throw new AppError('invalid_path', `${JSON.stringify(path.slice(0, 200))} would be written through a link.`)
    }
  }
}

function noUnixFs(cid: Cid): AppError {
  return new AppError(
    'not_acceptable',
    `${formatCid(cid)} is no UnixFS file or directory, so it cannot stand in an archive.`,
  )
}
