import { join } from 'node:path'
import { type Writers, joinWriters } from '../../src/blobs/writers.ts'
import { takeKernelLock } from '../../src/lib/kernel-lock.ts'
import { multihashKey } from '../../src/ipfs/multihash-key.ts'
import { type BlockWriter, openBlockWriter } from '../../src/pins/block-writer.ts'
import { publishPin } from '../../src/pins/publish-pin.ts'
import { publicBlocks } from '../../src/pins/read-blocks.ts'
import { openReclaimer } from '../../src/pins/reclaimer.ts'
import { releaseHolder } from '../../src/pins/release-pin.ts'
import { settleDeadWriters } from '../../src/pins/settle-packs.ts'
import type { LedgerPlace, OpenLedger } from './ledger.ts'
import { openLedger } from './ledger.ts'
import { modelBlocks, rootOf } from './model-blocks.ts'

/** What a process of the model is asked to do; several at once. */
export type ModelOrder =
  | { readonly do: 'open'; readonly place: LedgerPlace }
  /** Stores the blocks of an upload, without publishing it. */
  | { readonly do: 'begin'; readonly upload: string; readonly blocks: readonly number[]; readonly maxInMemory: number }
  /** Publishes it as the root of a set; left out: gives it up. */
  | { readonly do: 'end'; readonly upload: string; readonly set?: number }
  | { readonly do: 'release'; readonly pinId: string }
  | { readonly do: 'reclaim'; readonly everything: boolean; readonly liveShare?: number }
  /** Reads blocks, and throws unless all are there. */
  | { readonly do: 'check'; readonly blocks: readonly number[] }
  | { readonly do: 'settle' }
  /** How many sections lie in the packs; throws when one is none of these blocks. */
  | { readonly do: 'count'; readonly blocks: readonly number[] }
  | { readonly do: 'close' }

/** An answer to the order of that number. */
export type ModelAnswer = { readonly number: number } & (
  | { readonly value: string | number | undefined }
  | { readonly error: string; readonly code: string | undefined }
)

let opened: { ledger: OpenLedger; writers: Writers; place: LedgerPlace } | undefined
const uploads = new Map<string, BlockWriter>()

process.on('message', ({ number, order }: { number: number; order: ModelOrder }) => {
  const answer = (news: ModelAnswer) => process.send?.(news)
  obey(order).then(
    (value) => answer({ number, value }),
    (error: unknown) => {
      const words = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
      answer({ number, error: words, code })
    },
  )
})

async function obey(order: ModelOrder): Promise<string | number | undefined> {
  if (order.do === 'open') {
    const writers = joinWriters(join(order.place.dir, 'writers'))
    const ledger = await openLedger(order.place, { segmentBytes: 20_000, cacheBytes: 1, writerId: writers.id })
    opened = { ledger, writers, place: order.place }
    return undefined
  }
  if (opened === undefined) throw new Error('open first')
  const { ledger, writers, place } = opened
  switch (order.do) {
    case 'begin': {
      const writer = openBlockWriter(ledger, { accountId: 'a', maxBlocksInMemory: order.maxInMemory })
      uploads.set(order.upload, writer)
      for (const index of order.blocks) await writer.put(modelBlocks[index]!) // orders name blocks that there are
      // Has what was gathered stored now.
      await writer.get(modelBlocks[order.blocks.at(-1)!]!.multihash) // at least one
      return undefined
    }
    case 'end': {
      await using writer = uploads.get(order.upload)!
      uploads.delete(order.upload)
      if (order.set === undefined) return undefined
      const written = await writer.finish({ network: 'public' })
      const about = { sizeBytes: 1, numberOfFiles: 1, mimeType: '', createdAt: 1, newId: ledger.newId }
      const pin = { root: rootOf(order.set), network: 'public', written, ...about } as const
      return (await ledger.db.write((tx) => publishPin(tx, pin))).pinId
    }
    case 'release':
      await ledger.db.write((tx) => releaseHolder(tx, order.pinId))
      return undefined
    case 'reclaim': {
      const takeLock = () => takeKernelLock(join(place.dir, 'reclaim.lock'))
      const { liveShare = 0.8, everything } = order
      const reclaimer = openReclaimer(ledger, { minDeadBytes: 0, liveShare, writers, takeLock })
      const { packs } = await reclaimer.reclaimNow({ everything })
      await reclaimer.close()
      return packs
    }
    case 'check': {
      const shown = publicBlocks(ledger)
      for (const index of order.blocks) {
        const { multihash, bytes } = modelBlocks[index]! // orders name blocks that there are
        const read = await shown.get(multihash)
        if (read === undefined || !Buffer.from(bytes[0]!).equals(read)) throw new Error(`block ${index} is lost`) // one piece
      }
      return undefined
    }
    case 'settle':
      return settleDeadWriters(ledger, { writers, signal: new AbortController().signal }).then(() => undefined)
    case 'count': {
      const live = new Set(order.blocks.map((index) => multihashKey(modelBlocks[index]!.multihash))) // as above
      let sections = 0
      for (const { pack } of await ledger.packs.list()) {
        for await (const { cid } of ledger.packs.scan(pack)) {
          if (!live.has(multihashKey(cid.subarray(-34)))) throw new Error('a dead block was left')
          sections++
        }
      }
      return sections
    }
    case 'close':
      await ledger.close()
      writers.release()
      return undefined
  }
}
