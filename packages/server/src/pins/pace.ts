import { setTimeout } from 'node:timers/promises'

/** Who else wants the machine. */
export interface Others {
  /** Resolves when nobody is at work, at the latest after so many milliseconds. Throws when the signal ends it. */
  quiet(withinMs: number, signal: AbortSignal): Promise<void>
}

/** Rests that are too short for a timer are put together until they are this long, in milliseconds. */
const leastRestMs = 1
/** Rest that nobody needed is kept for when somebody does, up to this many milliseconds. */
const mostKeptMs = 60
/** What a timer that came late rested too long counts for later steps, up to this many milliseconds. */
const mostAheadMs = 20

interface PaceOptions {
  /** The part of the time that is worked, above 0, at most 1; asked for after each step, so it may change. */
  readonly share: () => number
  /** The part that is worked while the share is below 1 and the others are quiet, 0.65 unless told: of those who come then the rest find no step under way. */
  readonly mostShare?: number
  /** A rest ends as soon as they are quiet, and what is left of it is kept for later; left out: nobody ends a rest. */
  readonly others?: Others | undefined
  readonly signal: AbortSignal
}

/**
 * How a long piece of work is kept small, for one that works at it: it steps aside while others are at work, and where
 * they always are it still has its share.
 */
export class Pace {
  readonly signal: AbortSignal
  readonly #share: () => number
  readonly #mostShare: number
  readonly #others: Others
  #owedMs = 0
  /** Of what is owed, what is rested even when nobody needs it. */
  #firmMs = 0

  constructor({ share, signal, mostShare = 0.65, others = restFully }: PaceOptions) {
    this.signal = signal
    this.#share = share
    this.#mostShare = mostShare
    this.#others = others
  }

  /** Whether rests are due at the moment. */
  get isShared(): boolean {
    return this.#share() < 1
  }

  /** Leaves the machine to others for a while, in proportion to the work since `startedMs`. Throws when the signal ends it. */
  async rest(startedMs: number): Promise<void> {
    this.signal.throwIfAborted()
    const share = this.#share()
    if (share >= 1) {
      this.#owedMs = 0
      this.#firmMs = 0
      return
    }
    const beganMs = performance.now()
    const workedMs = beganMs - startedMs
    const restMs = workedMs * (1 / share - 1)
    this.#owedMs = Math.min(Math.max(mostKeptMs, restMs), this.#owedMs + restMs)
    this.#firmMs = Math.min(this.#owedMs, this.#firmMs + workedMs * (1 / this.#mostShare - 1))
    if (this.#firmMs >= leastRestMs) await setTimeout(this.#firmMs, undefined, { signal: this.signal })
    const leftMs = this.#owedMs - (performance.now() - beganMs)
    if (leftMs >= leastRestMs) await this.#others.quiet(leftMs, this.signal)
    const restedMs = performance.now() - beganMs
    this.#owedMs = Math.max(-mostAheadMs, this.#owedMs - restedMs)
    this.#firmMs = Math.max(-mostAheadMs, this.#firmMs - restedMs)
  }
}

/** Nobody is known, so rests are never cut short. */
export const restFully: Others = {
  quiet: (withinMs, signal) => setTimeout(withinMs, undefined, { signal }),
}
