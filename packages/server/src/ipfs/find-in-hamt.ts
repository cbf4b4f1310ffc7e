import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { murmur3 } from './murmur3.ts'
import { malformed } from './protobuf.ts'
import { type DirectoryNode, findNode, type Node } from './read-node.ts'
import { LinkScan } from './scan-links.ts'

/** A directory of many blocks. */
export type ShardNode = DirectoryNode & { readonly fanout: number }

/** The entry's CID; nothing when there is none of that name; or the shard on the way that is absent. */
export type FoundInHamt = { readonly cid: Cid } | { readonly absent: Cid } | undefined

/**
 * Looks a name up in a sharded directory (https://specs.ipfs.tech/unixfs/#dag-pb-hamtdirectory) and reads only the
 * shards on the way, whose CIDs are added to `walked`. Throws `invalid_block` when a shard is no shard of this directory.
 */
export async function findInHamt(
  source: BlockSource,
  root: ShardNode,
  name: string,
  walked: Cid[],
): Promise<FoundInHamt> {
  // In a shard a link without a name is a shard below.
  if (name === '') return undefined
  const wanted = Buffer.from(name)
  const hash = murmur3(wanted)
  const bits = Math.log2(root.fanout)
  let shard = root
  for (let level = 0; (level + 1) * bits <= 64; level++) {
    const found = findInShard(shard, slotOf(hash, level * bits, bits), wanted)
    if (found === undefined || !found.isShard) return found
    const node = findNode(source, found.cid)
    const next = node instanceof Promise ? await node : node
    if (next === undefined) return { absent: found.cid }
    shard = requireShard(next, root.fanout)
    walked.push(found.cid)
  }
  throw malformed('directory shards deeper than the hash of a name is long')
}

/** How many characters of a link's name in a shard are the number of its slot. */
export function slotWidth(fanout: number): number {
  return (fanout - 1).toString(16).length
}

/** The node as a shard of a directory with this fanout. Throws `invalid_block`. */
export function requireShard(node: Node, fanout: number): ShardNode {
  if (node.kind !== 'directory' || node.fanout !== fanout) throw malformed('a directory shard links something else')
  return { ...node, fanout }
}

function findInShard(shard: ShardNode, slot: number, name: Uint8Array): { cid: Cid; isShard: boolean } | undefined {
  const width = slotWidth(shard.fanout)
  const prefix = Buffer.from(slot.toString(16).toUpperCase().padStart(width, '0'))
  const scan = new LinkScan(shard.pb.bytes)
  while (scan.next()) {
    if (!scan.startsWith(prefix)) continue
    if (scan.nameBytes === width) return { cid: scan.cid(), isShard: true }
    if (scan.isNamed(name, width)) return { cid: scan.cid(), isShard: false }
  }
  return undefined
}

/** The bits from `offset` on of the 64, most significant first. */
function slotOf({ high, low }: { high: number; low: number }, offset: number, bits: number): number {
  const mask = 2 ** bits - 1
  const end = offset + bits
  if (end <= 32) return (high >>> (32 - end)) & mask
  if (offset >= 32) return (low >>> (64 - end)) & mask
  const fromLow = end - 32
  return ((high << fromLow) | (low >>> (32 - fromLow))) & mask
}
