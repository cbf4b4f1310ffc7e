import type { BlobReader, PackLocation } from '../blobs/blob-store.ts'
import type { ReadMemory } from '../blobs/read-memory.ts'
import { type Cid, cidBytes } from '../ipfs/cid.ts'
import { codecs } from '../ipfs/codecs.ts'
import { readVarint, varintLength, writeVarint } from '../lib/varint.ts'

/** Bytes that stand between the length of a section and the multihash in its CID at most: version and codec. */
const maxCidFront = 6
const maxLengthFront = 5

/** A block as it lies in its pack, with the CID that its section carries. */
export interface SectionBytes {
  readonly cid: Cid
  readonly bytes: Uint8Array
}

/**
 * Reads a block together with the CID in front of it: the index knows only the multihash. Nothing is verified; where no
 * CID with that multihash stands there, it is given as a raw block. Throws what `BlobReader.read` does.
 */
export async function readSection(
  packs: Pick<BlobReader, 'read'>,
  multihash: Uint8Array,
  { pack, offset, length }: PackLocation,
): Promise<SectionBytes> {
  const front = Math.min(offset, multihash.length + maxCidFront + maxLengthFront)
  const all = await packs.read({ pack, offset: offset - front, length: length + front })
  return { cid: cidIn(all.subarray(0, front), multihash, length), bytes: all.subarray(front) }
}

/** A block of one pack as the ledger knows it. */
interface StoredBlock {
  readonly multihash: Uint8Array
  readonly offset: number
  readonly length: number
}

/**
 * As `readSection`, for blocks of one pack in the order in which they lie, those that lie close together in one read. The
 * bytes lie in `memory` where they have room there, so they are good until it is cleared.
 */
export async function* readSections<Block extends StoredBlock>(
  packs: Pick<BlobReader, 'readOnce'>,
  pack: string,
  blocks: readonly Block[],
  memory: ReadMemory,
): AsyncGenerator<{ block: Block; section: SectionBytes }> {
  for (const run of closeTogether(blocks)) {
    const begin = Math.max(0, run[0]!.offset - frontBytesOf(run[0]!)) // a run has blocks
    const last = run.at(-1)!
    const length = last.offset + last.length - begin
    const all = await packs.readOnce({ pack, offset: begin, length }, memory)
    for (const block of run) {
      const at = block.offset - begin
      const front = all.subarray(Math.max(0, at - frontBytesOf(block)), at)
      const bytes = all.subarray(at, at + block.length)
      yield { block, section: { cid: cidIn(front, block.multihash, block.length), bytes } }
    }
  }
}

function frontBytesOf({ multihash }: StoredBlock): number {
  return multihash.length + maxCidFront + maxLengthFront
}

function* closeTogether<Block extends StoredBlock>(blocks: readonly Block[]): Generator<Block[]> {
  let run: Block[] = []
  let end = 0
  for (const block of blocks) {
    if (run.length > 0 && block.offset - end > frontBytesOf(block)) {
      yield run
      run = []
    }
    run.push(block)
    end = block.offset + block.length
  }
  if (run.length > 0) yield run
}

function cidIn(front: Uint8Array, multihash: Uint8Array, payloadBytes: number): Cid {
  const before = front.subarray(0, Math.max(0, front.length - multihash.length))
  // Version 1 first: its two or more bytes are less likely to stand there by chance.
  for (let length = 2; length <= maxCidFront; length++) {
    const at = before.length - length
    const codec = at >= 0 && before[at] === 1 ? readVarint(before, at + 1) : undefined
    if (codec === undefined || typeof codec === 'string' || codec.next !== before.length) continue
    const cid: Cid = { version: 1, codec: codec.value, multihash }
    if (endsWithLength(before.subarray(0, at), cidBytes(cid).length + payloadBytes)) return cid
  }
  if (endsWithLength(before, multihash.length + payloadBytes)) return { version: 0, codec: codecs.dagPb, multihash }
  return { version: 1, codec: codecs.raw, multihash }
}

function endsWithLength(bytes: Uint8Array, sectionBytes: number): boolean {
  const expected = new Uint8Array(varintLength(sectionBytes))
  writeVarint(sectionBytes, expected, 0)
  return Buffer.compare(bytes.subarray(Math.max(0, bytes.length - expected.length)), expected) === 0
}
