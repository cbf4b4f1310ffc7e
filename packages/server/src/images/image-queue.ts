import { AppError } from '../lib/errors.ts'

interface Waiting<Slot> {
  readonly start: (slot: Slot) => void
  readonly refuse: (error: AppError) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Gives out a few slots, to those who wait in turn: one of each share after another, so that an account with many images
 * does not keep the others waiting. Who finds too many waiting, or waits too long, is refused with `unavailable`.
 */
export class ImageQueue<Slot> {
  readonly #free: Slot[]
  readonly #maxWaiting: number
  readonly #maxOfShare: number
  readonly #patienceMs: number
  /** In the order of turns; each share has at least one that waits. */
  readonly #shares = new Map<string, Waiting<Slot>[]>()
  #waiting = 0

  constructor(
    slots: readonly Slot[],
    {
      maxWaiting = 256,
      maxOfShare = 128,
      patienceMs = 20_000,
    }: { maxWaiting?: number; maxOfShare?: number; patienceMs?: number } = {},
  ) {
    this.#free = [...slots]
    this.#maxWaiting = maxWaiting
    this.#maxOfShare = maxOfShare
    this.#patienceMs = patienceMs
  }

  /** Runs `work` with a slot of its own when it is the turn of `share`. Throws `unavailable`, and why the signal ended it. */
  async run<T>(share: string, signal: AbortSignal, work: (slot: Slot) => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    const slot = this.#free.pop() ?? (await this.#turn(share, signal))
    try {
      return await work(slot)
    } finally {
      this.#release(slot)
    }
  }

  #turn(share: string, signal: AbortSignal): Promise<Slot> {
    const line = this.#shares.get(share) ?? []
    if (this.#waiting >= this.#maxWaiting || line.length >= this.#maxOfShare) throw busy()
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(waiting.timer)
        signal.removeEventListener('abort', gone)
      }
      const drop = () => {
        leave()
        this.#waiting--
        line.splice(line.indexOf(waiting), 1)
        if (line.length === 0) this.#shares.delete(share)
      }
      const gone = () => {
        drop()
        reject(signal.reason as Error) // whatever it ended with
      }
      const waiting: Waiting<Slot> = {
        start: (slot) => {
          leave()
          resolve(slot)
        },
        refuse: (error) => {
          drop()
          reject(error)
        },
        timer: setTimeout(() => waiting.refuse(busy()), this.#patienceMs).unref(),
      }
      signal.addEventListener('abort', gone, { once: true })
      line.push(waiting)
      this.#shares.set(share, line)
      this.#waiting++
    })
  }

  /** Straight to who is next, so that nobody who comes now is before them. */
  #release(slot: Slot): void {
    const [share, line] = this.#shares.entries().next().value ?? []
    const first = line?.shift()
    if (share === undefined || line === undefined || first === undefined) {
      this.#free.push(slot)
      return
    }
    this.#waiting--
    // Those behind it come after the other shares.
    this.#shares.delete(share)
    if (line.length > 0) this.#shares.set(share, line)
    first.start(slot)
  }
}

function busy(): AppError {
  return new AppError('unavailable', 'Too many images are being changed at the moment. Try again in a moment.', {
    retryAfterSeconds: 2,
  })
}
