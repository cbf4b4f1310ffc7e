import { AppError } from '../lib/errors.ts'
import type { LoopShare } from '../lib/loop-share.ts'
import type { BlockSink } from './block.ts'
import type { Cid } from './cid.ts'
import { encodePbNode, type PbLink } from './dag-pb.ts'
import { type Layout, nodeCid } from './layout.ts'
import { murmur3 } from './murmur3.ts'
import { sha256Multihash } from './multihash.ts'
import { encodeUnixFs } from './unixfs.ts'

/** Slots of a shard, as Kubo has them; one byte of the name's hash picks one. */
const fanout = 256

/** The hash has eight bytes, so there are no more levels. */
const maxDepth = 8

const slotNames = Array.from({ length: fanout }, (_, slot) => slot.toString(16).toUpperCase().padStart(2, '0'))

/** The entries of a directory that is to be sharded, by index, so that they need not all stand in memory as objects. */
export interface ShardEntries {
  readonly names: readonly string[]
  link(index: number): { cid: Cid; tsize: number }
}

/** What became of a directory or shard: its CID, the bytes of its blocks and of everything they link, its own blocks. */
export interface PutDirectory {
  readonly cid: Cid
  readonly cumulativeBytes: number
  readonly ownBlocks: number
}

/**
 * Puts a directory as a hash array mapped trie (https://specs.ipfs.tech/unixfs/#dag-pb-hamtdirectory), children first.
 * Throws `invalid_path` when names collide in all 64 bits of their hash: Kubo cannot read such a directory either.
 */
export async function putShardedDirectory(
  entries: ShardEntries,
  sink: BlockSink,
  layout: Layout,
  share: LoopShare,
): Promise<PutDirectory> {
  const { names } = entries
  const hashes = new Uint8Array(names.length * maxDepth)
  const view = new DataView(hashes.buffer)
  const indexes = new Uint32Array(names.length)
  for (const [index, name] of names.entries()) {
    const { high, low } = murmur3(Buffer.from(name))
    view.setUint32(index * maxDepth, high)
    view.setUint32(index * maxDepth + 4, low)
    indexes[index] = index
    if (index % 1000 === 0 && share.isOver()) await share.pass()
  }
  return putShard(indexes, 0)

  async function putShard(members: Uint32Array, depth: number): Promise<PutDirectory> {
    if (depth === maxDepth) throw new AppError('invalid_path', tooAlike(names, members))
    const slotOf = (index = 0): number => hashes[index * maxDepth + depth] ?? 0
    sortBySlot(members, slotOf)
    const links: PbLink[] = []
    const bitField = new Uint8Array(fanout / 8)
    let bytesBelow = 0
    let ownBlocks = 1
    for (let start = 0, end = 0; start < members.length; start = end) {
      const index = members[start] ?? 0
      const slot = slotOf(index)
      while (end < members.length && slotOf(members[end]) === slot) end++
      const slotName = slotNames[slot] ?? ''
      bitField[bitField.length - 1 - (slot >> 3)]! |= 1 << (slot & 7)
      if (end - start === 1) {
        const { cid, tsize } = entries.link(index)
        links.push({ cid, name: slotName + (names[index] ?? ''), tsize })
        bytesBelow += tsize
      } else {
        const below = await putShard(members.subarray(start, end), depth + 1)
        links.push({ cid: below.cid, name: slotName, tsize: below.cumulativeBytes })
        bytesBelow += below.cumulativeBytes
        ownBlocks += below.ownBlocks
      }
    }
    const firstByte = bitField.findIndex((byte) => byte !== 0)
    const data = encodeUnixFs({ type: 'hamt-shard', data: bitField.subarray(firstByte), hashType: 0x22, fanout })
    const put = await putNode(links, data, bytesBelow, sink, layout)
    if (share.isOver()) await share.pass()
    return { ...put, ownBlocks }
  }
}

/** Puts one directory node. `links` stand in the order in which they are to be written. */
export async function putNode(
  links: readonly PbLink[],
  data: Uint8Array,
  bytesBelow: number,
  sink: BlockSink,
  layout: Layout,
): Promise<PutDirectory> {
  const bytes = encodePbNode({ data, links })
  const cid = nodeCid(layout, sha256Multihash([bytes]))
  await sink.put({ ...cid, bytes: [bytes], sizeBytes: bytes.length })
  return { cid, cumulativeBytes: bytes.length + bytesBelow, ownBlocks: 1 }
}

/** Sorts in place: by insertion where there are few, which is so in nearly every shard, else by counting. */
function sortBySlot(members: Uint32Array, slotOf: (index: number) => number): void {
  if (members.length > 40) return sortByCounting(members, slotOf)
  for (let i = 1; i < members.length; i++) {
    const member = members[i] ?? 0
    const slot = slotOf(member)
    let at = i
    // Below `i` every place is filled.
    for (; at > 0 && slotOf(members[at - 1]!) > slot; at--) members[at] = members[at - 1]!
    members[at] = member
  }
}

function sortByCounting(members: Uint32Array, slotOf: (index: number) => number): void {
  // One more than there are slots: each slot counts into the place after it, which becomes where the next begins.
  const starts = new Uint32Array(fanout + 1)
  for (const member of members) starts[slotOf(member) + 1]!++
  for (let slot = 1; slot < fanout; slot++) starts[slot]! += starts[slot - 1]!
  for (const member of members.slice()) members[starts[slotOf(member)]!++] = member
}

function tooAlike(names: readonly string[], members: Uint32Array): string {
  const [a = 0, b = 0] = members
  const quoted = [a, b].map((index) => JSON.stringify(names[index]))
  return `The names ${quoted.join(' and ')} cannot stand in one large folder: their hashes are the same`
}
