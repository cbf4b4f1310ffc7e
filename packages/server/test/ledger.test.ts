import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pinBlocks, publicBlocks } from '../src/pins/read-blocks.ts'
import {
  bytesOf,
  databases,
  type LedgerPlace,
  makeLedgerPlace,
  type OpenLedger,
  openLedger,
  pinBlocksOf,
  rawBlock,
  release,
} from './support/ledger.ts'

describe.each(databases)('the ledger on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  beforeEach(async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place)
  })
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })

  it('gives back the bytes of a public pin', async () => {
    const small = rawBlock('hello')
    const large = rawBlock(bytesOf('large', 200_000))
    const { pinId, isNew } = await pinBlocksOf(ledger, { root: large.cid, blocks: [small, large] })
    expect(isNew).toBe(true)
    const shown = publicBlocks(ledger)
    expect(await shown.get(small.multihash)).toEqual(Buffer.from('hello'))
    expect(await shown.sizeOf?.(large.multihash)).toBe(200_000)
    expect(await shown.get(large.multihash)).toEqual(large.bytes[0])
    const own = pinBlocks(ledger, { pinId, network: 'public' })
    expect(await own.get(small.multihash)).toEqual(Buffer.from('hello'))
  })

  it('shows no block of a private pin, and none of a pin that was released', async () => {
    const block = rawBlock('secret')
    const hidden = await pinBlocksOf(ledger, { root: block.cid, blocks: [block], network: 'private' })
    const shown = publicBlocks(ledger)
    expect(await shown.get(block.multihash)).toBeUndefined()
    expect(await pinBlocks(ledger, { pinId: hidden.pinId, network: 'private' }).get(block.multihash)).toBeDefined()
    const { pinId } = await pinBlocksOf(ledger, { root: block.cid, blocks: [block] })
    expect(await shown.get(block.multihash)).toBeDefined()
    await release(ledger, pinId)
    expect(await shown.get(block.multihash)).toBeUndefined()
  })

  it('stores a block once, whoever sends it', async () => {
    const block = rawBlock(bytesOf(1, 100_000))
    await pinBlocksOf(ledger, { root: block.cid, blocks: [block, block] })
    const [before] = await ledger.packs.list()
    await pinBlocksOf(ledger, { root: block.cid, blocks: [block], network: 'private', accountId: 'b' })
    expect(await ledger.packs.list()).toEqual([before])
  })
})
