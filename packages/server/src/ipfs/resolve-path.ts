import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { findInDagCbor, findInDagJson, type FoundInData } from './find-in-data.ts'
import { findInHamt } from './find-in-hamt.ts'
import { findNode, type Node } from './read-node.ts'

/** Where a path leads. */
export type Resolved =
  | {
      readonly outcome: 'found'
      readonly node: Node
      /** One CID for each segment, the root first, without shards: `X-Ipfs-Roots`. */
      readonly roots: readonly Cid[]
      /** Every block on the way, shards too, in order and without the target: what a CAR begins with. */
      readonly pathBlocks: readonly Cid[]
    }
  /** There is no such entry; `index` counts segments. */
  | { readonly outcome: 'missing'; readonly missing: string; readonly index: number }
  /** A block on the way, or the target, is absent for this reader. */
  | { readonly outcome: 'absent'; readonly absent: Cid }
  /** All segments exist, but they end on a value inside a dag-cbor or dag-json block that is no link. */
  | { readonly outcome: 'value'; readonly node: Node }

/**
 * Follows a path from a root: entries of UnixFS directories, sharded or not, links of plain dag-pb by their names, keys
 * and indexes of dag-cbor and dag-json. Symlinks are not followed. Throws `too_large` above `maxBlocks` (256), and
 * `invalid_block` where a block on the way is not what its codec says.
 */
export async function resolvePath(
  source: BlockSource,
  root: Cid,
  segments: readonly string[],
  { maxBlocks = 256, signal }: { maxBlocks?: number; signal?: AbortSignal } = {},
): Promise<Resolved> {
  const share = new LoopShare()
  const roots = [root]
  const pathBlocks: Cid[] = []
  let cid = root
  for (let index = 0; ;) {
    const finding = findNode(source, cid)
    const node = finding instanceof Promise ? await finding : finding
    if (node === undefined) return { outcome: 'absent', absent: cid }
    const segment = segments[index]
    if (segment === undefined) return { outcome: 'found', node, roots, pathBlocks }
    if (pathBlocks.length >= maxBlocks) throw new AppError('too_large', 'The path goes through too many blocks')
    signal?.throwIfAborted()
    if (share.isOver()) await share.pass()
    pathBlocks.push(cid)
    const step = stepInto(source, node, segments.slice(index), pathBlocks)
    const found = step instanceof Promise ? await step : step
    if (found.outcome === 'absent') return found
    if (found.outcome === 'value') return { outcome: 'value', node }
    if (found.outcome === 'missing') {
      const at = index + found.index
      return { outcome: 'missing', missing: segments[at] ?? '', index: at }
    }
    // Segments that stay inside one block have that block as their root.
    for (let i = 1; i < found.used; i++) roots.push(cid)
    if (found.used === 0) roots.pop()
    roots.push(found.cid)
    index += found.used
    cid = found.cid
  }
}

type Step = FoundInData | { readonly outcome: 'absent'; readonly absent: Cid }

/** As far as one node leads: to a link, to its own end, or nowhere. There is at least one segment. */
function stepInto(source: BlockSource, node: Node, segments: readonly string[], walked: Cid[]): Step | Promise<Step> {
  const [name = ''] = segments
  switch (node.kind) {
    case 'directory': {
      const { fanout } = node
      if (fanout === undefined) return entryStep(node.pb.find(name))
      return stepIntoShards(source, { ...node, fanout }, name, walked)
    }
    case 'dag-cbor':
      return findInDagCbor(node.block, segments)
    case 'dag-json':
      return findInDagJson(node.block, segments)
    case 'other':
      if (node.problem !== undefined) throw node.problem
      return entryStep(node.pb?.find(name))
    default:
      return entryStep(undefined)
  }
}

async function stepIntoShards(...args: Parameters<typeof findInHamt>): Promise<Step> {
  const found = await findInHamt(...args)
  return found !== undefined && 'absent' in found ? { outcome: 'absent', ...found } : entryStep(found?.cid)
}

function entryStep(cid: Cid | undefined): Step {
  return cid === undefined ? { outcome: 'missing', index: 0 } : { outcome: 'link', cid, used: 1 }
}
