import type { Cid } from '../../src/ipfs/cid.ts'
import { formatCid } from '../../src/ipfs/cid.ts'
import { multihashKey } from '../../src/ipfs/multihash-key.ts'
import {
  type BlockFetch,
  type FetchOptions,
  type IpfsNode,
  NoSource,
  type Reachability,
  type Tried,
} from '../../src/ipfs/node/node.ts'

/** A node whose network is a map of blocks that tests fill, empty and slow down. */
export class FakeNode implements IpfsNode {
  readonly kind = 'embedded'
  readonly peerId = '12D3KooWFakeFakeFakeFakeFakeFakeFakeFakeFakeFakeFake'
  readonly #blocks = new Map<string, Uint8Array>()
  /** How often each block was given, by `multihashKey`. */
  readonly given = new Map<string, number>()
  readonly announced: string[] = []
  readonly withdrawn: string[] = []
  /** Fetches that were opened and not disposed of. */
  open = 0
  opened = 0
  /** What every fetch says of whom it asked. */
  tried: Tried[] = []
  origins: (readonly string[])[] = []
  /** What becomes of a block that nobody has: it is waited for, or there is nobody to ask. */
  nobody: 'waits' | 'no-source' = 'waits'
  /** Awaited before a block is given. */
  beforeGiving: (cid: Cid) => Promise<void> | void = () => {}

  /** Somebody has these blocks now. */
  add(blocks: Iterable<{ multihash: Uint8Array; bytes: Uint8Array }>): void {
    for (const { multihash, bytes } of blocks) this.#blocks.set(multihashKey(multihash), bytes)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** Nobody has any block any more. */
  clear(): void {
    this.#blocks.clear()
  }

  /** Blocks given, as often as they were. */
  get numberGiven(): number {
    let sum = 0
    for (const count of this.given.values()) sum += count
    return sum
  }

  readonly #waiting: (() => void)[] = []

  readonly network = 'local'

  async publishRecord(): Promise<void> {}

  async findRecord(): Promise<undefined> {}

  listens(): readonly string[] {
    return []
  }

  announces(): readonly string[] {
    return []
  }

  async reachability(): Promise<Reachability> {
    return { state: 'local', message: 'The network of this node is a map.' }
  }

  delegates(): readonly string[] {
    return [`/ip4/127.0.0.1/tcp/8401/p2p/${this.peerId}`]
  }

  openFetch({ signal, origins }: FetchOptions): BlockFetch {
    this.open++
    this.opened++
    this.origins.push(origins)
    const { tried } = this
    return {
      tried,
      get: (cid, ofCall) => this.#get(cid, ofCall === undefined ? signal : AbortSignal.any([signal, ofCall])),
      [Symbol.asyncDispose]: async () => {
        this.open--
      },
    }
  }

  async announce(root: Cid): Promise<void> {
    this.announced.push(formatCid(root))
  }

  async withdraw(root: Cid): Promise<void> {
    this.withdrawn.push(formatCid(root))
  }

  peers(): [] {
    return []
  }

  async close(): Promise<void> {}

  async #get(cid: Cid, signal: AbortSignal): Promise<Uint8Array> {
    const key = multihashKey(cid.multihash)
    for (;;) {
      signal.throwIfAborted()
      await this.beforeGiving(cid)
      const bytes = this.#blocks.get(key)
      if (bytes !== undefined) {
        this.given.set(key, (this.given.get(key) ?? 0) + 1)
        return bytes
      }
      if (this.nobody === 'no-source') throw new NoSource(`Nobody has ${formatCid(cid)}`)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}
