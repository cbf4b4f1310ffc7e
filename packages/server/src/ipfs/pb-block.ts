import { LRUCache } from 'lru-cache'
import { type Cid, cidFromBytes } from './cid.ts'
import { codecs } from './codecs.ts'
import { linksOf } from './links-of.ts'
import { multihashKey } from './multihash-key.ts'
import { LinkScan } from './scan-links.ts'
import { decodeUnixFs, type UnixFs } from './unixfs.ts'

/** How many links a node must have before its names are worth an index. */
const manyLinks = 64

/**
 * What lies in a dag-pb block, decoded as far as somebody asked: its data at once, its links when they are walked, one
 * name by a scan, and from the second name on by an index.
 */
export class PbBlock {
  readonly bytes: Uint8Array
  readonly linkCount: number
  /** Undefined when the node has no data, or data that is no UnixFS. */
  readonly unixfs: UnixFs | undefined
  #links: readonly Cid[] | undefined
  /** Where the CID of the first link with each name begins. */
  #names: Map<string, number> | undefined
  #lookups = 0

  /** Throws `invalid_block` when these bytes are no dag-pb node. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const scan = new LinkScan(bytes)
    this.linkCount = scan.count()
    this.unixfs = scan.data === undefined ? undefined : findUnixFs(scan.data)
  }

  /** What it links to, in order. Throws `invalid_block` or `invalid_cid`. */
  get links(): readonly Cid[] {
    return (this.#links ??= linksOf(codecs.dagPb, this.bytes))
  }

  /** The first link with this name. Throws `invalid_block` or `invalid_cid`. */
  find(name: string): Cid | undefined {
    if (this.#lookups++ > 0 && this.linkCount >= manyLinks) {
      this.#names ??= namesOf(this.bytes)
      const at = this.#names.get(name)
      return at === undefined ? undefined : cidFromBytes(this.bytes, at).cid
    }
    const wanted = Buffer.from(name)
    const scan = new LinkScan(this.bytes)
    while (scan.next()) if (scan.isNamed(wanted)) return scan.cid()
    return undefined
  }
}

/**
 * Decoded blocks by multihash. It says nothing about who may see a block or whether it is still here: whoever asks has
 * just been given the bytes by a source.
 */
const decoded = new LRUCache<string, PbBlock>({
  // For what is read again and again. Each read of a file of several blocks brings one, and decoding it anew is cheap.
  maxSize: 8 * 1024 * 1024,
  // Bytes that stay alive, and what its links cost once they are decoded or indexed.
  sizeCalculation: ({ bytes, linkCount }) => bytes.length + 250 * linkCount + 200,
})

/** The decoded form of a dag-pb block, maybe from an earlier time. Throws `invalid_block`. */
export function readPbBlock(multihash: Uint8Array, bytes: Uint8Array): PbBlock {
  const key = multihashKey(multihash)
  const known = decoded.get(key)
  if (known !== undefined) return known
  const block = new PbBlock(bytes)
  // Leaves are decoded in no time, and there are too many of them.
  if (block.linkCount > 0) decoded.set(key, block)
  return block
}

function namesOf(bytes: Uint8Array): Map<string, number> {
  const names = new Map<string, number>()
  const scan = new LinkScan(bytes)
  while (scan.next()) {
    const name = scan.name()
    if (!names.has(name)) names.set(name, scan.cidAt)
  }
  return names
}

function findUnixFs(data: Uint8Array): UnixFs | undefined {
  try {
    return decodeUnixFs(data)
  } catch {
    // dag-pb may carry anything in its data; what is no UnixFS is read as a plain dag-pb node.
    return undefined
  }
}
