import { expect, it } from 'vitest'
import { sha256Multihash } from '../ipfs/multihash.ts'
import { VerifiedBlocks } from './verified-blocks.ts'

it('keeps what was used last within its bytes', () => {
  const blocks = new VerifiedBlocks({ maxBytes: 10_000 })
  const [a, b, c] = ['a', 'b', 'c'].map((text) => {
    const bytes = new Uint8Array(4000).fill(text.charCodeAt(0))
    return { bytes, multihash: sha256Multihash([bytes]) }
  })
  if (!a || !b || !c) throw new Error('three were made')
  blocks.keep(a.multihash, a.bytes)
  blocks.keep(b.multihash, b.bytes)
  expect(blocks.get(a.multihash)).toBe(a.bytes)
  blocks.keep(c.multihash, c.bytes)
  expect(blocks.get(b.multihash)).toBeUndefined()
  expect(blocks.get(a.multihash)).toBe(a.bytes)
  expect(blocks.sizeBytes).toBeLessThanOrEqual(10_000)
  blocks.keep(b.multihash, new Uint8Array(10_001))
  expect(blocks.get(b.multihash)).toBeUndefined()
})

it('knows blocks that lie beyond the end of a pack', () => {
  const blocks = new VerifiedBlocks()
  const block = { multihash: sha256Multihash([]), pack_id: 3, offset: 100, length: 50 }
  blocks.markShort(3, 149)
  expect(blocks.isDamaged(block)).toBe(true)
  expect(blocks.isDamaged({ ...block, length: 49 })).toBe(false)
  expect(blocks.isDamaged({ ...block, pack_id: 4 })).toBe(false)
})
