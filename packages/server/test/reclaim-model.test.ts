import { afterEach, describe, expect, it } from 'vitest'
import type { Cid } from '../src/ipfs/cid.ts'
import { multihashKey } from '../src/ipfs/multihash-key.ts'
import { publishPin } from '../src/pins/publish-pin.ts'
import { type BlockWriter, openBlockWriter } from '../src/pins/block-writer.ts'
import { publicBlocks } from '../src/pins/read-blocks.ts'
import { openReclaimer } from '../src/pins/reclaimer.ts'
import { releaseHolder } from '../src/pins/release-pin.ts'
import { databases, type LedgerPlace, openLedger, type OpenLedger } from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'
import { blocksOfSet, modelBlocks, numbersFrom, rootOf } from './support/model-blocks.ts'

const steps = { sqlite: 5000, postgres: 5000 }
const blocks = modelBlocks

describe.each(databases)('reclaim beside uploads and releases on %s', (kind) => {
  let place: LedgerPlace & { remove(): Promise<void> }
  let ledger: OpenLedger
  afterEach(async () => {
    await ledger.close()
    await place.remove()
  })

  it('never loses a live block, and leaves exactly the live bytes', { timeout: 300_000 }, async () => {
    place = await makeLedgerPlace(kind)
    ledger = await openLedger(place, { segmentBytes: 20_000, cacheBytes: 1 })
    const number = numbersFrom(kind)
    const reclaimer = openReclaimer(ledger, { minDeadBytes: 0, liveShare: 0.8 })
    /** Holders by pin, and what each pin is made of. */
    const held = new Map<string, { holders: number; root: Cid; blocks: number[] }>()

    /** Uploads whose blocks are stored and not published. */
    const underWay: { writer: BlockWriter; root: Cid; blocks: number[] }[] = []

    const begin = async () => {
      const set = number(40)
      const indexes = blocksOfSet(set)
      const root = rootOf(set)
      const writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: 2 + number(12) })
      for (const index of indexes) await writer.put(blocks[index]!) // indexes are below the length
      // Has what was gathered stored now.
      await writer.get(blocks[indexes.at(-1)!]!.multihash) // as above
      underWay.push({ writer, root, blocks: indexes })
    }
    const end = async () => {
      const [upload] = underWay.splice(number(Math.max(1, underWay.length)), 1)
      if (upload === undefined) return
      await using writer = upload.writer
      if (number(10) === 0) return
      const written = await writer.finish({ network: 'public' })
      const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: ledger.newId }
      const pin = { root: upload.root, network: 'public', written, ...about } as const
      const { pinId } = await ledger.db.write((tx) => publishPin(tx, pin))
      const known = held.get(pinId)
      if (known === undefined) held.set(pinId, { holders: 1, root: upload.root, blocks: upload.blocks })
      else known.holders++
    }
    const release = async () => {
      const [pinId, pin] = [...held][number(Math.max(1, held.size))] ?? []
      if (pinId === undefined || pin === undefined) return
      if (--pin.holders === 0) held.delete(pinId)
      await ledger.db.write((tx) => releaseHolder(tx, pinId))
    }
    const liveBlocks = () => new Set([...held.values()].flatMap((pin) => pin.blocks))
    const expectAllLive = async () => {
      const shown = publicBlocks(ledger)
      for (const index of liveBlocks()) {
        const { multihash, bytes } = blocks[index]! // indexes are below the length
        expect(await shown.get(multihash)).toEqual(Buffer.from(bytes[0]!)) // blocks of one piece
      }
    }

    let reclaims: Promise<unknown> = Promise.resolve()
    for (let step = 0; step < steps[kind]; step += 8) {
      // Several at once, so that they interleave.
      const one = () => {
        const dice = number(100)
        if (dice < 36 && underWay.length < 30) return begin()
        return dice < 70 ? end() : release()
      }
      await Promise.all(Array.from({ length: 8 }, one))
      if (step % 40 === 0) reclaims = reclaims.then(() => reclaimer.reclaimNow({ everything: number(4) === 0 }))
      if (step % 400 === 0) await expectAllLive()
    }
    while (underWay.length > 0) await end()
    await reclaims
    await expectAllLive()
    await reclaimer.close()

    const thorough = openReclaimer(ledger, { minDeadBytes: 0, liveShare: 1 })
    await thorough.reclaimNow({ everything: true })
    await thorough.close()
    await expectAllLive()
    const live = new Set([...liveBlocks()].map((index) => multihashKey(blocks[index]!.multihash))) // as above
    const rows = await ledger.db.read.selectFrom('blocks').select(['multihash', 'length']).execute()
    expect(new Set(rows.map(({ multihash }) => multihashKey(multihash)))).toEqual(live)
    let found = 0
    for (const { pack } of await ledger.packs.list()) {
      for await (const { cid } of ledger.packs.scan(pack)) {
        found++
        expect(live.has(multihashKey(cid.subarray(-34)))).toBe(true)
      }
    }
    expect(found).toBe(live.size)
    expect((await ledger.metrics.damagedBlocks.get()).values).toMatchObject([{ value: 0 }])
  })
})
