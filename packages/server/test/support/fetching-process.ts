import { BlockMemory } from '../../src/ipfs/want-room.ts'
import { openJobs } from '../../src/jobs/jobs.ts'
import { recoverPins } from '../../src/pins/recover.ts'
import { fetchPin } from '../../src/requests/fetch-pin.ts'
import { fetchTimes } from '../../src/requests/fetch-times.ts'
import { fetchJob } from '../../src/requests/queue-fetch.ts'
import { queuedPins } from '../../src/requests/queued-pins.ts'
import { Reservations } from '../../src/usage/reservations.ts'
import { FakeNode } from './fake-node.ts'
import { type LedgerPlace, openLedger } from './ledger.ts'

/** What this process is to fetch until it is killed: everything that is queued, from a network that gives one block after another. */
export interface FetchingOrder {
  readonly place: LedgerPlace
  /** Multihashes and bytes, in base64. */
  readonly blocks: readonly (readonly [string, string])[]
  readonly pauseMs: number
}

/** Told once each block was given. */
export interface FetchingNews {
  readonly given: number
}

process.once('message', (order: FetchingOrder) => void work(order))

async function work({ place, blocks, pauseMs }: FetchingOrder): Promise<void> {
  const ledger = await openLedger(place)
  await recoverPins(ledger, { dir: place.packsDir })
  const node = new FakeNode()
  node.add(
    blocks.map(([multihash, bytes]) => ({
      multihash: Buffer.from(multihash, 'base64'),
      bytes: Buffer.from(bytes, 'base64'),
    })),
  )
  let turn = Promise.resolve()
  node.beforeGiving = () => {
    turn = turn.then(() => new Promise((resolve) => setTimeout(resolve, pauseMs)))
    return turn.then(() => void process.send?.({ given: node.numberGiven + 1 } satisfies FetchingNews))
  }
  const services = { ...ledger, node, reservations: new Reservations() }
  const options = { memory: new BlockMemory({ maxBytes: 4 * 1024 * 1024 }), times: { ...fetchTimes, saveMs: 20 } }
  const { db, clock, log } = ledger
  await openJobs({
    db,
    clock,
    log,
    handlers: {
      [fetchJob]: {
        lanes: { new: 1, newest: 1, retry: 1 },
        source: queuedPins({ deadlineMs: 86_400_000, newId: ledger.newId }),
        attempts: Infinity,
        run: (job, signal) => fetchPin(services, job, { signal, ...options }),
      },
    },
  })
}
