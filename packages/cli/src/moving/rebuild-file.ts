import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { maxBlockBytes } from '@pinyon/server/ipfs/block.ts'
import { type Cid, formatCid, parseCid } from '@pinyon/server/ipfs/cid.ts'
import { importFile } from '@pinyon/server/ipfs/import-file.ts'
import { type Layout, layoutV0, layoutV1 } from '@pinyon/server/ipfs/layout.ts'
import { writeCar } from '@pinyon/server/ipfs/write-car.ts'
import { SpooledBlocks } from '../spooled-blocks.ts'
import { type CarBody, SourceFailed } from './import-item.ts'

/** How files are cut by what people use: Pinata and Kubo then and now, and one block as it is. */
const layouts: readonly Layout[] = [
  layoutV1,
  layoutV0,
  { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 1_048_576, maxLinks: 1_024 }, // Kubo's profile unixfs-v1-2025
  { cidVersion: 1, rawLeaves: true, chunkSizeBytes: 1_048_576, maxLinks: 174 },
  { ...layoutV1, rawLeaves: false },
  { ...layoutV0, rawLeaves: true },
  { ...layoutV1, chunkSizeBytes: maxBlockBytes },
]

/**
 * Makes the DAG of a file anew out of its bytes, in the layout whose CID is the one that is wanted. Bytes and blocks lie
 * in a folder of their own until the body is closed. Throws SourceFailed when no layout gives that CID.
 */
export async function rebuildFile(
  bytes: AsyncIterable<Uint8Array>,
  cid: string,
  signal: AbortSignal,
): Promise<CarBody> {
  const wanted = parseCid(cid)
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-import-'))
  const close = () => rm(dir, { recursive: true, force: true })
  try {
    const path = join(dir, 'bytes')
    await save(bytes, path, signal)
    for (const layout of layouts) {
      if (layout.cidVersion !== wanted.version) continue
      const read = () => createReadStream(path, { highWaterMark: 1_048_576 })
      const node = await importFile(read(), { put: () => undefined }, layout, signal)
      if (!isSame(node.cid, wanted)) continue
      const blocks = await SpooledBlocks.create(join(dir, 'blocks'))
      await importFile(read(), blocks, layout, signal)
      await blocks.finish()
      return {
        sizeBytes: undefined,
        open: () => writeCar(blocks, wanted, { scope: 'all', signal }),
        close: () => blocks.close().then(close),
      }
    }
  } catch (error) {
    await close()
    throw error
  }
  await close()
  throw new SourceFailed(`what came is not the file that ${formatCid(wanted)} names, in no layout known here`)
}

async function save(bytes: AsyncIterable<Uint8Array>, path: string, signal: AbortSignal): Promise<void> {
  let broken: unknown
  async function* watched() {
    try {
      yield* bytes
    } catch (error) {
      broken = error
      throw error
    }
  }
  try {
    await pipeline(watched(), createWriteStream(path), { signal })
  } catch (cause) {
    if (cause !== broken || signal.aborted) throw cause
    throw new SourceFailed(`the content broke off: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  }
}

function isSame(a: Cid, b: Cid): boolean {
  return a.codec === b.codec && Buffer.compare(a.multihash, b.multihash) === 0
}
