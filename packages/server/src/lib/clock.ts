/** Where the time comes from; tests move it. */
export interface Clock {
  /** Milliseconds since 1970 (UTC). */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }
