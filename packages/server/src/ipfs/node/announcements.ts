import type { Libp2p } from '@libp2p/interface'
import { CID } from 'multiformats/cid'
import { type Cid, cidBytes } from '../cid.ts'

/** Tells the DHT which roots are here (https://specs.ipfs.tech/routing/kad-dht/#provider-records). */
export class Announcements {
  readonly #libp2p: Libp2p

  constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p
  }

  /** Resolves when the peers nearest to it were told. Rejects when nobody could be. */
  async announce(root: Cid, signal: AbortSignal): Promise<void> {
    await this.#libp2p.contentRouting.provide(CID.decode(cidBytes(root)), { signal })
  }

  /** What was told runs out by itself; it is not told anew. */
  async withdraw(root: Cid): Promise<void> {
    await this.#libp2p.contentRouting.cancelReprovide(CID.decode(cidBytes(root)))
  }
}
