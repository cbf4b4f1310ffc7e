import type { Tried } from './node.ts'
import type { Source } from './source.ts'

/** How often it is looked for sources that stopped answering. */
const tickMs = 1_000

/** A fetch, as far as sources have to do with it. */
export interface ExchangeSession {
  isAsking(source: Source, key: string): boolean
  /** Takes bytes that were held against the hash in `key`. False when it does not want them. */
  deliver(source: Source, key: string, bytes: Uint8Array): boolean
  hear(source: Source, key: string, isThere: boolean): void
  tell(source: string, outcome: Tried['outcome'], detail?: string): void
  /** Asks the source for what waits until one has room. False when nothing does. */
  useRoom(source: Source): boolean
  forget(source: Source): void
  wakeAll(): void
  checkStalls(now: number): void
}

/** Brings together who fetches and who has: connected peers and the fetches under way. */
export class Exchange {
  readonly sources = new Set<Source>()
  readonly #sessions = new Set<ExchangeSession>()
  #timer: NodeJS.Timeout | undefined

  /** A peer that may have blocks is connected. */
  addSource(source: Source): void {
    this.sources.add(source)
    for (const session of this.#sessions) session.wakeAll()
  }

  /** It is not there any more; what it was asked for is asked of others. */
  removeSource(source: Source): void {
    this.sources.delete(source)
    for (const session of this.#sessions) session.forget(source)
  }

  addSession(session: ExchangeSession): void {
    this.#sessions.add(session)
    this.#timer ??= setInterval(() => this.#tick(), tickMs)
  }

  removeSession(session: ExchangeSession): void {
    this.#sessions.delete(session)
    if (this.#sessions.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Whether any fetch still waits for this block from this source. */
  isAsked(source: Source, key: string): boolean {
    for (const session of this.#sessions) if (session.isAsking(source, key)) return true
    return false
  }

  /** A block came whose bytes are those its key names. False when nobody waits for it. */
  deliver(source: Source, key: string, bytes: Uint8Array): boolean {
    let isTaken = false
    for (const session of this.#sessions) if (session.deliver(source, key, bytes)) isTaken = true
    return isTaken
  }

  tellHas(source: Source, key: string): void {
    for (const session of this.#sessions) session.hear(source, key, true)
  }

  tellLacks(source: Source, key: string): void {
    for (const session of this.#sessions) session.hear(source, key, false)
  }

  /** It sent what nobody asked it for, or other bytes than it should. */
  tellLied(source: Source, detail: string): void {
    for (const session of this.#sessions) session.tell(source.name, 'lied', detail)
  }

  /** It can be asked for more. */
  tellRoom(source: Source): void {
    for (const session of this.#sessions) {
      if (!session.useRoom(source)) continue
      // Who was served goes behind the others, or one fetch would have a busy peer for itself.
      this.#sessions.delete(session)
      this.#sessions.add(session)
    }
  }

  #tick(): void {
    const now = performance.now()
    for (const session of this.#sessions) session.checkStalls(now)
  }
}
