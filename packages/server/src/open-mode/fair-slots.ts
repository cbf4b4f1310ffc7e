import { AppError } from '../lib/errors.ts'

interface Waiter {
  take(): void
  refuse(error: unknown): void
}

/** How many there are, and how many may wait for one. */
export interface SlotBounds {
  readonly slots: number
  /** Of one client. */
  readonly ofClient: number
  readonly waiting: number
  readonly waitingOfClient: number
}

/** How long whoever is refused should wait before asking again. */
const againSeconds = 10

/**
 * A bounded number of places, given to clients in turn: one that asks for very many has some of them and waits for the
 * rest behind its own, never before others. What cannot even wait is refused at once.
 */
export class FairSlots {
  readonly #bounds: SlotBounds
  readonly #taken = new Map<string, number>()
  /** Those whose turn comes first stand first. */
  readonly #waiting = new Map<string, Waiter[]>()
  #free: number
  #waiters = 0

  constructor(bounds: SlotBounds) {
    this.#bounds = bounds
    this.#free = bounds.slots
  }

  /** Places that are taken. */
  get taken(): number {
    return this.#bounds.slots - this.#free
  }

  /** Who waits for one. */
  get waiting(): number {
    return this.#waiters
  }

  /**
   * Resolves with what gives the place back. Rejects when `signal` is aborted, and with `rate_limited` when too many wait
   * already; who `isUnderWay` may wait all the same, since others hold an answer of ours half read.
   */
  async take(
    client: string,
    { signal, isUnderWay }: { signal: AbortSignal; isUnderWay: boolean },
  ): Promise<() => void> {
    signal.throwIfAborted()
    const own = this.#waiting.get(client) ?? []
    if (own.length === 0 && this.#mayTake(client)) return this.#give(client)
    if (!isUnderWay && own.length >= this.#bounds.waitingOfClient) {
      throw refused('Too much that is not here is being fetched for your address.')
    }
    if (!isUnderWay && this.#waiters >= this.#bounds.waiting) {
      throw refused('Too much that is not here is being fetched at this moment.')
    }
    const { promise, resolve, reject } = Promise.withResolvers<() => void>()
    const waiter: Waiter = { take: () => resolve(this.#give(client)), refuse: reject }
    own.push(waiter)
    this.#waiting.set(client, own)
    this.#waiters++
    const onAbort = () => {
      if (this.#leave(client, waiter)) waiter.refuse(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #mayTake(client: string): boolean {
    return this.#free > 0 && (this.#taken.get(client) ?? 0) < this.#bounds.ofClient
  }

  #give(client: string): () => void {
    this.#free--
    this.#taken.set(client, (this.#taken.get(client) ?? 0) + 1)
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      this.#free++
      const left = (this.#taken.get(client) ?? 1) - 1
      if (left > 0) this.#taken.set(client, left)
      else this.#taken.delete(client)
      this.#next()
    }
  }

  #next(): void {
    for (const [client, [waiter]] of this.#waiting) {
      if (waiter === undefined || !this.#mayTake(client)) continue
      this.#leave(client, waiter)
      // Others come before its next one.
      const rest = this.#waiting.get(client)
      if (rest !== undefined) {
        this.#waiting.delete(client)
        this.#waiting.set(client, rest)
      }
      waiter.take()
      return
    }
  }

  /** False when it waits no more. */
  #leave(client: string, waiter: Waiter): boolean {
    const own = this.#waiting.get(client) ?? []
    const at = own.indexOf(waiter)
    if (at === -1) return false
    own.splice(at, 1)
    this.#waiters--
    if (own.length === 0) this.#waiting.delete(client)
    return true
  }
}

function refused(why: string): AppError {
  return new AppError('rate_limited', `${why} Try again in ${againSeconds} seconds.`, {
    retryAfterSeconds: againSeconds,
  })
}
