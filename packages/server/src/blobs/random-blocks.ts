import { createHash, randomBytes } from 'node:crypto'
import type { NewBlock, PackScan, Section } from './blob-store.ts'

/** A raw block of these bytes, in as many pieces. */
export function rawBlock(...bytes: Uint8Array[]): NewBlock {
  const hash = createHash('sha256')
  for (const piece of bytes) hash.update(piece)
  return { cid: Buffer.concat([Uint8Array.of(1, 0x55, 0x12, 0x20), hash.digest()]), bytes }
}

/** Blocks of random bytes, one of each size. */
export function randomBlocks(...sizes: number[]): NewBlock[] {
  return sizes.map((size) => rawBlock(randomBytes(size)))
}

/** The payload of a block in one piece. */
export function payload(block: NewBlock): Buffer {
  return Buffer.concat(block.bytes)
}

/** Everything a scan gives. */
export async function collect<T extends Section>(scan: PackScan<T>): Promise<T[]> {
  const sections: T[] = []
  for await (const section of scan) sections.push(section)
  return sections
}
