import type { Connection } from '@libp2p/interface'
import { maxBlockBytes } from '../../block.ts'
import type { Cid } from '../../cid.ts'
import { multihashKey } from '../../multihash-key.ts'
import { multihashOf } from '../../multihash.ts'
import type { Exchange } from '../exchange.ts'
import type { Source } from '../source.ts'
import {
  type BitswapMessage,
  maxWantsOfMessage,
  type OutgoingMessage,
  type SentBlock,
  type WantEntry,
} from './message.ts'
import { Outbox } from './outbox.ts'
import { type PublicBlocks, Servings } from './servings.ts'

/** So many bytes may be on their way from one peer, by the size of what it sent so far. */
const bytesUnderWay = 16 * 1024 * 1024
const leastUnderWay = 4
const mostUnderWay = 256
/** Blocks that were asked for and are not waited for any more: they may still come. */
const maxRecent = 4096

/** What goes on with one peer: what we asked it for, and what it asked us for. */
export class PeerLink implements Source {
  readonly name: string
  lastActiveAt = performance.now()
  readonly #exchange: Exchange
  readonly #outbox: Outbox
  readonly #servings: Servings
  readonly #punish: (detail: string) => void
  /** What it was asked for and has not answered. */
  readonly #asked = new Map<string, 'have' | 'block'>()
  readonly #recent = new Set<string>()
  /** Not sent yet. */
  readonly #entries = new Map<string, WantEntry>()
  #blocksAsked = 0
  #averageBytes = 256 * 1024

  constructor(options: {
    readonly peerId: string
    readonly exchange: Exchange
    readonly blocks: PublicBlocks
    readonly connections: () => readonly Connection[]
    /** It lied, or speaks another language. */
    readonly punish: (detail: string) => void
    readonly failed: (error: unknown) => void
  }) {
    this.name = options.peerId
    this.#exchange = options.exchange
    this.#punish = options.punish
    this.#servings = new Servings(options.blocks)
    this.#outbox = new Outbox({
      connections: options.connections,
      next: () => this.#nextMessage(),
      failed: (error) => {
        this.#giveUpAsked()
        options.failed(error)
      },
    })
  }

  get tellsHaves(): boolean {
    return !this.#outbox.isOld
  }

  room(): number {
    const fitting = Math.floor(bytesUnderWay / this.#averageBytes)
    return Math.max(leastUnderWay, Math.min(mostUnderWay, fitting)) - this.#blocksAsked
  }

  ask(cid: Cid, key: string, kind: 'have' | 'block'): void {
    const known = this.#asked.get(key)
    if (known === kind || known === 'block') return
    this.#asked.set(key, kind)
    if (kind === 'block') this.#blocksAsked++
    this.#entries.set(key, { cid, priority: 1, isCancel: false, wantsHave: kind === 'have', sendDontHave: true })
    this.#outbox.wake()
  }

  cancel(cid: Cid, key: string): void {
    if (!this.#settle(key)) return
    this.#remember(key)
    const isUnsent = this.#entries.get(key)?.isCancel === false
    if (isUnsent) this.#entries.delete(key)
    else this.#entries.set(key, { cid, priority: 1, isCancel: true, wantsHave: false, sendDontHave: false })
    this.#outbox.wake()
  }

  /** Takes what the peer says. */
  receive(message: BitswapMessage): void {
    this.lastActiveAt = performance.now()
    this.#servings.cancel(message.cancels)
    this.#servings.add(message.wants, message)
    if (!this.#servings.isEmpty) this.#outbox.wake()
    for (const block of message.blocks) if (!this.#take(block)) return
    for (const { multihash } of message.haves) this.#hear(multihashKey(multihash), true)
    for (const { multihash } of message.dontHaves) this.#hear(multihashKey(multihash), false)
    if (message.blocks.length > 0 || message.dontHaves.length > 0) this.#exchange.tellRoom(this)
  }

  close(): void {
    this.#outbox.close()
    this.#asked.clear()
    this.#blocksAsked = 0
  }

  /** Bytes count only when they are those of a block it was asked for. False when it lied. */
  #take({ hashCode, bytes }: SentBlock): boolean {
    // Nothing is hashed for who was asked for nothing.
    const isExpected = this.#asked.size + this.#recent.size > 0 && bytes.length <= maxBlockBytes
    const multihash = isExpected ? multihashOf(hashCode, bytes) : undefined
    const key = multihash === undefined ? '' : multihashKey(multihash)
    if (this.#settle(key)) {
      // It may come twice: asked for whether it is there, a small block is sent at once.
      this.#remember(key)
      this.#averageBytes += (Math.max(bytes.length, 1024) - this.#averageBytes) / 16
      this.#exchange.deliver(this, key, bytes)
      return true
    }
    if (this.#recent.delete(key)) return true
    this.#punish('it sent a block that it was not asked for, or wrong bytes for one')
    return false
  }

  #hear(key: string, isThere: boolean): void {
    const asked = this.#asked.get(key)
    if (asked === undefined) return
    if (asked === 'have' || !isThere) this.#settle(key)
    if (isThere) this.#exchange.tellHas(this, key)
    else this.#exchange.tellLacks(this, key)
  }

  #settle(key: string): boolean {
    const asked = this.#asked.get(key)
    if (asked === undefined) return false
    if (asked === 'block') this.#blocksAsked--
    this.#asked.delete(key)
    return true
  }

  #remember(key: string): void {
    this.#recent.add(key)
    if (this.#recent.size <= maxRecent) return
    for (const oldest of this.#recent) {
      this.#recent.delete(oldest)
      break
    }
  }

  /** The stream could not be opened or ended: what it was asked for did not reach it, as far as is known. */
  #giveUpAsked(): void {
    this.#entries.clear()
    for (const key of this.#asked.keys()) {
      this.#settle(key)
      this.#remember(key)
      this.#exchange.tellLacks(this, key)
    }
  }

  #nextMessage(): Promise<OutgoingMessage | undefined> | OutgoingMessage | undefined {
    if (this.#entries.size === 0) return this.#servings.isEmpty ? undefined : this.#servings.next()
    const wants: WantEntry[] = []
    for (const [key, entry] of this.#entries) {
      if (wants.length >= maxWantsOfMessage) break
      this.#entries.delete(key)
      wants.push(entry)
    }
    return { wants }
  }
}
