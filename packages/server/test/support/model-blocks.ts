import { createHash } from 'node:crypto'
import type { Cid } from '../../src/ipfs/cid.ts'
import { bytesOf, rawBlock } from './ledger.ts'

/** Numbers below `limit` that are the same at every run with the same seed. */
export function numbersFrom(seed: string): (limit: number) => number {
  let count = 0
  return (limit) => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE(0) % limit
}

/** The blocks that uploads of the model are made of. */
export const modelBlocks = Array.from({ length: 200 }, (_, i) => rawBlock(bytesOf(`model ${i}`, 10 + ((i * 37) % 900))))

/** Numbers of the blocks of a set. A few sets come again and again, so that pins are shared, revived and made anew. */
export function blocksOfSet(set: number): number[] {
  const numbers = numbersFrom(`set ${set}`)
  return Array.from({ length: 1 + numbers(12) }, () => numbers(modelBlocks.length))
}

/** What a pin is made of hangs on its root: no other set has this codec. */
export function rootOf(set: number): Cid {
  return { ...modelBlocks[blocksOfSet(set)[0]!]!.cid, codec: 0x300000 + set } // at least one block
}
