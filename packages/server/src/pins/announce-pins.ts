import type { Db } from '../db/database.ts'
import { findDenial } from '../denials/queries.ts'
import { type Cid, formatCid, parseCid } from '../ipfs/cid.ts'
import { enqueue, type Job } from '../jobs/queue.ts'
import type { Services } from '../services.ts'
import { findPublicPin } from './queries.ts'
import { listToAnnounce, markAnnounced, postponeAnnouncement } from './announce-queries.ts'

/** The kind of the job that stops telling the network of a root; its subject is the CID. */
export const withdrawJob = 'withdraw-root'

/** Roots of one pass, and how many the network is told of at the same time. */
const sliceRoots = 64
const atOnce = 8
/** Provider records live 48 hours (https://specs.ipfs.tech/routing/kad-dht/), and are told anew well before. */
const everyMs = 12 * 3_600_000
const afterFailureMs = 600_000
const oneMs = 60_000

type AnnounceServices = Pick<Services, 'db' | 'clock' | 'node' | 'log' | 'denials'>

/**
 * Tells the network of the roots of public pins that it was not told of yet, or not for half a day, wherever they came
 * from; uploads and pins wait for nothing of it; none is told that is taken down. One that could not be told of is tried again after ten minutes.
 */
export async function announcePins(services: AnnounceServices, signal: AbortSignal): Promise<void> {
  const { db, clock } = services
  for (;;) {
    signal.throwIfAborted()
    const pins = await listToAnnounce(db.read, { now: clock.now(), limit: sliceRoots })
    if (pins.length === 0) return
    const waiting = [...pins]
    const work = async () => {
      for (let pin = waiting.pop(); pin !== undefined; pin = waiting.pop()) {
        signal.throwIfAborted()
        await announceOne(services, pin, signal)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  }
}

async function announceOne(
  { db, clock, node, log, denials }: AnnounceServices,
  { id, multihash, codec }: { id: string; multihash: Uint8Array | null; codec: number },
  signal: AbortSignal,
): Promise<void> {
  if (multihash !== null && denials.isDenied(multihash)) {
    await db.write((tx) => postponeAnnouncement(tx, { id, next: clock.now() + everyMs }))
    return
  }
  try {
    if (multihash !== null) {
      await node.announce({ version: 1, codec, multihash }, AbortSignal.any([signal, AbortSignal.timeout(oneMs)]))
    }
  } catch (error) {
    signal.throwIfAborted()
    log.warn({ pin: id, err: error }, 'the network could not be told of a pin; it will be tried again')
    await db.write((tx) => postponeAnnouncement(tx, { id, next: clock.now() + afterFailureMs }))
    return
  }
  const now = clock.now()
  await db.write((tx) => markAnnounced(tx, { id, now, next: now + everyMs }))
}

/** Has the network not be told of a root any more. Part of the write that ends its pin. */
export async function queueWithdrawal(tx: Db, root: Pick<Cid, 'multihash' | 'codec'>): Promise<void> {
  // At once, whatever the time is.
  await enqueue(tx, { kind: withdrawJob, subject: formatCid({ version: 1, ...root }) }, 0)
}

/** The job: what was pinned again meanwhile stays announced, unless it is taken down. */
export async function withdrawRoot({ db, node }: Pick<Services, 'db' | 'node'>, { subject }: Job): Promise<void> {
  const root = parseCid(subject)
  const [pin] = await findPublicPin(db.read, { multihash: root.multihash, codec: root.codec })
  // Asked of the database: this process may not know yet what another has taken down.
  if (pin === undefined || (await findDenial(db.read, root.multihash)) !== undefined) await node.withdraw(root)
}
