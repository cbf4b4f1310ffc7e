import { expect, it } from 'vitest'
import { parseCid } from './cid.ts'
import { encodePbNode } from './dag-pb.ts'
import { sha256Multihash } from './multihash.ts'
import { readPbBlock } from './pb-block.ts'

const leaf = parseCid('bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e')

it('keeps decoded blocks that are read again, and lets go of them before it holds 10 MiB', () => {
  const first = node('first', 1)
  const decoded = readPbBlock(first.multihash, first.bytes)
  expect(readPbBlock(first.multihash, first.bytes)).toBe(decoded)
  for (let i = 0; i < 10; i++) {
    // A name takes most of a MiB.
    const other = node(`${i} ${'x'.repeat(1024 * 1024)}`, 1)
    readPbBlock(other.multihash, other.bytes)
  }
  expect(readPbBlock(first.multihash, first.bytes)).not.toBe(decoded)
})

function node(name: string, tsize: number) {
  const bytes = encodePbNode({ data: new Uint8Array(), links: [{ name, tsize, cid: leaf }] })
  return { bytes, multihash: sha256Multihash([bytes]) }
}
