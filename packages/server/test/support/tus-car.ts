import { type Cid, formatCid } from '../../src/ipfs/cid.ts'
import { importFile } from '../../src/ipfs/import-file.ts'
import { layoutV1 } from '../../src/ipfs/layout.ts'
import { MemoryBlocks } from '../../src/ipfs/memory-blocks.ts'
import { collectBytes } from '../../src/ipfs/sample-dags.ts'
import { writeCar } from '../../src/ipfs/write-car.ts'

/** A file's DAG in memory. */
export interface Dag {
  readonly root: Cid
  readonly cid: string
  readonly blocks: MemoryBlocks
}

/** The DAG of a file. */
export async function dagOf(bytes: Uint8Array): Promise<Dag> {
  const blocks = new MemoryBlocks()
  const { cid: root } = await importFile([bytes], blocks, layoutV1)
  return { root, cid: formatCid(root), blocks }
}

/** The CAR of a DAG. */
export async function carOf({ blocks, root }: Dag): Promise<Buffer> {
  return Buffer.from(await collectBytes(writeCar(blocks, root, { scope: 'all' })))
}
