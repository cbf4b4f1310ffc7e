import type { RunAgain } from '../jobs/attempt.ts'
import type { Job } from '../jobs/queue.ts'
import { findIpnsName } from '../ipfs/names/ipns-name.ts'
import type { Services } from '../services.ts'
import { findNameToServe, markTold } from './queries.ts'

/** Peers of the DHT keep a record for 48 hours (https://specs.ipfs.tech/ipns/ipns-record/), and are told well before. */
const everyMs = 12 * 3_600_000
const afterFailureMs = 600_000
/** Without a network, and for a disabled account: the network may be chosen, the account enabled. */
const laterMs = 600_000
const oneMs = 60_000

/**
 * The job of one name: gives its record to the network, and again twice a day as long as the name is here. One that
 * nobody took is tried again after ten minutes, and the name says why. It ends with the name.
 */
export async function tellName(
  { db, clock, node, log }: Pick<Services, 'db' | 'clock' | 'node' | 'log'>,
  { subject: id }: Job,
  signal: AbortSignal,
): Promise<RunAgain | void> {
  const row = await findNameToServe(db.read, id)
  if (row === undefined || row.record === null) return undefined
  const name = findIpnsName(row.name)
  if (name === undefined) throw new Error(`${row.name} is no IPNS name`) // made by `formatIpnsName`
  if (row.isDisabled || node.kind === 'off') return { runAt: clock.now() + laterMs }
  const told = { id, sequence: row.sequence, validUntil: row.valid_until }
  try {
    await node.publishRecord(name.multihash, row.record, AbortSignal.any([signal, AbortSignal.timeout(oneMs)]))
  } catch (error) {
    signal.throwIfAborted()
    if (node.network === 'local') return { runAt: clock.now() + laterMs }
    log.warn(
      { name: row.name, err: error },
      'the network could not be given the record of a name; it will be tried again',
    )
    const reason = 'No peer of the IPFS network took the record. It is tried again within ten minutes.'
    await db.write((tx) => markTold(tx, told, { tell_error: reason }))
    return { runAt: clock.now() + afterFailureMs }
  }
  const now = clock.now()
  // There may be nobody yet: those who come are told then.
  if (node.network === 'local') return { runAt: now + laterMs }
  await db.write((tx) => markTold(tx, told, { told_at: now, tell_error: null }))
  return { runAt: now + everyMs }
}
