/** How long the parts of a fetch may take, in milliseconds. */
export interface FetchTimes {
  /** How long an attempt looks for somebody who has a block, by its number: short at first, so that others get their turn. */
  readonly searchMs: readonly number[]
  /**
   * An attempt that brings nothing keeps its slot for so long at least. Where it is known at once that nobody has it, the
   * attempts of a long queue would otherwise leave others hardly any time.
   */
  readonly leastMs: number
  /** The same where there was nobody to ask at all: the node is off, and no gateway is named or HTTP address that may be dialled. */
  readonly unaskedMs: number
  /** An attempt that got blocks ends when none came for so long. */
  readonly idleMs: number
  /** How long an attempt may go on before others have their turn; what it fetched is kept. */
  readonly sliceMs: number
  /** The same for the newest pin, which has come before its turn. */
  readonly newestSliceMs: number
  /** How often it writes down how far it is, and looks whether it is still wanted. */
  readonly noteMs: number
  /** The least time between two savings of what was fetched. */
  readonly saveMs: number
}

/** What holds unless a test says otherwise. */
export const fetchTimes: FetchTimes = {
  searchMs: [5_000, 15_000, 30_000],
  leastMs: 250,
  unaskedMs: 1_000,
  idleMs: 120_000,
  sliceMs: 600_000,
  newestSliceMs: 20_000,
  noteMs: 1_000,
  saveMs: 250,
}

const firstPauseMs = 5_000
const longestPauseMs = 1_800_000

/**
 * How long to wait after the given number of attempts in a row that brought nothing: from seconds to half an hour,
 * doubling. `share` (0 to 1) takes up to a quarter off, so that many do not come back at the same moment.
 */
export function pauseMs(attempts: number, share: number): number {
  const full = Math.min(firstPauseMs * 2 ** Math.max(0, attempts - 1), longestPauseMs)
  return Math.round(full * (1 - share / 4))
}
