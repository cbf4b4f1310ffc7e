import { openDiskPacks } from '../../src/blobs/disk.ts'
import { type DatabaseConfig, openDatabase } from '../../src/db/database.ts'
import { Denials } from '../../src/denials/denials.ts'
import { openLog } from '../../src/lib/log.ts'
import { createMetrics } from '../../src/lib/metrics.ts'
import { publicBlocks } from '../../src/pins/read-blocks.ts'
import { VerifiedBlocks } from '../../src/pins/verified-blocks.ts'

/** What this process is told: where everything lies and which blocks to read, over and over. */
export interface ReadingOrder {
  readonly database: DatabaseConfig
  readonly packsDir: string
  /** Multihashes, in hex. */
  readonly blocks: readonly string[]
}

/** What it tells: after each round over all blocks, and at the end why it failed, if it did. */
export type ReadingNews = { readonly rounds: number } | { readonly failure: string }

process.once('message', (order: ReadingOrder) => void readOverAndOver(order))

async function readOverAndOver(order: ReadingOrder): Promise<void> {
  let stopped = false
  process.once('message', () => (stopped = true))
  try {
    const db = await openDatabase(order.database, { clock: { now: () => 0 }, readOnly: true })
    const packs = await openDiskPacks({ dir: order.packsDir, readOnly: true })
    const log = openLog({ level: 'silent', readable: false })
    const shown = publicBlocks({
      db,
      packs,
      // Keeps nothing, so that every read goes to the packs.
      verifiedBlocks: new VerifiedBlocks({ maxBytes: 1 }),
      metrics: createMetrics(),
      denials: new Denials({ db, log }),
      log,
    })
    for (let rounds = 1; !stopped; rounds++) {
      for (const hex of order.blocks) {
        const bytes = await shown.get(Buffer.from(hex, 'hex'))
        if (bytes === undefined) throw new Error(`block ${hex} is absent in round ${rounds}`)
      }
      tell({ rounds })
    }
    await packs.close()
    await db.close()
  } catch (error) {
    tell({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
  process.disconnect()
}

function tell(news: ReadingNews): void {
  process.send?.(news)
}
