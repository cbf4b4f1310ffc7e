import { LRUCache } from 'lru-cache'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { BlockUnavailable } from '../ipfs/find-block.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { sniffBytes, typeOfBytes, typeOfName } from '../lib/content-type.ts'

/** What the bytes of a CID looked like. The bytes of a CID never change, so neither does this. */
const seen = new LRUCache<string, string>({ max: 20_000 })

const structured = new Map<number, string>([
  [codecs.dagCbor, 'application/vnd.ipld.dag-cbor'],
  [codecs.dagJson, 'application/vnd.ipld.dag-json'],
  [codecs.cbor, 'application/cbor'],
  [codecs.json, 'application/json'],
])

/**
 * The type of a file: by its name, else by its first bytes; the same for the whole and for any range of it. Reads the
 * first blocks at most once a CID.
 */
export async function findContentType(
  source: BlockSource,
  node: ReadableNode,
  name: string | undefined,
): Promise<string> {
  const byName = name === undefined ? undefined : typeOfName(name)
  if (byName !== undefined) return byName
  if (node.kind === 'symlink') return 'inode/symlink'
  const byCodec = structured.get(node.cid.codec)
  if (byCodec !== undefined) return byCodec
  const cid = formatCid(node.cid)
  const known = seen.get(cid)
  if (known !== undefined) return known
  const { bytes, isCut } = await readHead(source, node)
  const type = await typeOfBytes(bytes, { whole: node.size === bytes.length })
  if (!isCut) seen.set(cid, type)
  return type
}

/** The first bytes, as far as they are here: a range of what lies elsewhere in the file can be given all the same. */
async function readHead(source: BlockSource, node: ReadableNode): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  const head: Uint8Array[] = []
  let isCut = false
  try {
    for await (const piece of readFile(source, node, { range: { start: 0, end: sniffBytes } })) head.push(piece)
  } catch (error) {
    if (!(error instanceof BlockUnavailable)) throw error
    isCut = true
  }
  return { bytes: head.length === 1 ? head[0]! : Buffer.concat(head), isCut } // length 1: the element is there
}
