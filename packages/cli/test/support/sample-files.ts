import { type Cid, formatCid } from '@pinyon/server/ipfs/cid.ts'
import { importFile } from '@pinyon/server/ipfs/import-file.ts'
import { type Layout, layoutV1 } from '@pinyon/server/ipfs/layout.ts'
import { MemoryBlocks } from '@pinyon/server/ipfs/memory-blocks.ts'
import { collectBytes, putDirectory } from '@pinyon/server/ipfs/sample-dags.ts'
import { writeCar } from '@pinyon/server/ipfs/write-car.ts'

/** Content of one CID: its CAR, and the bytes where it is a file. */
export interface Sample {
  readonly cid: string
  readonly car: Uint8Array
  readonly bytes?: Uint8Array
}

/** A file in a layout. */
export async function sampleFile(content: string | Uint8Array, layout: Layout = layoutV1): Promise<Sample> {
  const blocks = new MemoryBlocks()
  const bytes = Buffer.from(content)
  const { cid } = await importFile([bytes], blocks, layout)
  return { ...(await sampleOf(blocks, cid)), bytes }
}

/** A folder of files. */
export async function sampleFolder(files: Record<string, string | Uint8Array>): Promise<Sample> {
  const blocks = new MemoryBlocks()
  const entries: Record<string, Cid> = {}
  for (const [name, content] of Object.entries(files))
    entries[name] = (await importFile([Buffer.from(content)], blocks, layoutV1)).cid
  return sampleOf(blocks, putDirectory(blocks, entries))
}

async function sampleOf(blocks: MemoryBlocks, root: Cid): Promise<Sample> {
  return { cid: formatCid(root), car: await collectBytes(writeCar(blocks, root, { scope: 'all' })) }
}
