import type { Cid } from '../cid.ts'
import type { Source } from './source.ts'

/** Who waits for a block. */
export interface WantCaller {
  resolve(bytes: Uint8Array): void
  reject(error: unknown): void
}

/** A block that a fetch waits for: who waits, who was asked for it, and what they said. */
export class Want {
  readonly cid: Cid
  readonly key: string
  readonly since = performance.now()
  readonly callers = new Set<WantCaller>()
  /** Who was asked and has not answered, and since when. */
  readonly asked = new Map<Source, { kind: 'have' | 'block'; at: number }>()
  /** Who said that it is there. */
  readonly offers = new Set<Source>()
  /** Who said that it is not, or did not answer in time. */
  readonly lacking = new Set<Source>()
  /** Whether it waits for room of a source that is busy. */
  isQueued = false

  constructor(cid: Cid, key: string) {
    this.cid = cid
    this.key = key
  }

  /** Whether the block itself, and not only whether it is there, was asked for. */
  get isOnItsWay(): boolean {
    for (const { kind } of this.asked.values()) if (kind === 'block') return true
    return false
  }

  /** Asks the source for the block, or whether it has it. */
  ask(source: Source, kind: 'have' | 'block'): void {
    this.asked.set(source, { kind, at: performance.now() })
    source.ask(this.cid, this.key, kind)
  }

  /** The source does not have it, or does not say so in time. */
  lacks(source: Source): void {
    this.asked.delete(source)
    this.offers.delete(source)
    this.lacking.add(source)
  }

  /** The source is gone. Whether anything was hoped of it. */
  forget(source: Source): boolean {
    const wasAsked = this.asked.delete(source)
    const didOffer = this.offers.delete(source)
    this.lacking.delete(source)
    return wasAsked || didOffer
  }

  resolve(bytes: Uint8Array): void {
    for (const caller of this.callers) caller.resolve(bytes)
  }

  reject(error: unknown): void {
    for (const caller of this.callers) caller.reject(error)
  }
}
