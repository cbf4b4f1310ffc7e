import { CarWriter } from '@ipld/car'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { sha256Multihash } from '../../src/ipfs/multihash.ts'

/** A block under a CID, which need not be its own. */
export interface Block {
  readonly cid: CID
  readonly bytes: Uint8Array
}

/** A block of these bytes, raw unless told. */
export function blockOf(bytes: Uint8Array, codec = 0x55): Block {
  return { cid: CID.createV1(codec, Digest.decode(sha256Multihash([bytes]))), bytes }
}

/** A CARv1, its blocks in this order. */
export async function carOf(roots: readonly CID[], blocks: readonly Block[]): Promise<Buffer> {
  const { writer, out } = CarWriter.create([...roots])
  const pieces: Uint8Array[] = []
  const reading = (async () => {
    for await (const piece of out) pieces.push(piece)
  })()
  for (const block of blocks) await writer.put(block)
  await writer.close()
  await reading
  return Buffer.concat(pieces)
}
