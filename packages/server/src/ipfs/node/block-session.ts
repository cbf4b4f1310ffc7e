import { type Cid, formatCid } from '../cid.ts'
import { multihashKey } from '../multihash-key.ts'
import type { Exchange, ExchangeSession } from './exchange.ts'
import { knownBlock } from './known-block.ts'
import { type BlockFetch, NoSource, type Tried } from './node.ts'
import { type SessionTimes, usualTimes } from './session-times.ts'
import type { Source } from './source.ts'
import { TriedSources } from './tried-sources.ts'
import { Want, type WantCaller } from './want.ts'

/** Peers beside the preferred ones that are asked at once whether they have a block. */
const maxAskedAtOnce = 64

/**
 * Asks the sources of one fetch for blocks. Preferred ones (origins, who gave before, providers found) are asked for
 * the block itself, the least busy first; when none is left all connected peers are asked whether they have it, and
 * then the gateways.
 */
export class BlockSession implements BlockFetch, ExchangeSession {
  readonly #exchange: Exchange
  readonly #signal: AbortSignal
  readonly #times: SessionTimes
  readonly #gateways: readonly Source[]
  readonly #wants = new Map<string, Want>()
  readonly #preferred = new Set<Source>()
  /** Those of them that came by `prefer`. */
  readonly #named = new Set<Source>()
  readonly #endListeners: (() => void)[] = []
  readonly #tried = new TriedSources()
  readonly #openedAt = performance.now()
  /** Wants whose sources are all busy, first come first. */
  #queue: Want[] = []
  readonly #needListeners: (() => void)[] = []
  #searches = 0
  #isOpen = true
  readonly #onAbort = () => this.#end(this.#signal.reason)

  constructor({
    exchange,
    signal,
    gateways = [],
    times = usualTimes,
  }: {
    exchange: Exchange
    signal: AbortSignal
    gateways?: readonly Source[]
    times?: SessionTimes
  }) {
    this.#exchange = exchange
    this.#signal = signal
    this.#times = times
    this.#gateways = gateways
    exchange.addSession(this)
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  get tried(): readonly Tried[] {
    return this.#tried.list()
  }

  /** Whether somebody waits for a block. */
  get isWaiting(): boolean {
    return this.#wants.size > 0
  }

  get isOpen(): boolean {
    return this.#isOpen && !this.#signal.aborted
  }

  async get(cid: Cid, signal?: AbortSignal): Promise<Uint8Array> {
    this.#signal.throwIfAborted()
    signal?.throwIfAborted()
    if (!this.#isOpen) throw new NoSource('The fetch is closed')
    const known = knownBlock(cid)
    if (known !== undefined) return known
    const key = multihashKey(cid.multihash)
    const waiting = this.#wants.get(key)
    const want = waiting ?? this.#newWant(cid, key)
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const done = () => signal?.removeEventListener('abort', onAbort)
    const caller: WantCaller = {
      resolve: (bytes) => (done(), resolve(bytes)),
      reject: (error) => (done(), reject(error)),
    }
    const onAbort = () => {
      want.callers.delete(caller)
      if (want.callers.size === 0) this.#drop(want)
      caller.reject(signal?.reason)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    want.callers.add(caller)
    if (waiting === undefined) this.#schedule(want)
    return promise
  }

  /** Asks this source before others from now on. False when it did already, or the fetch is over. */
  prefer(source: Source): boolean {
    if (!this.isOpen || this.#named.has(source)) return false
    this.#named.add(source)
    this.#preferred.add(source)
    this.useRoom(source)
    this.wakeAll()
    return true
  }

  /** Has `listener` called once when the fetch is over. */
  onEnd(listener: () => void): void {
    this.#endListeners.push(listener)
  }

  /** Has `listener` called when there is nobody to ask for a block. */
  onNeed(listener: () => void): void {
    this.#needListeners.push(listener)
  }

  /** While `search` runs, new sources may come of it, so nobody is told that there are none. */
  async searching(search: () => Promise<void>): Promise<void> {
    this.#searches++
    try {
      await search()
    } finally {
      this.#searches--
      this.wakeAll()
    }
  }

  tell(source: string, outcome: Tried['outcome'], detail?: string): void {
    this.#tried.tell(source, outcome, detail)
  }

  /** Looks again who could be asked for what is not on its way. */
  wakeAll(): void {
    for (const want of this.#wants.values()) if (!want.isQueued) this.#schedule(want)
  }

  isAsking(source: Source, key: string): boolean {
    return this.#wants.get(key)?.asked.has(source) === true
  }

  deliver(source: Source, key: string, bytes: Uint8Array): boolean {
    const want = this.#wants.get(key)
    if (want === undefined) return false
    this.#tried.tellGave(source.name)
    this.#preferred.add(source)
    this.#drop(want, source)
    want.resolve(bytes)
    return true
  }

  hear(source: Source, key: string, isThere: boolean): void {
    const want = this.#wants.get(key)
    if (want === undefined) return
    const asked = want.asked.get(source)
    if (isThere) {
      // A HAVE while the block itself was asked for says nothing new.
      if (asked?.kind === 'block') return
      want.asked.delete(source)
      want.offers.add(source)
    } else {
      if (asked === undefined) return
      want.lacks(source)
      this.#tried.tell(source.name, 'has-not')
    }
    this.#schedule(want)
  }

  forget(source: Source): void {
    this.#preferred.delete(source)
    this.#named.delete(source)
    for (const want of this.#wants.values()) if (want.forget(source) && !want.isQueued) this.#schedule(want)
    // Who waited for room of this one alone has to look for another.
    const queued = this.#queue
    this.#queue = []
    for (const want of queued) {
      want.isQueued = false
      if (this.#wants.get(want.key) === want) this.#schedule(want)
    }
  }

  /** Asks it for blocks that wait for room. False when there were none for it. */
  useRoom(source: Source): boolean {
    if (this.#queue.length === 0) return false
    const isOurs = this.#preferred.has(source) || this.#gateways.includes(source)
    let room = source.room()
    let isUsed = false
    const rest: Want[] = []
    for (const [index, want] of this.#queue.entries()) {
      if (room <= 0) {
        for (const left of this.#queue.slice(index)) rest.push(left)
        break
      }
      if (this.#wants.get(want.key) !== want) continue
      if (want.lacking.has(source) || !(isOurs || want.offers.has(source))) {
        rest.push(want)
        continue
      }
      want.isQueued = false
      want.ask(source, 'block')
      isUsed = true
      room--
    }
    this.#queue = rest
    return isUsed
  }

  checkStalls(now: number): void {
    for (const want of this.#wants.values()) {
      let isChanged = false
      for (const [source, { kind, at }] of want.asked) {
        if (now - Math.max(at, kind === 'block' ? source.lastActiveAt : 0) < this.#times.stallMs) continue
        want.lacks(source)
        if (!this.#exchange.isAsked(source, want.key)) source.cancel(want.cid, want.key)
        this.#tried.tell(source.name, 'unreachable', 'it did not answer in time')
        isChanged = true
      }
      if (want.isQueued) continue
      const isLate = now - want.since > this.#times.gatewaysAfterMs && this.#gateways.length > 0
      if (isChanged || isLate || want.asked.size === 0) this.#schedule(want)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new NoSource('The fetch is closed'))
  }

  #newWant(cid: Cid, key: string): Want {
    const want = new Want(cid, key)
    this.#wants.set(key, want)
    return want
  }

  #schedule(want: Want): void {
    if (want.isOnItsWay) return
    if (this.#askAnyOf(want, [...this.#preferred, ...want.offers])) return
    let asked = want.asked.size
    for (const source of this.#exchange.sources) {
      if (asked >= maxAskedAtOnce) break
      if (want.asked.has(source) || want.lacking.has(source)) continue
      if (!source.tellsHaves && source.room() <= 0) continue
      want.ask(source, source.tellsHaves ? 'have' : 'block')
      asked++
    }
    const isLate = performance.now() - want.since > this.#times.gatewaysAfterMs
    if ((asked === 0 || isLate) && this.#askAnyOf(want, this.#gateways)) return
    if (asked > 0) return
    for (const listener of this.#needListeners) listener()
    if (this.#searches > 0) return
    if (performance.now() - this.#openedAt < this.#times.patienceMs) return
    this.#drop(want)
    want.reject(new NoSource(`Nobody who was asked has ${formatCid(want.cid)}`))
  }

  /** Asks the least busy of these for the block, or waits for room of one. False when none of them can have it. */
  #askAnyOf(want: Want, sources: readonly Source[]): boolean {
    let best: Source | undefined
    let bestRoom = 0
    let isAny = false
    for (const source of sources) {
      if (want.lacking.has(source)) continue
      isAny = true
      const room = source.room()
      if (room <= bestRoom) continue
      best = source
      bestRoom = room
    }
    if (best !== undefined) want.ask(best, 'block')
    else if (isAny && !want.isQueued) {
      want.isQueued = true
      this.#queue.push(want)
    }
    return isAny
  }

  /** Nobody waits for this block any more. `giver` sent it and needs not be told. */
  #drop(want: Want, giver?: Source): void {
    this.#wants.delete(want.key)
    for (const source of want.asked.keys()) {
      if (source !== giver && !this.#exchange.isAsked(source, want.key)) source.cancel(want.cid, want.key)
    }
  }

  #end(reason: unknown): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#exchange.removeSession(this)
    for (const listener of this.#endListeners) listener()
    this.#queue = []
    for (const want of this.#wants.values()) {
      this.#drop(want)
      want.reject(reason)
    }
  }
}
