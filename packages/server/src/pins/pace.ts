import { setTimeout } from 'node:timers/promises'

/** How a long piece of work is kept small. */
export interface Pace {
  /** The part of the time that is worked, above 0, at most 1; asked for after each step, so it may change. */
  readonly share: number
  readonly signal: AbortSignal
}

/** Leaves the machine to others for a while, in proportion to the work since `started`. */
export async function rest({ share, signal }: Pace, started: number): Promise<void> {
  signal.throwIfAborted()
  const restMs = (performance.now() - started) * (1 / share - 1)
  if (restMs >= 1) await setTimeout(restMs, undefined, { signal })
}
