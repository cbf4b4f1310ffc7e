import { AppError } from '../lib/errors.ts'
import { LoopShare } from '../lib/loop-share.ts'
import type { BlockSource } from './block.ts'
import type { Cid } from './cid.ts'
import { getBlock } from './find-block.ts'
import { requireShard, slotWidth } from './find-in-hamt.ts'
import { malformed } from './protobuf.ts'
import { iterate, type Pull } from './pull.ts'
import { type DirectoryNode, nodeOf } from './read-node.ts'
import { LinkScan } from './scan-links.ts'

/** An entry of a directory, its name exactly as it stands there: it may be anything, also `..` or empty. */
export interface DirectoryEntry {
  readonly name: string
  readonly cid: Cid
  /** What the author says lies below. */
  readonly tsize: number
}

/** A page of entries, and where the next one begins; undefined at the end. */
export interface DirectoryPage {
  readonly entries: readonly DirectoryEntry[]
  readonly next: string | undefined
}

/** Shards that may follow one another without an entry: at least two entries lie below any that was made with need. */
const maxEmptyShards = 64

/**
 * A page of the entries of a directory, in the order in which they stand there: sorted by name in a plain directory,
 * by hash in a sharded one. `after` is the `next` of an earlier page of the same directory. Reads only shards it needs.
 * Throws `invalid_request` for another `after`, `BlockUnavailable`, and `invalid_block` for shards that are none.
 */
export async function listDirectory(
  source: BlockSource,
  node: DirectoryNode,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<DirectoryPage> {
  const scan = new DirectoryEntries(source, node)
  if (after !== undefined) await scan.moveTo(after)
  const entries: DirectoryEntry[] = []
  for (;;) {
    const next = entries.length === limit ? scan.position : undefined
    const found = scan.next()
    const entry = found instanceof Promise ? await found : found
    if (entry === undefined) return { entries, next: undefined }
    if (next !== undefined) return { entries, next }
    entries.push(entry)
  }
}

/** A directory or shard on the way down, how many of its links were passed, and where the next one stands. */
interface Frame {
  readonly shard: DirectoryNode
  readonly scan: LinkScan
  passed: number
}

/** All entries of a directory one by one, one shard of each level in memory. As `listDirectory` otherwise. */
export class DirectoryEntries implements Pull<DirectoryEntry>, AsyncIterable<DirectoryEntry> {
  readonly #source: BlockSource
  readonly #frames: Frame[] = []
  readonly #share = new LoopShare()
  #emptyShards = 0

  constructor(source: BlockSource, node: DirectoryNode) {
    this.#source = source
    this.#push(node)
  }

  /** Where the next entry is looked for: how many links were passed on each level. */
  get position(): string {
    return this.#frames.map(({ passed }) => passed).join('.')
  }

  next(): DirectoryEntry | undefined | Promise<DirectoryEntry | undefined> {
    if (this.#share.isOver()) return this.#share.pass().then(() => this.next())
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const { scan, shard } = frame
      if (!scan.next()) {
        this.#frames.pop()
        continue
      }
      frame.passed++
      const width = shard.fanout === undefined ? 0 : slotWidth(shard.fanout)
      if (scan.nameBytes < width) throw malformed('a shard with a link without a slot')
      if (scan.nameBytes > width || shard.fanout === undefined) {
        this.#emptyShards = 0
        return { name: scan.name(width), cid: scan.cid(), tsize: scan.tsize() }
      }
      if (++this.#emptyShards > maxEmptyShards) throw malformed('directory shards without entries')
      const pushed = this.#pushShard(scan.cid(), shard.fanout)
      if (pushed !== undefined) return pushed.then(() => this.next())
    }
    return undefined
  }

  /** Goes to a `position` of an earlier scan of the same directory. Throws `invalid_request`. */
  async moveTo(position: string): Promise<void> {
    if (!/^\d{1,7}(\.\d{1,7}){0,63}$/.test(position)) throw unknownPosition()
    for (const [level, passed] of position.split('.').map(Number).entries()) {
      const above = this.#frames.at(-1)
      if (level > 0) {
        if (above?.shard.fanout === undefined || above.scan.nameBytes !== slotWidth(above.shard.fanout)) {
          throw unknownPosition()
        }
        await this.#pushShard(above.scan.cid(), above.shard.fanout)
      }
      const frame = this.#frames.at(-1)
      while (frame !== undefined && frame.passed < passed) {
        if (!frame.scan.next()) throw unknownPosition()
        frame.passed++
      }
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<DirectoryEntry> {
    return iterate(this)
  }

  #pushShard(cid: Cid, fanout: number): Promise<void> | undefined {
    if (this.#frames.length * Math.log2(fanout) >= 64) {
      throw malformed('directory shards deeper than the hash of a name is long')
    }
    const block = getBlock(this.#source, cid)
    if (block instanceof Promise) return block.then((bytes) => this.#push(requireShard(nodeOf(cid, bytes), fanout)))
    this.#push(requireShard(nodeOf(cid, block), fanout))
    return undefined
  }

  #push(shard: DirectoryNode): void {
    this.#frames.push({ shard, scan: new LinkScan(shard.pb.bytes), passed: 0 })
  }
}

function unknownPosition(): AppError {
  return new AppError('invalid_request', 'The place in the directory to go on from is unknown; begin at its start')
}
