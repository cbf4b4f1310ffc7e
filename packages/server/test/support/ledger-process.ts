import type { Cid } from '../../src/ipfs/cid.ts'
import { openLedgerMark } from '../../src/pins/ledger-mark.ts'
import { openReclaimer } from '../../src/pins/reclaimer.ts'
import { recoverPins } from '../../src/pins/recover.ts'
import { bytesOf, type LedgerPlace, openLedger, type OpenLedger, pinBlocksOf, rawBlock, release } from './ledger.ts'

/** What this process is to do until it is killed. */
export interface LedgerOrder {
  readonly place: LedgerPlace
  /** Codec of its first root; each upload has a root of its own. */
  readonly firstCodec: number
  /** Pins that it may release. */
  readonly held: readonly string[]
}

/** What it did. `releasing` is told before, everything else once it is durable. */
export type LedgerNews =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pinned'; readonly pinId: string; readonly blocks: readonly number[] }
  | { readonly kind: 'releasing' | 'released'; readonly pinId: string }
  | { readonly kind: 'failed'; readonly error: string }

/** The blocks that pins are made of, by number. Many pins share them. */
export function poolBlock(number: number) {
  return rawBlock(bytesOf(`pool ${number}`, 50 + ((number * 131) % 3000)))
}

const poolSize = 120
const clients = 4

process.once('message', (order: LedgerOrder) => {
  work(order).catch((error: unknown) => {
    tell({ kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  })
})

async function work({ place, firstCodec, held }: LedgerOrder): Promise<void> {
  const ledger = await openLedger(place, { segmentBytes: 30_000 })
  await recoverPins(ledger, { dir: place.packsDir })
  openLedgerMark(ledger, { dir: place.packsDir })
  openReclaimer(ledger, { everyMs: 10, minDeadBytes: 0, liveShare: 0.8, share: 1 })
  tell({ kind: 'ready' })
  const pins = [...held]
  let codec = firstCodec
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (;;) {
        if (pins.length < 20 || Math.random() < 0.5) pins.push(await pinSome(ledger, codec++))
        else await releaseOne(ledger, pins)
      }
    }),
  )
}

async function pinSome(ledger: OpenLedger, codec: number): Promise<string> {
  const numbers = Array.from({ length: 1 + Math.floor(Math.random() * 20) }, () => Math.floor(Math.random() * poolSize))
  const blocks = numbers.map(poolBlock)
  const root: Cid = { ...blocks[0]!.cid, codec } // at least one
  const { pinId } = await pinBlocksOf(ledger, { root, blocks, maxBlocksInMemory: 8 })
  tell({ kind: 'pinned', pinId, blocks: numbers })
  return pinId
}

async function releaseOne(ledger: OpenLedger, pins: string[]): Promise<void> {
  const [pinId] = pins.splice(Math.floor(Math.random() * pins.length), 1)
  if (pinId === undefined) return
  tell({ kind: 'releasing', pinId })
  await release(ledger, pinId)
  tell({ kind: 'released', pinId })
}

function tell(news: LedgerNews): void {
  process.send?.(news)
}
