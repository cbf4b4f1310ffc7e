import type { IpnsName } from './ipns-name.ts'
import { type IpnsRecord, newestOf, verifyIpnsRecord } from './ipns-record.ts'

/** Somebody to ask for a record. Undefined when they have none. */
export type AskForRecord = (signal: AbortSignal) => Promise<Uint8Array | undefined>

/** After the first valid record others have so long to give a newer one. */
const settleMs = 1_000

/**
 * Asks all of them at once for the record of a name. Resolves with the newest that is valid, soon after the first came;
 * when there is none, with one that is not valid, so that it can be said what is wrong with it; undefined when nobody
 * gave one. Whoever fails has none.
 */
export async function findNewest(
  asks: readonly AskForRecord[],
  { name, signal }: { readonly name: IpnsName; readonly signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  const valid: IpnsRecord[] = []
  let wrong: Uint8Array | undefined
  const over = new AbortController()
  const settled = Promise.withResolvers<void>()
  let settling: NodeJS.Timeout | undefined
  const all = asks.map(async (ask) => {
    const bytes = await ask(AbortSignal.any([signal, over.signal]))
    if (bytes === undefined) return
    try {
      valid.push(await verifyIpnsRecord(bytes, name, Date.now()))
      settling ??= setTimeout(settled.resolve, settleMs)
    } catch {
      wrong = bytes // what is wrong is said by whoever reads it
    }
  })
  await Promise.race([Promise.allSettled(all), settled.promise])
  clearTimeout(settling)
  over.abort()
  signal.throwIfAborted()
  return valid.length > 0 ? newestOf(valid).bytes : wrong
}
