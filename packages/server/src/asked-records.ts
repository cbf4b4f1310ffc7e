import type { FromGateway, ToGateway } from './gateway-messages.ts'
import type { IpfsNode } from './ipfs/node/node.ts'

/** Has the main process look up records of IPNS names: the node is there. */
export class AskedRecords implements Pick<IpfsNode, 'findRecord'> {
  readonly #tell: (message: FromGateway) => void
  readonly #waiting = new Map<number, (record: Uint8Array | undefined) => void>()
  #asks = 0

  constructor(tell: (message: FromGateway) => void) {
    this.#tell = tell
  }

  findRecord(multihash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const ask = ++this.#asks
    const found = Promise.withResolvers<Uint8Array | undefined>()
    this.#waiting.set(ask, found.resolve)
    // The main process gives up by itself, and what it says then finds nobody.
    signal.addEventListener('abort', () => this.found({ ask }))
    this.#tell({ kind: 'find-record', ask, multihash })
    return found.promise
  }

  found({ ask, record }: Pick<Extract<ToGateway, { kind: 'found-record' }>, 'ask' | 'record'>): void {
    this.#waiting.get(ask)?.(record)
    this.#waiting.delete(ask)
  }
}
