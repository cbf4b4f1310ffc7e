import type { Libp2p } from '@libp2p/interface'
import { type KadDHT, type KadDHTInit, MessageType } from '@libp2p/kad-dht'
import { newestOf, readIpnsRecord, verifyIpnsRecord } from '../names/ipns-record.ts'

/** Names that are looked up at the same time; each asks some dozens of peers. Others wait for their turn. */
const maxLookups = 16
/** So many peers that gave a record are enough: Kubo asks more of them, and takes seconds longer. */
const enoughRecords = 5
/** After the first record others have so long to give a newer one. */
const settleMs = 2_000

/**
 * How records are judged that the DHT carries (https://specs.ipfs.tech/ipns/ipns-record/#record-verification). Those
 * that other peers would have kept here are refused, since nothing bounds how many there are: only `put`, which comes
 * without options, is refused so.
 */
export const recordRules = {
  validators: {
    async ipns(key, record, options) {
      if (options === undefined) throw new Error('records of others are not kept here')
      await verifyIpnsRecord(record, { multihash: key.subarray(prefix.length) }, Date.now())
    },
  },
  selectors: {
    ipns: (_key, records) => records.indexOf(newestOf(records.map((bytes) => readIpnsRecord(bytes))).bytes),
  },
} satisfies KadDHTInit

const prefix = Buffer.from('/ipns/')

/** Records of IPNS names in the DHT (https://specs.ipfs.tech/ipns/ipns-record/#routing-record). */
export class DhtRecords {
  readonly #dht: KadDHT | undefined
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor({ services }: Pick<Libp2p, 'services'>) {
    this.#dht = (services as { dht?: KadDHT }).dht // as `openLibp2p` opens it
  }

  /** Resolves with how many peers took the record. */
  async publish(multihash: Uint8Array, record: Uint8Array, signal: AbortSignal): Promise<number> {
    let took = 0
    for await (const event of this.#dht?.put(keyOf(multihash), record, { signal }) ?? [])
      if (event.name === 'PEER_RESPONSE' && event.messageType === MessageType.PUT_VALUE && event.record !== undefined)
        took++
    return took
  }

  /**
   * The newest record of a name among those that the first peers gave, each held against the name. Undefined when nobody
   * has one. Rejects when that cannot be told before `signal` is aborted.
   */
  async find(multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const dht = this.#dht
    if (dht === undefined) return undefined
    await this.#turn(signal)
    try {
      return await ask(dht, multihash, signal)
    } finally {
      this.#running--
      const [next] = this.#waiting
      next?.()
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    while (this.#running >= maxLookups) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const stop = () => resolve()
      this.#waiting.add(stop)
      signal.addEventListener('abort', stop)
      await promise
      this.#waiting.delete(stop)
      signal.removeEventListener('abort', stop)
      signal.throwIfAborted()
    }
    this.#running++
  }
}

async function ask(dht: KadDHT, multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const records: Uint8Array[] = []
  const enough = new AbortController()
  let settling: NodeJS.Timeout | undefined
  try {
    for await (const event of dht.get(keyOf(multihash), { signal: AbortSignal.any([signal, enough.signal]) })) {
      // Only records that passed the rules above come this far.
      const record = event.name === 'PEER_RESPONSE' ? event.record?.value : undefined
      if (record === undefined) continue
      records.push(record)
      settling ??= setTimeout(() => enough.abort(), settleMs)
      if (records.length >= enoughRecords) break
    }
  } catch (error) {
    // Whoever waits has the record that was found so far, rather than none.
    if (records.length === 0) throw error
  } finally {
    clearTimeout(settling)
  }
  return records.length === 0 ? undefined : newestOf(records.map((bytes) => readIpnsRecord(bytes))).bytes
}

function keyOf(multihash: Uint8Array): Uint8Array {
  return Buffer.concat([prefix, multihash])
}
