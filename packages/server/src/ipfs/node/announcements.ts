import type { Libp2p } from '@libp2p/interface'
import { type KadDHT, MessageType } from '@libp2p/kad-dht'
import { CID } from 'multiformats/cid'
import { type Cid, cidBytes } from '../cid.ts'

/** Tells the DHT which roots are here (https://specs.ipfs.tech/routing/kad-dht/#provider-records). */
export class Announcements {
  readonly #libp2p: Libp2p

  constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p
  }

  /** Resolves when the peers nearest to it were told, without a network at once. Rejects when nobody could be. */
  async announce(root: Cid, signal: AbortSignal): Promise<void> {
    if (!this.#hasRouting()) return
    await this.#libp2p.contentRouting.provide(CID.decode(cidBytes(root)), { signal })
  }

  /** What was told runs out by itself; it is not told anew. */
  async withdraw(root: Cid): Promise<void> {
    if (!this.#hasRouting()) return
    await this.#libp2p.contentRouting.cancelReprovide(CID.decode(cidBytes(root)))
  }

  /** Resolves when a peer took the record, without a network at once. Rejects when nobody did. */
  async publishRecord(multihash: Uint8Array, record: Uint8Array, signal: AbortSignal): Promise<void> {
    const { dht } = this.#libp2p.services as { dht?: KadDHT } // as `openLibp2p` opens it
    if (dht === undefined) return
    // https://specs.ipfs.tech/ipns/ipns-record/#routing-record
    const key = Buffer.concat([Buffer.from('/ipns/'), multihash])
    let took = 0
    for await (const event of dht.put(key, record, { signal }))
      if (event.name === 'PEER_RESPONSE' && event.messageType === MessageType.PUT_VALUE && event.record !== undefined)
        took++
    if (took === 0) throw new Error('no peer took the record')
  }

  #hasRouting(): boolean {
    return 'dht' in this.#libp2p.services
  }
}
