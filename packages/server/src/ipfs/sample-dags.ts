import { setImmediate } from 'node:timers/promises'
import { encode } from '@ipld/dag-cbor'
import { MemoryBlockstore } from 'blockstore-core/memory'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { importer, type ImporterOptions } from 'ipfs-unixfs-importer'
import { CID } from 'multiformats/cid'
import type { BlockSource } from './block.ts'
import { type Cid, cidBytes, cidFromBytes } from './cid.ts'
import { codecs } from './codecs.ts'
import { encodePbNode, type PbLink } from './dag-pb.ts'
import { MemoryBlocks } from './memory-blocks.ts'
import { sha256Multihash } from './multihash.ts'
import { encodeUnixFs, type UnixFs } from './unixfs.ts'

/** DAGs that the tests of the reading side are tried on: made by another implementation, or crafted block by block. */
export interface SampleDag {
  readonly root: Cid
  readonly blocks: MemoryBlocks
  /** The same blocks, for implementations that want theirs in a store of their own. */
  readonly store: MemoryBlockstore
}

/** Imports files with `ipfs-unixfs-importer`; small chunks and few links a node, so that little content has depth. */
export async function importSample(
  files: readonly { path: string; content: Uint8Array }[],
  options: ImporterOptions & { chunkBytes?: number; links?: number } = {},
): Promise<SampleDag> {
  const { chunkBytes = 10, links = 3, ...rest } = options
  const store = new MemoryBlockstore()
  let root: CID | undefined
  const candidates = files.map(({ path, content }) => ({ path, content }))
  for await (const { cid } of importer(candidates, store, {
    chunker: fixedSize({ chunkSize: chunkBytes }),
    layout: balanced({ maxChildrenPerNode: links }),
    ...rest,
  })) {
    root = cid
  }
  if (root === undefined) throw new Error('The importer gave nothing')
  const blocks = new MemoryBlocks()
  for await (const { cid, bytes } of store.getAll()) {
    blocks.add(cid.multihash.bytes, await collectBytes(bytes))
  }
  return { root: ourCid(root), blocks, store }
}

/** Keeps bytes as a block with this codec. */
export function putBytes(blocks: MemoryBlocks, codec: number, bytes: Uint8Array): Cid {
  const multihash = sha256Multihash([bytes])
  blocks.add(multihash, bytes)
  return { version: 1, codec, multihash }
}

/** Keeps a raw leaf. */
export function putRaw(blocks: MemoryBlocks, text: string | Uint8Array): Cid {
  return putBytes(blocks, codecs.raw, typeof text === 'string' ? Buffer.from(text) : text)
}

/** The CID of a block that nobody has. */
export function absentCid(codec: number = codecs.raw): Cid {
  return putBytes(new MemoryBlocks(), codec, Buffer.from('absent'))
}

/** Keeps a dag-pb node, UnixFS or not. Nothing about it need be true. */
export function putPb(
  blocks: MemoryBlocks,
  data: Omit<UnixFs, 'mode' | 'mtime'> | Uint8Array | undefined,
  links: readonly (Cid | PbLink)[] = [],
): Cid {
  const named = links.map((link) => ('cid' in link ? link : { cid: link, name: '', tsize: 0 }))
  const bytes = data === undefined || data instanceof Uint8Array ? data : encodeUnixFs(data)
  return putBytes(blocks, codecs.dagPb, encodePbNode({ data: bytes, links: named }))
}

/** Keeps a file node that is true as far as its parts are: each is given with its size. */
export function putFile(blocks: MemoryBlocks, parts: readonly (readonly [Cid, number])[], content = ''): Cid {
  const data = Buffer.from(content)
  const blockSizes = parts.map(([, size]) => size)
  const fileSize = blockSizes.reduce((sum, size) => sum + size, data.length)
  return putPb(
    blocks,
    { type: 'file', fileSize, blockSizes, ...(content === '' ? {} : { data }) },
    parts.map(([cid]) => cid),
  )
}

/** Keeps a plain directory. */
export function putDirectory(blocks: MemoryBlocks, entries: Readonly<Record<string, Cid>>): Cid {
  const links = Object.entries(entries).map(([name, cid]) => ({ name, cid, tsize: 1 }))
  return putPb(blocks, { type: 'directory' }, links)
}

/** Keeps a value as dag-cbor; links in it are `linkTo(cid)`. */
export function putCbor(blocks: MemoryBlocks, value: unknown): Cid {
  return putBytes(blocks, codecs.dagCbor, encode(value))
}

/** A CID as `multiformats` has it. */
export function linkTo(cid: Cid): CID {
  return CID.decode(cidBytes(cid))
}

/** A CID of `multiformats` as we have it. */
function ourCid(cid: CID): Cid {
  return cidFromBytes(cid.bytes).cid
}

/** The same blocks, each after a turn of the loop. */
export function slowly(blocks: BlockSource): BlockSource {
  return {
    async get(multihash) {
      await setImmediate()
      return blocks.get(multihash)
    },
  }
}

/** Bytes that differ from place to place. */
export function sampleBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[i] = state >> 16
  }
  return bytes
}

/** All pieces, one after another. */
export async function collectBytes(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collect(pieces))
}

/** All that comes. */
export async function collect<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
