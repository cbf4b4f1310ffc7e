import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlockSink } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import { importFile } from '../ipfs/import-file.ts'
import { type Layout, layoutV0, layoutV1 } from '../ipfs/layout.ts'
import { MemoryBlocks } from '../ipfs/memory-blocks.ts'
import { ChunkFeed } from './chunk-feed.ts'

/** A sink that looks at the bytes only later, as a disk does. */
function slowly(blocks: MemoryBlocks): BlockSink {
  return {
    async put(block) {
      await new Promise((resolve) => void setImmediate(resolve))
      blocks.put(block)
    },
  }
}

const small = (layout: Layout): Layout => ({ ...layout, chunkSizeBytes: 64 })

describe('ChunkFeed', () => {
  it.each([
    ['v0', small(layoutV0)],
    ['v1', small(layoutV1)],
  ])('makes the same DAG as importing does, however the bytes come (%s)', async (_, layout) => {
    const files = fc.array(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }), {
      minLength: 1,
      maxLength: 4,
    })
    await fc.assert(
      fc.asyncProperty(files, fc.boolean(), async (contents, isSlow) => {
        const blocks = new MemoryBlocks()
        const feed = new ChunkFeed(isSlow ? slowly(blocks) : blocks, layout)
        for (const pieces of contents) {
          const file = feed.openFile()
          for (const piece of pieces) await file.write(piece)
          const node = await file.finish()
          const expected = new MemoryBlocks()
          const wanted = await importFile(pieces, expected, layout)
          expect(formatCid(node.cid)).toBe(formatCid(wanted.cid))
          expect(node.contentBytes).toBe(wanted.contentBytes)
          expect(Buffer.from(blocks.get(node.cid.multihash) ?? [])).toEqual(
            Buffer.from(expected.get(wanted.cid.multihash) ?? []),
          )
        }
      }),
      { numRuns: 100 },
    )
  })

  it('throws what the sink throws, at the latest when the file ends', async () => {
    const failing = { put: () => Promise.reject(new Error('the disk is gone')) }
    const file = new ChunkFeed(failing, small(layoutV1)).openFile()
    await expect(
      (async () => {
        for (let i = 0; i < 3; i++) await file.write(new Uint8Array(50))
        await file.finish()
      })(),
    ).rejects.toThrow('the disk is gone')
  })
})
